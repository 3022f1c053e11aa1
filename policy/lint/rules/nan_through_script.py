"""Rule ``nan-through-script``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import stops

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class NanThroughScript(Rule):
    r"""A variable whose value is NaN or Infinity.

    ## What it checks

    Whether a variable or a secret of the image is `NaN`, `Infinity`, `-Infinity`, or a number too large to be one.

    ## Why it matters

    The script of the image takes it for a number and writes it into the configuration, which Orthanc then cannot read.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__NAME: "NaN"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__NAME: '"NaN"'
    ```

    ## Exceptions

    In a file it is a matter of the syntax, and the rule value-lost tells.
    """

    code: ClassVar[str] = "DEP034"
    name: ClassVar[str] = "nan-through-script"
    title: ClassVar[str] = "NaN or Infinity in a variable"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the number is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        texts = [source for source in server.sources if source.document.language == "json"]
        for _, location in stops(server, self.name):
            inside = any(
                source.document.root is not None
                and location.source.path == source.path
                and source.document.root.span.start <= location.span.start
                and location.span.end <= source.document.root.span.end
                for source in texts
            )
            if not inside:
                yield self.finding(
                    location,
                    "Orthanc stops at start: the image takes this value for a number that no JSON may hold.",
                    "Write a number, or put double quotes inside of the value if a text is meant.",
                    facts={"subject": server.name, "outcome": "no-start"},
                )
