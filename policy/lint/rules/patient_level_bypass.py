"""Rule ``patient-level-bypass``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import coverage
from policy.lint.views.labels_past import open_levels, past_by_level
from policy.lint.views.listing import listed
from policy.lint.views.options import key_place, option, section_place
from policy.lint.views.written import roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context
    from policy.lint.views.labels_past import Past


class PatientLevelBypass(Rule):
    r"""A role limited by labels reads the patient's other studies.

    ## What it checks

    Whether a role (or the anonymous profile) without the label `*` may GET all that lies below a patient, while patients are
    not checked and studies are.
    Each request is decided as the plugin of this version decides it.

    ## Why it matters

    A path below `/patients` touches the patient only.
    At a level that is not checked no labels are compared, so the permission alone decides: `/patients/{id}/archive` gives
    the studies without the label too, while `/studies/{id}/archive` of the same studies is 403.
    This was recorded on a real server; no built-in list since 0.7.0 is free of it.

    ## Example

    ```jsonc orthanc.jsonc line=4 severity=error
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"]
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "external": {"permissions": ["view"], "authorized-labels": ["external"]}
      },
      "available-labels": []
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "UncheckedLevels": ["series", "instances", "system"],
        "TokenHttpHeaders": ["token"]
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "external": {"permissions": ["view"], "authorized-labels": ["external"]}
      },
      "available-labels": []
    }
    ```

    ## Exceptions

    Roles with the label `*` see everything anyway:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"]
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "doctor": {"permissions": ["view"], "authorized-labels": ["*"]},
        "uploader": {"permissions": ["upload"], "authorized-labels": ["external"]}
      },
      "available-labels": []
    }
    ```
    """

    code: ClassVar[str] = "RTE017"
    name: ClassVar[str] = "patient-level-bypass"
    title: ClassVar[str] = "Labels are not compared for whole patients"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "cwe:863", "nist:AC-3", "hipaa:164.502(b)")
    fixable: ClassVar[str] = "patients must be labelled too, or rules written"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        found = past_by_level(server, context)
        if covered is None or not found:
            return
        location = _place(server)
        if location is None:
            return
        level = open_levels(covered.policy)[0]
        names = list(dict.fromkeys(past.subject.name for past in found))
        first = found[0]
        checked = [one.plural for one in type(level) if one in covered.policy.levels and one.value != "system"]
        labels = listed([f"'{label}'" for label in first.subject.profile.labels], "or", most=3) or "no label"
        who = f"{first.subject.name[0].upper()}{first.subject.name[1:]}"
        others = [name for name in names if name != first.subject.name]
        also = f" So does {listed(others, most=3)}." if others else ""
        tails = list(dict.fromkeys(past.target.rpartition("/")[2] for past in found if past.subject is first.subject))
        below = f"{first} passes for {'its' if first.subject.roles else 'their'} permission alone"
        more = f", and so do {listed([f'/{tail}' for tail in tails[1:]])}" if tails[1:] else ""
        yield self.finding(
            location,
            f"{who} is limited to {labels} and gets whole patients all the same, other studies included: "
            f"{below}{more}. Labels are compared for {listed(checked)} only, not for {level.plural}.{also}",
            _advice(first, level.plural),
            related=_related(server, found),
            witness=Witness(first.known.method, first.target, first.subject.name, "permit"),
            facts={
                "subject": level.plural,
                "who": tuple(names),
                "routes": tuple(dict.fromkeys(map(str, found))),
                "level": level.value,
            },
        )


def _advice(first: Past, plural: str) -> str:
    if first.rule is not None and first.rule.origin.by == "default":
        rules = (
            f"write an own Permissions list in which /{plural} has an earlier rule of its own that only trusted "
            "permissions meet (ExtraPermissions come too late)"
        )
    else:
        rules = f"put a rule for /{plural} that only trusted permissions meet before this one"
    return f"Check {plural} too (UncheckedLevels without them) and label them, or {rules}."


def _place(server: OrthancServer) -> Location | None:
    for name in ("CheckedLevel", "UncheckedLevels"):
        entry = option(server, name)
        if entry is not None:
            return key_place(server, entry)
    return section_place(server)


def _related(server: OrthancServer, found: tuple[Past, ...]) -> Iterator[Related]:
    rules = {past.rule.index: past.rule for past in found if past.rule is not None}
    for rule in rules.values():
        if rule.location is not None:
            yield Related(rule.location, "lets it pass")
    service = server.auth_service
    if service is None:
        return
    names = {role for past in found for role in past.subject.roles}
    for rights in roles_in(service.permissions, service.version.version):
        if rights.name in names:
            yield Related(rights.location, "is limited by labels")
