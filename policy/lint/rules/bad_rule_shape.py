"""Rule ``bad-rule-shape``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.nearby import did_you_mean
from policy.lint.rule import Rule
from policy.lint.views.inside import inside
from policy.lint.views.permissions import METHODS, Row, rows

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_ALIAS = "SINGLE_RESOURCE_PATTERNS"
_READ_AS_GET = ("head", "options", "propfind")


class BadRuleShape(Rule):
    r"""A rule that the plugin cannot read.

    ## What it checks

    Each row of `Permissions` and `ExtraPermissions` must be a list of at least three texts: method, pattern, permissions.
    The method is get, post, put or delete, in any case.
    The pattern is a regular expression in the Perl syntax of Boost, which is not that of Python, JavaScript or PCRE.

    ## Why it matters

    One wrong row stops the plugin, and Orthanc with it: nobody can work.

    ## Example

    ```jsonc orthanc.jsonc line=5,6,7,8,9
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "ExtraPermissions": [
          ["patch", "^/my-plugin/one$", "view"],
          ["get", "^/my-plugin/two$"],
          ["get", "^/my-plugin/(three$", "view"],
          ["get", "^/my-plugin/four$", ["view", "all"]],
          "get ^/my-plugin/five$ view"
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
          ["GET", "^/my-plugin/{id}$", "view", "capitals are right, and a fourth element is a comment"],
          ["get", "SINGLE_RESOURCE_PATTERNS", "view"]
        ]
      }
    }
    ```

    ## Exceptions

    A list that this configuration does not make the plugin read: without the address of profiles there are no rules.

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceTokenValidationUrl": "http://auth:8000/tokens/validate",
        "Permissions": [["patch", "^/x$", "view"]]
      }
    }
    ```
    """

    code: ClassVar[str] = "RUL001"
    name: ClassVar[str] = "bad-rule-shape"
    title: ClassVar[str] = "Rule that stops the server"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:185", "nist:CM-6")
    fixable: ClassVar[str] = "what was meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for row in rows(server):
            yield from self._row(row)

    def _row(self, row: Row) -> Iterator[Finding]:
        setting = row.setting
        if setting.kind == "missing":
            return
        if setting.kind != "array" or len(setting.items) < 3:
            count = f"it has {len(setting.items)}" if setting.kind == "array" else "this is no list"
            yield self._stop(
                row,
                0 if setting.kind == "array" and setting.items else None,
                f"a rule is a list of at least three elements, and {count}",
                'Write ["get", "^/path$", "permission|other-permission"].',
                "shape",
            )
            return
        for number, what in enumerate(("method", "pattern", "permissions")):
            cell = setting.items[number]
            if cell.kind in ("array", "object"):
                yield self._stop(
                    row,
                    number,
                    f"the {what} must be one text",
                    'Write the names into one text with bars between them: "view|all".'
                    if number == 2
                    else "Write one rule for each.",
                    "cell",
                )
                return
        yield from self._method(row)
        yield from self._pattern(row)

    def _method(self, row: Row) -> Iterator[Finding]:
        if row.method in METHODS and row.text(0).isascii():
            return
        if row.method in _READ_AS_GET:
            advice = f"Write get: {row.method.upper()} requests are judged by the rules for GET."
        else:
            advice = did_you_mean(row.method, METHODS) or "Write get, post, put or delete."
        yield self._stop(
            row, 0, f"{row.text(0) or 'the empty text'} is no method that a rule can have", advice, "method"
        )

    def _pattern(self, row: Row) -> Iterator[Finding]:
        from policy import patterns

        text = row.pattern
        if text == _ALIAS:
            return
        try:
            patterns.compile(text)
        except patterns.PatternRefused as refused:
            cell = row.cell(1)
            location = inside(cell, refused.position, refused.position + 1) if cell is not None else None
            yield self.finding(
                location or row.place(1),
                f"Orthanc stops at start: Boost refuses this pattern at character {refused.position + 1} "
                f"({_small(refused.reason)}).",
                refused.help or "Correct the pattern.",
                facts={"subject": text, "kind": "pattern", "position": refused.position, "outcome": "no-start"},
            )

    def _stop(self, row: Row, cell: int | None, why: str, advice: str, kind: str) -> Finding:
        return self.finding(
            row.place(cell) if cell is not None else row.location,
            f"Orthanc stops at start: {why}.",
            advice,
            facts={"subject": str(row) if row.setting.kind == "array" else "", "kind": kind, "outcome": "no-start"},
        )


def _small(text: str) -> str:
    text = text.rstrip(".")
    return text[:1].lower() + text[1:]
