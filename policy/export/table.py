"""The policy as one table of plain data: what a program that is not this one needs to decide as the plugin does.

The table holds every fact of one server: rules with their patterns in RE2, unchecked paths, how resources are found in
paths, checked levels, profiles of roles, and how this version of the plugin behaves.
The Rego of :mod:`policy.export.rego` reads it as its data, the mapper beside a Cedar policy as ``routes.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from policy.engine.level import HIERARCHY, Level
from policy.engine.rules import METHODS
from policy.errors import PolicyError
from policy.export.re2 import NotExpressible, re2
from policy.knowledge import plugin
from policy.patterns import compile as compile_pattern

if TYPE_CHECKING:
    from policy.engine import Policy, Rule, UserProfile

FORMAT = 1
"""Of the table."""
_PLAIN_ROOT = re.compile(r"[A-Za-z0-9/_-]*")
_SEARCHED = (
    ("study", ("0020000D", "StudyInstanceUID")),
    ("series", ("0020000E", "SeriesInstanceUID")),
    ("instance", ("00080018", "SOPInstanceUID")),
    ("patient", ("00100020", "00100010", "PatientID")),
)
"""By level: what a DICOMweb search may call its identifier, in the order of preference."""
_FLAGS = (
    "labels",
    "last_token_decides",
    "always_parses_resources",
    "all_resources_must_be_granted",
    "nothing_checked_is_denied",
    "lists_refused_for_get_only",
    "search_exception",
    "anonymous_profile",
    "anonymous_question",
    "unknown_archive_resource_skipped",
    "search_wildcards",
    "search_arguments_ignore_case",
)
"""Of :class:`policy.engine.behaviour.Behaviour`: those that the filter asks."""


class NothingToExport(PolicyError):
    """A server without a filter, or without a service to ask, has no policy that could be exported."""


def table(policy: Policy) -> dict[str, Any]:
    """The table of a policy.

    Raises :class:`NothingToExport`, and :class:`policy.export.re2.NotExpressible` for the first rule that RE2 cannot say.
    """
    settings = policy.settings
    if settings.off is not None:
        raise NothingToExport(f"there is no policy to export: {settings.off}", help="Mend the configuration first.")
    if not settings.service_works:
        raise NothingToExport(
            "there is no policy to export: the address of the web service is empty, so that nobody has a profile",
            help="Mend the configuration first.",
        )
    own, service = policy.roles, policy.roles.behaviour if policy.roles is not None else None
    made = {
        "format": FORMAT,
        "plugin": policy.version,
        "behaviour": {name: getattr(policy.behaviour, name) for name in _FLAGS},
        "profiles": settings.profiles,
        "shares": settings.shares,
        "audit": settings.audit_logs,
        "core_authentication": settings.core.users is not None,
        "levels": [level.value for level in (*HIERARCHY, Level.SYSTEM) if level in settings.levels],
        "credentials": [{"kind": one.kind, "name": one.name} for one in policy.credentials],
        "unchecked": {
            "resources": sorted(one.path for one in policy.unchecked if one.kind == "resource"),
            "folders": sorted(one.path for one in policy.unchecked if one.kind == "folder"),
        },
        "rules": {method: [_rule(rule) for rule in policy.rules if rule.method == method] for method in METHODS},
        "resources": list(_resources(policy)),
        "lists": _lists(policy),
        "arguments": _arguments(policy),
        "anonymous": _profile(policy.profile_of(None)),
        "roles": {
            role.name: {**_profile(policy.profile_of(role.name)), "usable": not role.fails} for role in own or ()
        },
        "one_role_only": service is not None and service.one_role_only,
    }
    try:
        json.dumps(made, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NothingToExport("a name or a path in the files is no text: it has half a character in it") from None
    return made


def limits(policy: Policy) -> Iterator[str]:
    """What such a table cannot say of this policy, a sentence each: what a reader of the export must know."""
    patient = [rule for rule in policy.rules if rule.compiled.ambiguity is not None]
    if patient:
        numbers = ", ".join(str(rule.index) for rule in patient)
        yield (
            f"Boost may give up on a path that is long and made for it (rules {numbers}): the server then refuses the "
            "request (too-complex), the engine here decides it by the pattern."
        )
    yield "What the server does behind the filter (bodies of searches, narrowed answers) is left to the server."
    yield "Share tokens are not read here: whoever asks tells which levels of the resource a token opens."
    if policy.settings.audit_logs:
        yield "Accesses are not recorded here: the audit log stays with the server."
    if policy.settings.core.users is not None:
        yield "Names and passwords of the core's own users are not exported: whoever asks tells that they were checked."


def _rule(rule: Rule) -> dict[str, Any]:
    try:
        written = re2(rule.compiled)
    except NotExpressible as error:
        raise error.of_rule(rule) from None
    return {
        "index": rule.index,
        "pattern": rule.pattern,
        "starts": list(written.starts),
        "regex": written.text,
        "permissions": sorted(rule.permissions),
    }


def _resources(policy: Policy) -> Iterator[dict[str, Any]]:
    """The plugin's own patterns stand as they are, for their groups; only the root in them comes from a file."""
    for known in _patterns(policy):
        if known.level == "list":
            continue
        text = _whole(known, policy)
        row = {"name": known.name, "starts": list(re2(compile_pattern(text)).starts), "regex": text}
        if known.level in ("query", "path"):
            yield {**row, "kind": "archive" if known.name.startswith("create") else known.level}
        else:
            group = 2 if "|" in known.pattern.split(")")[0] else 1
            kind = "dicom" if known.name.startswith("dicomweb-") else "orthanc"
            yield {**row, "kind": kind, "level": known.level, "group": group}


def _arguments(policy: Policy) -> dict[str, list[str]]:
    """By level: the names of arguments that this version of the plugin understands; found by asking the engine."""
    path = policy.settings.dicom_web_root.rstrip("/") + "/studies"
    lower = policy.behaviour.search_arguments_ignore_case
    found: dict[str, list[str]] = {}
    above: dict[str, str] = {}
    for level, names in _SEARCHED:
        if level == "patient":
            above = {}
        spelled = dict.fromkeys(name for one in names for name in ((one.lower(),) if lower else (one, one.lower())))
        found[level] = [one for one in spelled if policy.resources_of(path, {**above, one: "1"}).level == level]
        above |= dict.fromkeys(found[level], "1")
    return found


def _lists(policy: Policy) -> str | None:
    return next((_whole(known, policy) for known in _patterns(policy) if known.level == "list"), None)


def _patterns(policy: Policy) -> tuple[plugin.ResourcePattern, ...]:
    return plugin.release(policy.version).resource_patterns


def _whole(known: plugin.ResourcePattern, policy: Policy) -> str:
    root = policy.settings.dicom_web_root
    if not _PLAIN_ROOT.fullmatch(root):
        raise NotExpressible(known.text(root), "signs of regular expressions in the root of DICOMweb")
    return known.text(root).replace(".*", r"[\s\S]*")


def _profile(profile: UserProfile) -> dict[str, Any]:
    return {"permissions": sorted(profile.permissions), "labels": sorted(profile.labels)}
