"""Rule ``native-two-files-same-section``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import stops

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class NativeTwoFilesSameSection(Rule):
    r"""A top-level key in two files that Orthanc itself reads.

    ## What it checks

    Whether two files of one folder, or of one command line, have a top-level key in common.

    ## Why it matters

    Orthanc does not merge files: it stops at start, also if both values are equal.
    Only the orthancteam image merges them before Orthanc sees them.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: jodogne/orthanc-plugins:1.12.9
        command: /etc/orthanc/
        volumes:
          - ./config:/etc/orthanc
    ```
    ```jsonc config/a.json
    {"Name": "A", "RemoteAccessAllowed": true}
    ```
    ```jsonc config/b.json line=1
    {"RemoteAccessAllowed": true}
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: jodogne/orthanc-plugins:1.12.9
        command: /etc/orthanc/
        volumes:
          - ./config:/etc/orthanc
    ```
    ```jsonc config/a.json
    {"Name": "A"}
    ```
    ```jsonc config/b.json
    {"RemoteAccessAllowed": true}
    ```
    """

    code: ClassVar[str] = "DEP005"
    name: ClassVar[str] = "native-two-files-same-section"
    title: ClassVar[str] = "Same section in two files"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for stop, location in stops(server, self.name):
            yield self.finding(
                location,
                f"Orthanc {server.orthanc} stops at start: {stop.reason.partition(';')[0]}.",
                "Move the section into one file: Orthanc does not merge files.",
                facts={"subject": server.name, "outcome": "no-start"},
            )
