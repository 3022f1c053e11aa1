"""Rule ``byte-order-mark``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Source
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax
from policy.text import Span

if TYPE_CHECKING:
    from policy.lint.context import Context


class ByteOrderMark(Rule):
    r"""A byte order mark at the beginning of a file.

    ## What it checks

    The three invisible bytes that some editors of Windows write before the text.

    ## Why it matters

    Orthanc skips them.
    The start script of the orthancteam image and the auth service do not, and stop.

    ## Example

    ```jsonc orthanc.jsonc line=1 image=25.9.0
    ﻿{
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc image=25.9.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/"
      }
    }
    ```

    ## Exceptions

    None; where every reader skips it, it is a warning, because the next one may not.
    """

    code: ClassVar[str] = "SYN008"
    name: ClassVar[str] = "byte-order-mark"
    title: ClassVar[str] = "Byte order mark"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "an editor has to save the file without it"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        for mistake in syntax.mistakes(source, context, self.name):
            if not mistake.refused:
                continue
            start = mistake.leniency.span.start
            yield self.finding(
                source.place(Span(start, max(mistake.leniency.span.end, min(start + 1, len(source.document.text))))),
                syntax.sentence(mistake, "a byte order mark"),
                "Save the file as UTF-8 without a byte order mark.",
                severity=mistake.severity,
                confidence=Confidence.LIKELY if all(fate.assumed for fate in mistake.refused) else Confidence.SURE,
                facts={"subject": "byte-order-mark", "refused-by": tuple(fate.who for fate in mistake.refused)},
            )
