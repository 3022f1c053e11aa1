"""Rule ``malformed-variable-name``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import stops

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class MalformedVariableName(Rule):
    r"""A variable of an option whose name has an empty word in it.

    ## What it checks

    Names that begin with `ORTHANC__` and have an underscore at the end, three underscores in a row, or nothing behind the prefix.

    ## Why it matters

    The start script of the image fails on such a name, and the container stops.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL_: "studies"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          HOUSE_VARIABLE_: "of somebody else"
    ```
    """

    code: ClassVar[str] = "DEP008"
    name: ClassVar[str] = "malformed-variable-name"
    title: ClassVar[str] = "Variable name with an empty word"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the word that is missing is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for stop, location in stops(server, self.name):
            yield self.finding(
                location,
                f"The container stops at start: {stop.reason}.",
                "Write ORTHANC__, then words with one underscore between, and two between section and option.",
                facts={"subject": server.name, "outcome": "no-start"},
            )
