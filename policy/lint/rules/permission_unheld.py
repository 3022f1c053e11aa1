"""Rule ``permission-unheld``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.permissions import ADMIN, known_to_service
from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import asked_by
from policy.lint.views.permissions import Row, rows

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class PermissionUnheld(Rule):
    r"""A rule whose permissions no role holds.

    ## What it checks

    Rules of one's own that ask for known permissions, none of which any role of the given permissions.json holds, nor the
    anonymous profile.

    ## Why it matters

    The rule refuses everybody until a role gets one of its permissions.
    Some of them keep a route closed on purpose; others are leftovers.

    ## Example

    ```jsonc orthanc.jsonc line=6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "settings|modify"],
          ["get", "^/my-plugin/two$", "all|view"]
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "settings|modify"],
          ["get", "^/my-plugin/two$", "all|view"]
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"doctor-role": {"permissions": ["view", "modify"], "authorized-labels": ["*"]}}}
    ```

    ## Exceptions

    The built-in list is not looked at, nor a rule that asks for `admin-permissions` alone: `all-is-not-all` speaks of it.
    """

    code: ClassVar[str] = "RUL005"
    name: ClassVar[str] = "permission-unheld"
    title: ClassVar[str] = "Rule whose permissions no role holds"
    severity: ClassVar[Severity] = Severity.INFO
    persona: ClassVar[Persona] = Persona.PEDANTIC
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "whether role or rule is wrong is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        asked = asked_by(server, context)
        if service is None or service.permissions is None or asked is None:
            return
        subjects = context.subjects(server)
        if context.roles(service) is None:
            return
        held = {name for subject in subjects for name in subject.profile.permissions}
        known = known_to_service(asked.version)
        together: dict[frozenset[str], list[Row]] = {}
        for row in rows(server):
            names = frozenset(row.names)
            if row.complete and names and names <= known and not names & held and names != {ADMIN}:
                together.setdefault(names, []).append(row)
        for names, found in together.items():
            first = found[0]
            rest = f", nor by the {len(found) - 1} other rules that ask for the same" if len(found) > 1 else ""
            yield self.finding(
                first.place(2),
                f"No role in {service.permissions.path} holds {' or '.join(sorted(names))}: nobody passes by this rule{rest}.",
                "Give a role one of the permissions, or leave the rule if the route is to stay closed.",
                related=[Related(row.place(2), "asks for the same") for row in found[1:6]],
                facts={"subject": "|".join(sorted(names)), "rules": len(found)},
            )
