"""Rule ``unknown-route``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.meaning import Fault, diagnosis, replace_word
from policy.lint.views.own_rules import own_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.meaning import Diagnosis
    from policy.lint.views.own_rules import Own


class UnknownRoute(Rule):
    r"""A rule for a route that nobody knows.

    ## What it checks

    Rules that match no route of the core and of the known plugins, of any version and method.
    If another spelling of one word makes the pattern match a known route, that word is named.

    ## Why it matters

    A misspelt route is never called: the rule does nothing, and the real request is refused.

    ## Example

    ```jsonc orthanc.jsonc line=6,7
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["post", "^/transfer/send$", "all|send"],
          ["post", "^/queries/([a-f0-9-]+)/retreive$", "all|q-r-remote-modalities"]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=6 severity=info persona=pedantic
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["post", "^/surgeryflow-apply$", "all|download"]
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
          ["post", "^/transfers/send$", "all|send"],
          ["post", "^/queries/([a-f0-9-]+)/retrieve$", "all|q-r-remote-modalities"]
        ]
      }
    }
    ```

    ## Exceptions

    Plugins of one's own may register any path: where no known route is near, only the pedantic persona is told.
    """

    code: ClassVar[str] = "RTE007"
    name: ClassVar[str] = "unknown-route"
    title: ClassVar[str] = "Rule for a route that nobody knows"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.LIKELY
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "cwe:561")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            found = diagnosis(own, server, context)
            if found is not None and found.fault is Fault.NEAR:
                yield self._near(own, found)
            elif found is not None and found.fault is Fault.UNKNOWN:
                yield self.finding(
                    own.row.place(1),
                    f"{own} matches no route of Orthanc or of its known plugins: it does something only if a plugin or "
                    "script of your own serves such a path.",
                    "Check the spelling, or remove the rule if nothing serves the path.",
                    severity=Severity.INFO,
                    persona=Persona.PEDANTIC,
                    facts={"subject": str(own.row), "kind": "unknown"},
                )

    def _near(self, own: Own, found: Diagnosis) -> Finding:
        right = replace_word(own.row.pattern, found.word, found.instead)
        meant = found.known[0]
        return self.finding(
            own.row.place(1),
            f"{own} matches no known route: nothing known has {found.word} in its path. With {found.instead} it matches "
            f"{meant}.",
            f"Did you mean {found.instead}?",
            fix=replace_value(own.row.setting.items[1], right, f"Write {found.instead}", safe=False),
            facts={
                "subject": str(own.row),
                "kind": "near",
                "word": found.word,
                "instead": found.instead,
                "routes": tuple(map(str, found.known)),
            },
        )
