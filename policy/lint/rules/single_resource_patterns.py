"""Rule ``single-resource-patterns``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.meaning import ALIAS, Fault, diagnosis
from policy.lint.views.own_rules import own_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.own_rules import Own


class SingleResourcePatterns(Rule):
    r"""SINGLE_RESOURCE_PATTERNS where it is not replaced.

    ## What it checks

    From 0.7.0 on the plugin replaces a rule whose whole second element is `SINGLE_RESOURCE_PATTERNS` by one rule for each
    pattern with which it recognises a single patient, study, series or instance.
    Reported are other spellings, anchors or more around it, and the word itself for an older plugin.

    ## Why it matters

    Not replaced it is an expression like any other, and no path matches it: nobody may open a study.

    ## Example

    ```jsonc orthanc.jsonc line=5,6 plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^SINGLE_RESOURCE_PATTERNS$", "all|view"],
          ["delete", "SINGLE_RESOURCE_PATTERN", "all|delete"],
          ["get", "^/system$", "all|view"]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5 plugin=0.6.2
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies",
        "Permissions": [
          ["get", "SINGLE_RESOURCE_PATTERNS", "all|view"]
        ]
      },
      "AuthenticationEnabled": false
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies",
        "Permissions": [
          ["get", "SINGLE_RESOURCE_PATTERNS", "all|view"],
          ["delete", "SINGLE_RESOURCE_PATTERNS", "all|delete"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE011"
    name: ClassVar[str] = "single-resource-patterns"
    title: ClassVar[str] = "SINGLE_RESOURCE_PATTERNS that is not replaced"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:561", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            found = diagnosis(own, server, context)
            if found is not None and found.fault is Fault.ALIAS:
                yield self._one(own, server)

    def _one(self, own: Own, server: OrthancServer) -> Finding:
        from policy.knowledge.plugin import alias

        written = own.row.pattern
        if server.plugin.version < alias().since:
            text = f"Plugin {server.plugin.version} does not know {ALIAS} (it came with {alias().since}): no path matches it"
            advice, fix = f"Write the patterns out, or use plugin {alias().since} or later.", None
        else:
            text = f"The pattern {written} is not replaced: the plugin looks for {ALIAS} alone, as the whole element. No path matches it"
            advice = f"Write {ALIAS}, in a rule of its own."
            fix = replace_value(own.row.setting.items[1], ALIAS, f"Write {ALIAS}", safe=False)
        return self.finding(
            own.row.place(1),
            f"{text}, and nobody gets by {own.rule.method} what the rule was to open.",
            advice,
            fix=fix,
            facts={"subject": str(own.row)},
        )
