"""Rule ``pattern-too-complex``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import EVERYTHING
from policy.lint.views.own_rules import own_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_SHORT = 250
"""Paths up to this length are met in practice: identifiers and file names make them."""


class PatternTooComplex(Rule):
    r"""A pattern on which the matcher gives up.

    ## What it checks

    Patterns that match a text in so many ways that the matcher's work explodes with the length of the path.
    The path that shows it is tried on the matcher's own machine before it is reported.

    ## Why it matters

    Boost gives up after a while, and the plugin then refuses the request: rules further down are not tried.
    Until then each such request costs the server time, and anybody may send it.

    ## Example

    ```jsonc orthanc.jsonc line=6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/([a-z0-9]+)*/view$", "all|view"]
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
          ["get", "^/my-plugin/[a-z0-9]*/view$", "all|view"]
        ]
      }
    }
    ```

    ## Exceptions

    Where only a very long path does it, the pedantic persona alone is told.
    """

    code: ClassVar[str] = "RTE021"
    name: ClassVar[str] = "pattern-too-complex"
    title: ClassVar[str] = "Pattern on which the matcher gives up"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:1333")
    fixable: ClassVar[str] = "the pattern must be written anew"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            growth = own.rule.compiled.ambiguity if not own.rule.origin.alias else None
            if growth is None:
                continue
            from policy.patterns.attack import attack

            path = attack(own.rule.compiled, budget=400_000)
            if path is None or not path.startswith("/"):
                continue
            short = len(path) <= _SHORT
            named = path if len(path) <= 60 else f"{path[:40]}… ({len(path)} characters)"
            yield self.finding(
                own.row.place(1),
                f"The matcher gives up on {own} for {own.rule.method} {named}: its work grows "
                f"{'exponentially' if growth == 'exponential' else 'fast'} with the path. The request is refused to everybody, "
                "and costs the server time until then.",
                "Avoid repetitions within repetitions and neighbours that match the same text.",
                severity=Severity.WARNING if short else Severity.INFO,
                persona=Persona.REGULAR if short else Persona.PEDANTIC,
                witness=Witness(own.rule.method, path, EVERYTHING, "deny") if short else None,
                facts={"subject": str(own.row), "growth": growth, "path": path},
            )
