"""Rule ``compose-refuses``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class ComposeRefuses(Rule):
    r"""A Compose file that cannot be started.

    ## What it checks

    What Docker Compose refuses in the services of Orthanc and its companions: a variable that is no text, a service that extends one
    that does not exist, a service that is no object.

    ## Why it matters

    Nothing is started.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__DICOM_WEB:
            {"Enable": true}
    ```

    ## Use instead

    Between quotes, or after a bar, it is a text:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__DICOM_WEB: |
            {"Enable": true}
    ```
    """

    code: ClassVar[str] = "DEP083"
    name: ClassVar[str] = "compose-refuses"
    title: ClassVar[str] = "Compose file that Docker Compose refuses"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "it depends on the reason"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        for problem in container.problems:
            if problem.rule is None:
                reason = problem.reason.rstrip(".")
                yield self.finding(
                    problem.location or container.location,
                    f"{reason}: nothing is started." if reason.startswith("Docker Compose") else f"{reason}.",
                    "Put JSON between quotes or after a bar (|), so that it is a text."
                    if "no text" in reason
                    else "Complete the file, or give the files that it needs.",
                    facts={"subject": container.name, "outcome": "no-start"},
                )
