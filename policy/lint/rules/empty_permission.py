"""Rule ``empty-permission``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.labels import EVERY
from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.auth import ASKS_FOR_NOBODY
from policy.lint.views.opened import Reached, reached, served
from policy.lint.views.permissions import Row, effective_of, rows
from policy.lint.views.policies import usable_policy

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.knowledge.routes import Route
    from policy.lint.context import Context


class EmptyPermission(Rule):
    r"""A rule that asks for no permission.

    ## What it checks

    Rules of one's own whose third element is empty or `null`: everybody holds an empty set of permissions.
    What such a rule opens is tried on all known routes, with the policy of this version and these files.
    Rules with nothing but bars are the contrary and reported as well: they ask for a permission whose name is empty.

    ## Why it matters

    Whoever reaches the rule passes, with or without a login.
    Up to plugin 0.9.4 not even labels are compared for requests without a token; from 0.10.0 they are.

    ## Example

    ```jsonc orthanc.jsonc line=6 plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/studies/(.*)$", null]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=6 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/statistics$", "|"]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=6 severity=info persona=auditor
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/status$", ""]
        ]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/status$", "all|view"]
        ]
      }
    }
    ```

    ## Exceptions

    The rules for decoding tokens and for looking up identifiers are open in the built-in list too:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/auth/tokens/decode$", ""],
          ["post", "^/tools/lookup$", ""]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RUL003"
    name: ClassVar[str] = "empty-permission"
    title: ClassVar[str] = "Rule that asks for no permission"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:862", "nist:AC-14", "hipaa:164.312(a)(1)")
    fixable: ClassVar[str] = "which permission is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for row in rows(server):
            if not row.complete:
                continue
            if not row.asked:
                yield from self._open(row, context)
            elif not row.asked.strip("|"):
                yield self.finding(
                    row.place(2),
                    f'"{row.asked}" asks for a permission whose name is empty, which nobody holds: everybody is refused '
                    f"{row}.",
                    'Name a permission; the empty text "" is what lets everybody pass.',
                    severity=Severity.WARNING,
                    facts={"subject": str(row), "kind": "closed"},
                )

    def _open(self, row: Row, context: Context) -> Iterator[Finding]:
        if _is_default(row):
            return
        policy = usable_policy(row.server, context)
        own = effective_of(row, context)
        if policy is None or not own:
            return
        matched = [route for route in served(row.server) if route.method == row.method.upper() and _hits(own, route)]
        open_to_all = [
            found
            for found in reached(policy, matched, None, row.server, sees_all=_sees_all(row.server, context))
            if found.certain and policy.decide(f"{found.route.method} {found.target}").rule in own
        ]
        patients = [found for found in open_to_all if found.route.reaches_patient_data]
        if patients:
            yield self._patients(row, patients)
        elif any(route.reaches_patient_data for route in matched):
            yield self._labels(row, matched)
        else:
            yield self.finding(
                row.place(2),
                f"{row} asks for no permission: everybody passes, with or without a login{_unless_labels(row.server)}.",
                "Name a permission, unless this is meant.",
                severity=Severity.INFO,
                confidence=Confidence.LIKELY,
                persona=Persona.AUDITOR,
                facts={"subject": str(row), "kind": "other", "routes": len(matched)},
            )

    def _patients(self, row: Row, found: list[Reached]) -> Finding:
        first = found[0]
        more = f" and {len(found) - 1} more known routes" if len(found) > 1 else ""
        written = "null" if row.asked == "" and _kind(row) == "null" else "an empty text"
        return self.finding(
            row.place(2),
            f"{written[0].upper()}{written[1:]} asks for no permission: anybody, without a login, reaches {first}{more} "
            "with patients' data.",
            "Name a permission.",
            confidence=Confidence.PROVED,
            witness=Witness(first.route.method, first.target, "anybody without a token", "permit"),
            facts={"subject": str(row), "kind": "patients", "routes": tuple(map(str, found))},
        )

    def _labels(self, row: Row, matched: list[Route]) -> Finding:
        """No stranger passes, because of labels; every signed-in user does as far as labels go."""
        return self.finding(
            row.place(2),
            f"{row} asks for no permission: every signed-in user passes as far as labels allow it, also one whose roles "
            "give no permission at all.",
            "Name a permission.",
            severity=Severity.WARNING,
            facts={"subject": str(row), "kind": "labels", "routes": len(matched)},
        )


def _hits(own: tuple[object, ...], route: Route) -> bool:
    path = route.witness.partition("?")[0]
    return any(rule.compiled.matches(path) for rule in own)  # type: ignore[attr-defined]


def _sees_all(server: OrthancServer, context: Context) -> bool:
    """Whether the profile of visitors has every label, where the plugin asks for it."""
    service = server.auth_service
    asks = server.plugin.version >= ASKS_FOR_NOBODY
    return asks and service is not None and EVERY in context.anonymous(service).labels


def _kind(row: Row) -> str:
    cell = row.cell(2)
    return cell.kind if cell is not None else ""


def _is_default(row: Row) -> bool:
    """Whether the built-in list of some release has this very rule."""
    from policy.knowledge import plugin

    return any(
        rule.method == row.method and rule.pattern == row.pattern and not rule.permissions
        for release in plugin.releases()
        for rule in release.default_rules
    )


def _unless_labels(server: OrthancServer) -> str:
    return " as far as labels allow it" if server.plugin.version >= ASKS_FOR_NOBODY else ""
