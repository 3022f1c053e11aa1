"""Rule ``pattern-not-regular``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.meaning import SEED
from policy.lint.views.own_rules import own_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class PatternNotRegular(Rule):
    r"""A pattern about which nothing can be proved.

    ## What it checks

    Constructs that take a pattern out of the regular languages: back-references, recursion, atomic groups and their kin.

    ## Why it matters

    The pattern works on the server.
    But what this tool says of it is only sampled: paths are tried, and a rule that hides another may be missed.

    ## Example

    ```jsonc orthanc.jsonc line=6 persona=pedantic severity=info
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/([a-z]+)/\\1$", "all|view"]
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
          ["get", "^/my-plugin/(?:[a-z]+)/[a-z]+$", "all|view"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE030"
    name: ClassVar[str] = "pattern-not-regular"
    title: ClassVar[str] = "Pattern about which nothing can be proved"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.SURE
    persona: ClassVar[Persona] = Persona.PEDANTIC
    tags: ClassVar[tuple[str, ...]] = ("cwe:185", "nist:SA-11")
    fixable: ClassVar[str] = "the pattern must be written anew"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            pattern = own.rule.compiled
            if pattern.analysable or not pattern.obstacles:
                continue
            first = pattern.obstacles[0]
            yield self.finding(
                own.row.place(1),
                f"{own} has {first.construct} at character {first.span.start + 1}: findings about it are sampled (seed "
                f"{SEED}), not proved.",
                "Write it with sets, choices and repetitions alone if it is to be proved.",
                facts={"subject": str(own.row), "construct": first.construct, "column": first.span.start + 1},
            )
