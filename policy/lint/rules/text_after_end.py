"""Rule ``text-after-end``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Source
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax

if TYPE_CHECKING:
    from policy.lint.context import Context


class TextAfterEnd(Rule):
    r"""Text after the closing brace of the file.

    ## What it checks

    Whatever follows the end of the value, comments excepted: a brace too many, a second object, a comment that is never
    closed.

    ## Why it matters

    Orthanc reads up to the end of the first value and ignores the rest without a word: a section behind one brace too many
    has no effect.
    The orthancteam image and the auth service refuse the file.

    ## Example

    ```jsonc orthanc.jsonc line=5 orthanc=1.12.11
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/"
      }
    }, "AuthenticationEnabled": false}
    ```
    ---
    ```jsonc orthanc.jsonc line=5 severity=error image=25.9.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/"
      }
    }}
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/"
      },
      "AuthenticationEnabled": false
    }
    // the end
    ```

    ## Exceptions

    Comments may follow.
    """

    code: ClassVar[str] = "SYN007"
    name: ClassVar[str] = "text-after-end"
    title: ClassVar[str] = "Text after the end"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "whether the rest or the brace before it is the mistake is not known"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        for mistake in syntax.mistakes(source, context, self.name):
            sure = [fate for fate in mistake.refused if not fate.assumed]
            if sure or not mistake.taken:
                message = syntax.sentence(mistake, "text after the end of the value")
                severity, confidence = mistake.severity or Severity.WARNING, Confidence.SURE
            else:
                message = f"{mistake.taken[0]} reads up to this place and ignores the rest: what follows has no effect."
                severity, confidence = Severity.WARNING, Confidence.SURE
                if mistake.refused:
                    message += f" {mistake.refused[0].who[0].upper()}{mistake.refused[0].who[1:]} refuses the file."
            yield self.finding(
                source.place(mistake.leniency.span),
                message,
                "Remove what follows, or the closing brace before it.",
                severity=severity,
                confidence=confidence,
                facts={"subject": mistake.leniency.kind, "refused-by": tuple(fate.who for fate in mistake.refused)},
            )
