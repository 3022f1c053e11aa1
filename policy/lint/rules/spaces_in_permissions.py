"""Rule ``spaces-in-permissions``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.permissions import Row, rows
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_ODD = regex(r"[\s,;]")


class SpacesInPermissions(Rule):
    r"""Blanks, commas or semicolons in the permissions of a rule.

    ## What it checks

    The third element of a rule names permissions, with bars between them and nothing else.
    The plugin splits at each bar and compares what is between exactly, blanks included.

    ## Why it matters

    `"all | view"` asks for a permission called `all` with a blank behind it, or one called `view` with a blank before it.
    Nobody can hold these: the rule refuses everybody, and a later rule does not help because the first match decides.

    ## Example

    ```jsonc orthanc.jsonc line=5,6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "all | view"],
          ["get", "^/my-plugin/two$", "all,view"]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "all| view"]
        ]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "all|view", "for all, and for view"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RUL002"
    name: ClassVar[str] = "spaces-in-permissions"
    title: ClassVar[str] = "Blanks or commas between permissions"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:863", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for row in rows(server):
            if row.complete and _ODD.search(row.asked):
                yield self._found(row)

    def _found(self, row: Row) -> Finding:
        odd = [name for name in row.names if _ODD.search(name)]
        good = [name for name in row.names if name and not _ODD.search(name)]
        meant = "|".join(part for part in re.split(r"[\s,;|]+", row.asked) if part)
        named = " or ".join(f'"{name}"' for name in odd[:3])
        then = f"only who holds {' or '.join(good)} passes" if good else f"everybody is refused {row}"
        cell = row.cell(2)
        return self.finding(
            row.place(2),
            f"The rule asks for a permission called {named}, which nobody can hold: {then}.",
            f'Write "{meant}".' if meant else "Name the permissions with bars between them.",
            severity=Severity.WARNING if good else Severity.ERROR,
            fix=replace_value(cell, meant, f'Write "{meant}"', safe=False) if cell is not None and meant else None,
            facts={"subject": str(row), "names": tuple(odd), "meant": meant},
        )
