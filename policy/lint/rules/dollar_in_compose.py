"""Rule ``dollar-in-compose``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class DollarInCompose(Rule):
    r"""A dollar sign in a Compose file that Docker Compose takes for a variable.

    ## What it checks

    Values with `$word` where nothing sets a variable of this name, and values with a `${` that Docker Compose refuses.

    ## Why it matters

    Docker Compose puts the empty text in its place before the container sees the value: a password or a pattern becomes another one.
    A `${` without a name, or without its end, keeps the whole file from being read.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-pa$word"}'
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__NAME: "${NAME"
    ```

    ## Use instead

    Two dollar signs stand for one; one before a quote or a bar stays:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-pa$$word"}'
          ORTHANC__NAME: "A$"
    ```
    """

    code: ClassVar[str] = "DEP026"
    name: ClassVar[str] = "dollar-in-compose"
    title: ClassVar[str] = "Dollar sign that Docker Compose replaces"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "whether a variable is meant is not known"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        for problem in container.problems:
            if problem.rule == self.name and problem.location is not None:
                yield self.finding(
                    problem.location,
                    f"{problem.reason.rstrip('.')}: nothing is started.",
                    "Write two dollar signs for one, or complete the name of the variable.",
                    facts={"subject": container.name, "outcome": "no-start"},
                )
        if not container.role:
            return
        for unset in container.unset:
            source, span = unset.location.source, unset.location.span
            offset = source.document.text.find(f"${unset.name}", span.start, span.end)
            if offset < 0:
                continue
            yield self.finding(
                source.place(Span(offset, offset + len(unset.name) + 1)),
                "Docker Compose replaces this dollar sign and the word behind it by nothing, as no variable of this name is set: "
                "the value becomes another one than it looks.",
                "Write two dollar signs where one is meant, or set the variable.",
                severity=Severity.WARNING,
                confidence=Confidence.LIKELY,
                facts={"subject": container.name, "outcome": "changed"},
            )
