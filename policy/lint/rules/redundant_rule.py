"""Rule ``redundant-rule``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_item
from policy.lint.views.hiding import hiders, sentence
from policy.lint.views.own_rules import shown
from policy.lint.views.standing import hidden_rules, needless_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class RedundantRule(Rule):
    r"""A rule without which everything stays as it is.

    ## What it checks

    Rules all of whose paths are decided in the same way by other rules, earlier or later ones.
    This is computed for all paths.

    ## Why it matters

    Nothing changes, but whoever edits it later believes that it does something.

    ## Example

    ```jsonc orthanc.jsonc line=7,8 persona=pedantic
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/(studies|series)/([a-f0-9-]+)(|/.*)$", "all|view"],
          ["get", "^/studies/([a-f0-9-]+)/archive$", "view|all"],
          ["get", "^/statistics$", "all|view"],
          ["get", "^/(statistics|changes)$", "all|view"]
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
          ["get", "^/(studies|series)/([a-f0-9-]+)(|/.*)$", "all|view"],
          ["get", "^/(statistics|changes)$", "all|view"]
        ]
      }
    }
    ```

    ## Exceptions

    A rule that takes paths out of the hands of another one is needed:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/statistics$", "all|view"],
          ["get", "^/(statistics|changes)$", "all|settings"],
          ["get", "^/(.*)$", "all|view"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE003"
    name: ClassVar[str] = "redundant-rule"
    title: ClassVar[str] = "Rule that changes nothing"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.PROVED
    persona: ClassVar[Persona] = Persona.PEDANTIC
    tags: ClassVar[tuple[str, ...]] = ("cwe:561",)
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        reported: set[int] = set()
        for hidden in hidden_rules(server, context):
            reported.add(hidden.rule.index)
            if hidden.alike:
                yield self.finding(
                    hidden.own.row.location,
                    f"{sentence(hidden)}, and they ask for the same.",
                    "Remove it.",
                    confidence=Confidence.SAMPLED if hidden.sampled else Confidence.PROVED,
                    related=hiders(hidden),
                    fix=None if hidden.sampled else remove_item(hidden.own.row.setting, "Remove the rule", safe=True),
                    facts={
                        "subject": str(hidden.own.row),
                        "by": tuple(rule.pattern for rule in hidden.cover),
                        "earlier": True,
                        "sampled": hidden.sampled,
                    },
                )
        needless = needless_rules(server, context)
        going = {own.rule.index for own, _ in needless}
        for own, takers in needless:
            # What one rule hides and the other could do: only one of the two can go, and the hidden one is told of.
            if own.rule.index not in reported and all(taker.index not in reported for taker in takers):
                alone = all(taker.index not in going for taker in takers)
                names = ", ".join(shown(rule.method, rule.pattern) for rule in takers[:3])
                yield self.finding(
                    own.row.location,
                    f"Without {own} nothing changes: {names} would decide its paths, and asks for the same.",
                    "Remove it.",
                    related=[Related(rule.location, "would decide") for rule in takers if rule.location is not None],
                    fix=remove_item(own.row.setting, "Remove the rule", safe=True) if alone else None,
                    facts={"subject": str(own.row), "by": tuple(rule.pattern for rule in takers), "earlier": False},
                )
