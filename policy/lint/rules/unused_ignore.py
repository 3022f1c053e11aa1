"""Rule ``unused-ignore``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.nearby import did_you_mean
from policy.lint.rule import Rule, registry
from policy.lint.suppression import Ignore


class UnusedIgnore(Rule):
    """An ignore comment that silences nothing.

    ## What it checks

    Each `policy-lint: ignore[...]` comment names rules.
    A named rule that finds nothing on the comment's line, or on the line below a comment that stands alone, is reported.
    A name that no rule has is reported as well.

    ## Why it matters

    The comment once hid a mistake that has been mended since, or never hid anything because of a wrong name.
    Left in place it will hide the next mistake on that line.

    ## Example

    ```jsonc orthanc.jsonc line=3
    {
      "Authorization": {
        "CheckedLevel": "studies", // policy-lint: ignore[bad-level-name] old spelling
        "WebServiceRootUrl": "http://auth:8000/"
      },
      "AuthenticationEnabled": false
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "CheckedLevel": "studies",
        "WebServiceRootUrl": "http://auth:8000/"
      },
      "AuthenticationEnabled": false
    }
    ```

    ## Exceptions

    Rules that do not run, because of `--select`, `--ignore` or the persona, are not counted.
    """

    code: ClassVar[str] = "SUP001"
    name: ClassVar[str] = "unused-ignore"
    title: ClassVar[str] = "Ignore comment that silences nothing"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("cwe:561",)

    def check_ignores(self, ignores: Sequence[Ignore], running: AbstractSet[str]) -> Iterator[Finding]:
        """Comments that silenced nothing, and names in them that no rule has."""
        rules = registry()
        codes = {rule.code.lower(): rule.name for rule in rules.values()}
        for ignore in ignores:
            for name in ignore.unused:
                slug = codes.get(name, name)
                if name != "*" and slug not in rules:
                    yield self.finding(
                        ignore.location,
                        f"No rule is called {name}: this comment silences nothing.",
                        did_you_mean(name, rules) or "policy-lint rules lists the names.",
                        facts={"subject": name},
                    )
                elif name == "*" or slug in running:
                    who = "No rule finds anything" if name == "*" else f"The rule {slug} finds nothing"
                    yield self.finding(
                        ignore.location,
                        f"{who} here: the comment would hide the next mistake on this line.",
                        "Remove the comment, or the name from its list.",
                        facts={"subject": name},
                    )
