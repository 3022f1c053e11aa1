"""Rule ``label-bypass-own-route``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import stands_in_some_list
from policy.lint.views.labels_past import limited_subjects, past_by_route
from policy.lint.views.listing import listed
from policy.lint.views.meaning import Fault, diagnosis
from policy.lint.views.own_rules import own_rules
from policy.lint.views.standing import hidden_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.labels_past import Past
    from policy.lint.views.own_rules import Own


class LabelBypassOwnRoute(Rule):
    r"""A route past the labels, opened to somebody whom labels limit.

    ## What it checks

    Rules of one's own that let a role without the label `*` call a route at which no labels are compared and that gives,
    sends or deletes patients' data.
    Rules that also stand in a built-in list are left out.

    ## Why it matters

    Labels are compared only where the path itself names a patient, study, series or instance; the body is not read.
    A user limited to a label then acts on any study whose identifier he knows, or on all of them.

    ## Example

    ```jsonc orthanc.jsonc line=7
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "ExtraPermissions": [
          ["post", "^/tools/create-archive$", "all|download"]
        ]
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "external": {"permissions": ["download"], "authorized-labels": ["external"]}
      },
      "available-labels": []
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=7 severity=info persona=auditor
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "ExtraPermissions": [
          ["post", "^/surgeryflow-apply$", "all|download"]
        ]
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "external": {"permissions": ["download"], "authorized-labels": ["external"]}
      },
      "available-labels": []
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "ExtraPermissions": [
          ["post", "^/tools/create-archive$", "admin-permissions"],
          ["post", "^/tools/lookup/?$", "all|download"]
        ]
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "external": {"permissions": ["download"], "authorized-labels": ["external"]},
        "admin": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]}
      },
      "available-labels": []
    }
    ```

    ## Exceptions

    Of routes that no table knows only auditors are told: what they do with their body is not known.
    """

    code: ClassVar[str] = "RTE018"
    name: ClassVar[str] = "label-bypass-own-route"
    title: ClassVar[str] = "Route past the labels"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "cwe:863", "nist:AC-3", "hipaa:164.502(b)")
    fixable: ClassVar[str] = "who is to have the route is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not limited_subjects(server, context):
            return
        for own in own_rules(server, context):
            if stands_in_some_list(own.row.method, own.row.pattern):
                continue
            found = past_by_route(own.rules, server, context)
            if found:
                yield self._known(own, found)
            else:
                yield from self._unknown(own, server, context)

    def _known(self, own: Own, found: tuple[Past, ...]) -> Finding:
        first = found[0]
        names = list(dict.fromkeys(past.subject.name for past in found))
        routes = list(dict.fromkeys(str(past.known) for past in found))
        more = f", {listed(routes[1:], most=3)}" if routes[1:] else ""
        return self.finding(
            own.row.location,
            f"{own} lets {listed(names, most=3)} call {first}{more}: no labels are compared there, so that the data of all "
            "patients is reached in spite of them.",
            "Ask for a permission that only users with the label * hold.",
            witness=Witness(first.known.method, first.target, first.subject.name, "permit"),
            facts={"subject": str(own.row), "who": tuple(names), "routes": tuple(routes), "known": True},
        )

    def _unknown(self, own: Own, server: OrthancServer, context: Context) -> Iterator[Finding]:
        found = diagnosis(own, server, context)
        if found is None or found.fault is not Fault.UNKNOWN:
            return
        if any(hidden.own is own for hidden in hidden_rules(server, context)):
            return  # it lets nobody pass
        able = [
            subject.name
            for subject in limited_subjects(server, context)
            if own.rule.open or own.rule.permissions & frozenset(subject.profile.permissions)
        ]
        if able:
            yield self.finding(
                own.row.location,
                f"{own} lets {listed(able, most=3)} call a route that no table knows. No labels are compared there: if its "
                "body or its arguments name a study, any study will do.",
                "Check that the plugin behind it looks at labels itself, or ask for another permission.",
                severity=Severity.INFO,
                persona=Persona.AUDITOR,
                confidence=Confidence.LIKELY,
                facts={"subject": str(own.row), "who": tuple(able), "routes": (), "known": False},
            )
