"""Rule ``shadowed-rule``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_item
from policy.lint.views.hiding import hiders, sentence, witness_of
from policy.lint.views.standing import hidden_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class ShadowedRule(Rule):
    r"""A rule that several earlier rules hide together.

    ## What it checks

    Whether each path that the pattern matches is matched by an earlier rule of the same method, which then decides.
    This is computed for all paths, not tried on some.
    Reported here are rules that no single earlier rule hides, but several together; `rule-order` reports the others.

    ## Why it matters

    The rule never applies, and those that apply in its place ask for other permissions: users have more or less than its
    author believes.

    ## Example

    ```jsonc orthanc.jsonc line=8
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/studies/([a-f0-9-]+)(|/.*)$", "all|view"],
          ["get", "^/series/([a-f0-9-]+)(|/.*)$", "all|view"],
          ["get", "^/(studies|series)/([a-f0-9-]+)/archive$", "all|download"]
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
        "Permissions": [
          ["get", "^/(studies|series)/([a-f0-9-]+)/archive$", "all|download"],
          ["get", "^/studies/([a-f0-9-]+)(|/.*)$", "all|view"],
          ["get", "^/series/([a-f0-9-]+)(|/.*)$", "all|view"]
        ]
      }
    }
    ```

    ## Exceptions

    Rules of another method hide nothing, and a rule that keeps some path of its own is not hidden:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/studies/([a-f0-9-]+)(|/.*)$", "all|view"],
          ["post", "^/series/([a-f0-9-]+)(|/.*)$", "all|modify"],
          ["get", "^/(studies|series)/([a-f0-9-]+)/archive$", "all|download"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE002"
    name: ClassVar[str] = "shadowed-rule"
    title: ClassVar[str] = "Rule that earlier rules hide together"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:561", "nist:AC-3")
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for hidden in hidden_rules(server, context):
            if hidden.alike or hidden.single:
                continue
            yield self.finding(
                hidden.own.row.location,
                f"{sentence(hidden)}.",
                "Move it before them, or remove it.",
                confidence=Confidence.SAMPLED if hidden.sampled else Confidence.PROVED,
                related=hiders(hidden),
                witness=witness_of(hidden, server, context),
                fix=None if hidden.sampled else remove_item(hidden.own.row.setting, "Remove the rule", safe=True),
                facts={
                    "subject": str(hidden.own.row),
                    "by": tuple(rule.pattern for rule in hidden.cover),
                    "sampled": hidden.sampled,
                },
            )
