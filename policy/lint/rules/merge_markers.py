"""Rule ``merge-markers``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Source
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax
from policy.text import Span

if TYPE_CHECKING:
    from policy.lint.context import Context


class MergeMarkers(Rule):
    r"""Markers of an unresolved merge.

    ## What it checks

    Lines of `<<<<<<<`, `=======` and `>>>>>>>` that version control leaves where two changes meet.

    ## Why it matters

    No program reads such a file: the service or Orthanc stops at start.

    ## Example

    ```json permissions.json line=4
    {
      "roles": {
        "doctor": {
    <<<<<<< HEAD
          "permissions": ["view"],
    =======
          "permissions": ["view", "download"],
    >>>>>>> download
          "authorized_labels": ["*"]
        }
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor": {
          "permissions": ["view", "download"],
          "authorized_labels": ["*"]
        }
      }
    }
    ```

    ## Exceptions

    Signs like these inside of a text are no markers:

    ```json permissions.json
    {
      "roles": {
        "=======": {
          "permissions": ["view"],
          "authorized_labels": ["*"]
        }
      }
    }
    ```
    """

    code: ClassVar[str] = "SYN004"
    name: ClassVar[str] = "merge-markers"
    title: ClassVar[str] = "Markers of an unresolved merge"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-3")
    fixable: ClassVar[str] = "which side is meant is not known"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        yield from self._in_yaml(source)
        for mistake in syntax.mistakes(source, context, self.name):
            start = mistake.leniency.span.start
            line = source.document.line(source.document.position(start).line)
            yield self.finding(
                source.place(Span(start, start + max(7, len(line)))),
                syntax.sentence(mistake, "the markers of an unresolved merge"),
                "Keep one of the two sides, and remove the three lines of markers.",
                severity=mistake.severity or Severity.ERROR,
                facts={"subject": "merge-conflict", "outcome": "no-start"},
            )

    def _in_yaml(self, source: Source) -> Iterator[Finding]:
        for span in syntax.merge_markers(source):
            if source.document.text[span.start] == "<":
                yield self.finding(
                    source.place(span),
                    "The file cannot be read, because of the markers of an unresolved merge: nothing in it takes effect.",
                    "Keep one of the two sides, and remove the three lines of markers.",
                    facts={"subject": "merge-conflict", "outcome": "no-start"},
                )
