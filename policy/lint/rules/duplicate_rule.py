"""Rule ``duplicate-rule``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_item
from policy.lint.views.permissions import Row, effective, effective_of, rows

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine.rules import Rule as EngineRule
    from policy.lint.context import Context


class DuplicateRule(Rule):
    r"""A rule that stands there twice.

    ## What it checks

    Rows of `Permissions` and `ExtraPermissions` whose method and pattern are those of an earlier effective rule, letter by
    letter; for `ExtraPermissions` the built-in rules are earlier ones.

    ## Why it matters

    The first match decides, so the later rule never applies.
    If it names other permissions, somebody believes that they count.

    ## Example

    ```jsonc orthanc.jsonc line=7
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/statistics$", "all|view"],
          ["get", "^/statistics$", "all|view|settings"]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=7 severity=info persona=pedantic
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/statistics$", "all|view"],
          ["GET", "^/statistics$", "view|all"]
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
          ["get", "^/statistics$", "all|view|settings"],
          ["post", "^/statistics$", "all|view|settings"]
        ]
      }
    }
    ```

    ## Exceptions

    Rules that cover each other with different patterns are the business of other rules.
    """

    code: ClassVar[str] = "RUL009"
    name: ClassVar[str] = "duplicate-rule"
    title: ClassVar[str] = "Rule that stands there twice"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:561", "nist:AC-3")
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        first: dict[tuple[str, str], EngineRule] = {}
        for rule in effective(server, context):
            first.setdefault((rule.method, rule.pattern), rule)
        for row in rows(server):
            own = effective_of(row, context)
            earlier = [first[rule.method, rule.pattern] for rule in own]
            if own and all(before.index < rule.index for before, rule in zip(earlier, own, strict=True)):
                yield self._row(row, earlier[0])

    def _row(self, row: Row, earlier: EngineRule) -> Finding:
        where = earlier.location
        named = f"in line {where.start.line}" if where is not None else "of the built-in list"
        if where is not None and where.source is not row.location.source:
            named = f"at {where}"
        names = frozenset(row.names)
        if names == earlier.permissions:
            then = "this one has no effect"
        else:
            asked = "|".join(sorted(earlier.permissions)) or "no permission"
            then = f"{row.asked or 'no permission'} is never asked for, but {asked}"
        return self.finding(
            row.location,
            f"Method and pattern are those of the rule {named}, which decides first: {then}.",
            "Remove it." if names == earlier.permissions else "Put the permissions that are meant into the first one.",
            severity=Severity.INFO if names == earlier.permissions else Severity.WARNING,
            persona=Persona.PEDANTIC if names == earlier.permissions else Persona.REGULAR,
            related=[Related(where, "the one that counts")] if where is not None else [],
            fix=remove_item(row.setting, "Remove the second rule", safe=True),
            facts={"subject": str(row), "same": names == earlier.permissions},
        )
