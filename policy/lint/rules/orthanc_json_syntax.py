"""Rule ``orthanc-json-syntax``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Source
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax
from policy.lint.views.fixes import remove_text
from policy.lint.views.json5 import meant
from policy.lint.views.wording import instead, what

if TYPE_CHECKING:
    from policy.lint.context import Context

_REMOVED = ("trailing-comma", "doubled-comma", "leading-comma", "semicolon")


class OrthancJsonSyntax(Rule):
    r"""A configuration that a program of this deployment cannot read.

    ## What it checks

    The text of a configuration against the readers that read it: the start script of the orthancteam image, which takes
    comments and nothing else beyond strict JSON, and Orthanc itself, which takes more.
    What every reader of the deployment takes is not reported.

    ## Why it matters

    The container, or Orthanc, stops at start.
    Where several files are mounted into the image, a broken one that is not read first is left out without a stop, and
    Orthanc starts without what stands in it, the Authorization section perhaps included.

    ## Example

    ```jsonc orthanc.jsonc line=4 image=25.9.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=3 orthanc=1.12.11
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/"
        "CheckedLevel": "studies"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=2,7 orthanc=1.12.11
    {
      # the filter
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "StableAge": 0x10
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc image=25.9.0
    {
      // the filter
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/", /* inside of the network */
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    Where nothing tells that the image is used, what only the image refuses is a warning.
    Byte order marks, merge markers, text after the end, numbers that are read differently, double keys and wrong encodings
    have rules of their own.
    """

    code: ClassVar[str] = "SYN002"
    name: ClassVar[str] = "orthanc-json-syntax"
    title: ClassVar[str] = "Configuration that cannot be read"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "safe"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        for mistake in syntax.mistakes(source, context, self.name):
            severity = mistake.severity
            if severity is None:
                continue
            entry = mistake.leniency
            fix = None
            if entry.kind in _REMOVED:
                fix = remove_text(source, entry.span, "Remove the comma", safe=True)
            assumed = all(fate.assumed for fate in mistake.refused)
            yield self.finding(
                source.place(entry.span),
                syntax.sentence(mistake, what(entry, source.document)),
                instead(entry) + meant(source, entry),
                severity=severity,
                confidence=Confidence.LIKELY if assumed else Confidence.SURE,
                fix=fix,
                facts={
                    "subject": entry.kind,
                    "outcome": "no-start",
                    "refused-by": tuple(fate.who for fate in mistake.refused),
                    "taken-by": mistake.taken,
                    "count": mistake.count,
                },
            )
