"""Rule ``empty-braces``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import stops

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class EmptyBraces(Rule):
    r"""An empty `${}` in the configuration.

    ## What it checks

    Whether the text that Orthanc reads has a `${}` in it.

    ## Why it matters

    Orthanc fails on it with an internal error and does not start.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=3
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "Name": "${}"
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "Name": "{}$"
    }
    ```
    """

    code: ClassVar[str] = "DEP029"
    name: ClassVar[str] = "empty-braces"
    title: ClassVar[str] = "Variable without a name"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the name of the variable is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for _, location in stops(server, self.name):
            yield self.finding(
                location,
                "Orthanc stops at start with an internal error: ${} names no variable.",
                "Write the name of a variable between the braces, or leave them out.",
                confidence=Confidence.LIKELY,
                facts={"subject": server.name, "outcome": "no-start"},
            )
