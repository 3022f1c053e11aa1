"""Rule ``encoding``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Source
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax

if TYPE_CHECKING:
    from policy.lint.context import Context


class Encoding(Rule):
    r"""A file that is not written in UTF-8.

    ## What it checks

    Bytes that are no UTF-8, and whole files in UTF-16 or UTF-32.

    ## Why it matters

    No reader takes UTF-16.
    Of single wrong bytes in a text, such as an umlaut of Latin-1, Orthanc takes no notice; the orthancteam image and the
    auth service stop.

    ## Example

    ```jsonc orthanc.jsonc line=2 image=25.9.0 encoding=latin-1
    {
      "Name": "Klinik é",
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/"}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc image=25.9.0
    {
      "Name": "Klinik é",
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/"}
    }
    ```

    ## Exceptions

    None.
    """

    code: ClassVar[str] = "SYN010"
    name: ClassVar[str] = "encoding"
    title: ClassVar[str] = "File that is not UTF-8"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "an editor has to save the file as UTF-8"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        found = list(syntax.mistakes(source, context, self.name))
        if not found:
            return
        mistake = found[0]
        entry = mistake.leniency
        whole = entry.kind == "encoding"
        held = f"a text in {entry.detail}" if whole else f"the byte {entry.detail}, which is no UTF-8"
        if mistake.refused:
            message = syntax.sentence(mistake, held)
        else:
            message = f"{held[0].upper()}{held[1:]}: it is read as it is, and shown as another character."
        if len(found) > 1:
            message += f" There are {len(found)} such bytes in the file."
        yield self.finding(
            source.place(entry.span),
            message,
            "Save the file as UTF-8.",
            severity=mistake.severity or Severity.WARNING,
            confidence=Confidence.LIKELY
            if mistake.refused and all(f.assumed for f in mistake.refused)
            else Confidence.SURE,
            facts={
                "subject": entry.kind,
                "detail": entry.detail,
                "count": len(found),
                "refused-by": tuple(fate.who for fate in mistake.refused),
            },
        )
