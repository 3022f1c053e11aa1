"""How the releases of the plugin differ, as named flags.

There is one engine.
Where releases disagree it asks a flag of :class:`Behaviour`, and each flag says since which release it holds.
Default rules, patterns and standard configurations differ too: those are data, in :mod:`policy.knowledge.plugin`.
"""

from __future__ import annotations

from functools import cache

from policy.errors import UnknownVersion
from policy.knowledge.versions import Version
from policy.records import dataclass

OLDEST = Version.parse("0.5.0")
"""The first release with rules and profiles; older ones are not modelled."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the plugin of one release does.

    Every field but ``version`` is true from the release named beside it in ``_SINCE`` on, and only there where
    ``_UNTIL`` ends it.
    """

    version: Version

    core_authentication_allowed: bool
    """``AuthenticationEnabled`` may be on beside the filter; before, the server does not start."""
    empty_token_names_allowed: bool
    """An empty name among the tokens is accepted and never present; before, the server does not start."""
    extra_permissions: bool
    """``ExtraPermissions`` is read."""
    audit_logs: bool
    """``EnableAuditLogs`` is read."""
    audited_asynchronous_inverted: bool
    """With audit logs 0.10.x takes ``Asynchronous: false`` for asynchronous, and refuses ``true``."""
    checked_level_frees_system: bool
    """``CheckedLevel`` unchecks the level system too."""

    labels: bool
    """Profiles carry labels and the filter compares them."""
    last_token_decides: bool
    """Each credential overwrites the outcome of the one before; in 0.5.x the first with the permission decides."""
    always_parses_resources: bool
    """Labels are checked by the filter even without a validation address."""
    all_resources_must_be_granted: bool
    """Every accessed resource at a checked level must be granted to a share token; in 0.6.0 and 0.6.1 one is enough."""
    nothing_checked_is_denied: bool
    """A share token opens nothing where no accessed resource is at a checked level; in 0.5.x it opens it."""
    lists_refused_for_get_only: bool
    """Lists of resources are refused to users with labels for GET only; before, for every method."""
    search_exception: bool
    """``GET /dicom-web/studies`` passes the filter for everybody."""
    anonymous_profile: bool
    """Without a credential the service is asked for a profile, and its labels count."""
    anonymous_question: bool
    """Without a credential 0.5.x asks the service for a profile with an empty question."""

    archive_resources: bool
    """The argument ``resources`` of ``/tools/create-archive`` and its kin is understood."""
    unknown_archive_resource_skipped: bool
    """An unknown id in that argument is skipped; before, it is an error."""
    search_wildcards: bool
    """In a DICOMweb search a value with ``*`` counts as absent."""
    search_names: bool
    """DICOMweb searches know keywords beside tag numbers."""
    patient_id_number: bool
    """PatientID by number is 00100020; before, by mistake, 00100010."""
    search_arguments_lower_case_only: bool
    """0.11.1 sees only arguments in lower case, so the usual spellings are missed."""
    search_arguments_ignore_case: bool

    profile_needs_name_and_labels: bool
    """A profile without name or labels is invalid."""
    invalid_profile_is_an_error: bool
    """In 0.5.x a profile that cannot be read refuses the request."""

    overrides: bool
    """``/tools/find`` and ``/tools/labels`` are answered by the plugin."""
    overrides_need_profile_address: bool
    """... only where profiles are on."""
    count_resources: bool
    """``/tools/count-resources`` is narrowed."""
    find_levels: bool
    """``/tools/find`` minds the level; before, labels are always rewritten."""
    find_star_free_at_all_levels: bool
    """Users with the label ``*`` may search series and instances without naming a study."""
    find_parents: bool
    """``ParentStudy`` and ``ParentSeries`` are read."""
    find_share_empty: bool
    """A search without profile and without StudyInstanceUID gives an empty list; before, it is refused."""
    find_share_narrowed: bool
    """... is narrowed to the studies of the share tokens."""
    find_uid_may_be_patient_id: bool
    """A StudyInstanceUID that is also a PatientID is no obstacle."""
    answers_lose_labels: bool
    """Labels outside the profile are taken out of answers."""
    answers_lose_labels_of_instances: bool
    """... of ``/instances/{id}`` too."""
    bulk_checked: bool
    """``/tools/bulk-*`` check the labels of what they touch."""
    bulk_takes_objects: bool
    """Their elements may be objects with ``ID`` and ``Level``, and are read before the profile."""
    route_profile_retries_empty: bool
    """Routes behind the filter ask for the profile with empty values as a last resort."""
    settings_routes: bool
    """``/auth/settings/...`` exist."""


_SINCE = {
    "core_authentication_allowed": "0.9.0",
    "empty_token_names_allowed": "0.6.0",
    "extra_permissions": "0.10.0",
    "audit_logs": "0.10.0",
    "audited_asynchronous_inverted": "0.10.0",
    "checked_level_frees_system": "0.6.0",
    "labels": "0.6.0",
    "last_token_decides": "0.6.0",
    "always_parses_resources": "0.7.0",
    "all_resources_must_be_granted": "0.6.2",
    "nothing_checked_is_denied": "0.6.0",
    "lists_refused_for_get_only": "0.8.0",
    "search_exception": "0.9.2",
    "anonymous_profile": "0.10.0",
    "anonymous_question": "0.5.0",
    "archive_resources": "0.6.2",
    "unknown_archive_resource_skipped": "0.11.4",
    "search_wildcards": "0.6.1",
    "search_names": "0.5.1",
    "patient_id_number": "0.9.2",
    "search_arguments_lower_case_only": "0.11.1",
    "search_arguments_ignore_case": "0.11.2",
    "profile_needs_name_and_labels": "0.6.0",
    "invalid_profile_is_an_error": "0.5.0",
    "overrides": "0.6.0",
    "overrides_need_profile_address": "0.6.1",
    "count_resources": "0.8.2",
    "find_levels": "0.7.1",
    "find_star_free_at_all_levels": "0.7.2",
    "find_parents": "0.11.0",
    "find_share_empty": "0.9.2",
    "find_share_narrowed": "0.9.3",
    "find_uid_may_be_patient_id": "0.8.2",
    "answers_lose_labels": "0.9.0",
    "answers_lose_labels_of_instances": "0.9.0",
    "bulk_checked": "0.11.0",
    "bulk_takes_objects": "0.11.4",
    "route_profile_retries_empty": "0.10.0",
    "settings_routes": "0.8.0",
}

_UNTIL = {
    "audited_asynchronous_inverted": "0.10.3",
    "anonymous_question": "0.5.3",
    "invalid_profile_is_an_error": "0.5.3",
    "search_arguments_lower_case_only": "0.11.1",
    "answers_lose_labels_of_instances": "0.9.4",
}


@cache
def behaviour(version: str | Version) -> Behaviour:
    """What the plugin of ``version`` does; raises :class:`policy.errors.UnknownVersion` for releases before 0.5.0.

    >>> behaviour("0.9.1").search_exception, behaviour("0.9.2").search_exception
    (False, True)
    """
    asked = Version.parse(version)
    if asked < OLDEST:
        raise UnknownVersion(
            f"the Authorization plugin {asked} has neither rules nor profiles and is not modelled",
            help=f"Use a version from {OLDEST} on.",
        )

    def holds(name: str) -> bool:
        until = _UNTIL.get(name)
        return Version.parse(_SINCE[name]) <= asked and (until is None or asked <= Version.parse(until))

    return Behaviour(asked, *(holds(name) for name in Behaviour.__match_args__[1:]))
