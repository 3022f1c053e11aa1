"""Rule ``vacuous-pattern``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_item
from policy.lint.views.meaning import SEED, Fault, diagnosis
from policy.lint.views.own_rules import own_rules
from policy.lint.views.route_table import why_not_here

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.meaning import Diagnosis
    from policy.lint.views.own_rules import Own


class VacuousPattern(Rule):
    r"""A rule that no request can match.

    ## What it checks

    Whether the pattern matches any path at all: this is computed, not tried.
    Where it matches known routes only of a newer Orthanc or of plugins that are not loaded, the pedantic persona is told.

    ## Why it matters

    The rule never applies.
    Whoever wrote it believes that somebody may do something, or may not.

    ## Example

    ```jsonc orthanc.jsonc line=6,7
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/statistics$^/system$", "view"],
          ["post", "^/my-plugin/[^\\x00-\\xff]run$", "upload"]
        ]
      }
    }
    ```
    ---
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment: {ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'}
    ```
    ```json orthanc.json line=5 severity=info persona=pedantic
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["post", "^/transfers/send$", "all|send"]]
      },
      "AuthenticationEnabled": false
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["get", "^(/statistics$|/system$)", "reports"]]
      }
    }
    ```

    ## Exceptions

    Patterns that match something, if only paths of a plugin of one's own:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["post", "^^/my-plugin/run$$", "upload"]]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE001"
    name: ClassVar[str] = "vacuous-pattern"
    title: ClassVar[str] = "Rule that no request can match"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:561", "nist:AC-3")
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            found = diagnosis(own, server, context)
            if found is not None and found.fault is Fault.EMPTY:
                yield self._empty(own, found)
            elif found is not None and found.fault is Fault.NOT_HERE:
                yield self._not_here(own, found, server)

    def _empty(self, own: Own, found: Diagnosis) -> Finding:
        proof = f" (sampled with the seed {SEED}: it cannot be proved for this pattern)" if found.sampled else ""
        return self.finding(
            own.row.place(1),
            f"No path matches {own}: the rule never applies{proof}.",
            "Look for an anchor in the middle, or for a set of characters that is empty; or remove the rule.",
            confidence=Confidence.SAMPLED if found.sampled else Confidence.PROVED,
            fix=None if found.sampled else remove_item(own.row.setting, "Remove the rule", safe=True),
            facts={"subject": str(own.row), "kind": "no-path", "sampled": found.sampled},
        )

    def _not_here(self, own: Own, found: Diagnosis, server: OrthancServer) -> Finding:
        known = found.known[0]
        why = why_not_here(known.route, server) if known.route is not None else "it is not served here"
        return self.finding(
            own.row.place(1),
            f"{own} matches no known route of this server; it matches {known}, but {why}.",
            "Load the plugin, or remove the rule.",
            severity=Severity.INFO,
            persona=Persona.PEDANTIC,
            confidence=Confidence.SURE,
            facts={"subject": str(own.row), "kind": "no-route-here", "routes": tuple(map(str, found.known))},
        )
