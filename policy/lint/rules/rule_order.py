"""Rule ``rule-order``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.hiding import hiders, sentence, witness_of
from policy.lint.views.standing import hidden_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.standing import Hidden


class RuleOrder(Rule):
    r"""A broad rule before a narrow one.

    ## What it checks

    Whether one earlier rule of the same method matches each path of a later one and asks for other permissions.
    `ExtraPermissions` come after `Permissions`, or after the built-in list where there is no `Permissions`.

    ## Why it matters

    The first rule that matches decides, and the plugin looks no further when its permissions are missing.
    The later rule never applies: users keep rights that it was to take away, or lack those that it was to give.

    ## Example

    ```jsonc orthanc.jsonc line=7
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/(.*)$", "all|view"],
          ["get", "^/tools/log-level$", "all|settings"]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=6 plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/studies/([a-f0-9-]+)/archive$", "all|download"]
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
          ["get", "^/tools/log-level$", "all|settings"],
          ["get", "^/(.*)$", "all|view"]
        ]
      }
    }
    ```

    ## Exceptions

    A later rule that keeps some paths of its own is usual: the first stands for the exception, the second for the rest.
    """

    code: ClassVar[str] = "RTE004"
    name: ClassVar[str] = "rule-order"
    title: ClassVar[str] = "Broad rule before a narrow one"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:863", "nist:AC-3")
    fixable: ClassVar[str] = "which of the two is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for hidden in hidden_rules(server, context):
            if hidden.single and not hidden.alike:
                yield self.finding(
                    hidden.own.row.location,
                    f"{sentence(hidden)}.",
                    _advice(hidden),
                    confidence=Confidence.SAMPLED if hidden.sampled else Confidence.PROVED,
                    related=hiders(hidden),
                    witness=witness_of(hidden, server, context),
                    facts={
                        "subject": str(hidden.own.row),
                        "by": tuple(rule.pattern for rule in hidden.cover),
                        "built_in": hidden.cover[0].origin.by == "default",
                        "sampled": hidden.sampled,
                    },
                )


def _advice(hidden: Hidden) -> str:
    if hidden.cover[0].location is None:
        return (
            "ExtraPermissions cannot override the built-in list: write an own Permissions list with this rule before "
            "the broader one, or remove the rule."
        )
    if hidden.own.row.option == "ExtraPermissions" and hidden.cover[0].origin.path[1:2] == ("Permissions",):
        return "ExtraPermissions come after Permissions: put the rule into Permissions, before the broader one."
    return "Put narrow rules before broad ones."
