"""Rule ``permissions-trailing-comma``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind, Source
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax
from policy.lint.views.fixes import remove_text
from policy.lint.views.wording import what

if TYPE_CHECKING:
    from policy.lint.context import Context


class PermissionsTrailingComma(Rule):
    r"""A comma before a closing bracket in a file of the auth service.

    ## What it checks

    Trailing commas in `permissions.json` and `anonymous-profile.json`.

    ## Why it matters

    The official service from 23.9.0 on drops such a comma and reads on.
    Older ones stop at start, and so do services of one's own, `jq` and editors that take strict JSON.

    ## Example

    ```json permissions.json line=4 severity=info auth-service=25.9.0
    {
      "roles": {
        "doctor": {
          "permissions": ["view", "download",],
          "authorized_labels": ["*"]
        }
      }
    }
    ```
    ---
    ```json permissions.json line=3 severity=error auth-service=23.6.1
    {
      "roles": {
        "doctor": ["view", "download"],
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

    None.
    """

    code: ClassVar[str] = "SYN003"
    name: ClassVar[str] = "permissions-trailing-comma"
    title: ClassVar[str] = "Comma before a closing bracket"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "safe"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        if source.kind not in (Kind.PERMISSIONS, Kind.ANONYMOUS):
            return
        for mistake in syntax.mistakes(source, context, self.name):
            entry = mistake.leniency
            if mistake.refused:
                message = syntax.sentence(mistake, what(entry, source.document))
            else:
                by = f"{mistake.taken[0]} drops it" if mistake.taken else "The auth service from 23.9.0 on drops it"
                message = (
                    f"A comma before the closing bracket: {by[0].lower()}{by[1:]} and reads on, "
                    "but services before 23.9.0 and strict JSON tools refuse the file."
                )
            yield self.finding(
                source.place(entry.span),
                message,
                "Remove the comma.",
                severity=mistake.severity or Severity.INFO,
                fix=remove_text(source, entry.span, "Remove the comma", safe=True),
                facts={"subject": entry.kind, "refused-by": tuple(fate.who for fate in mistake.refused)},
            )
