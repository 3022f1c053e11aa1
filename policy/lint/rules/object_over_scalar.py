"""Rule ``object-over-scalar``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import stops

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class ObjectOverScalar(Rule):
    r"""A variable that sets an option inside of something that is no object.

    ## What it checks

    Whether an object comes to lie on a text, a number, a list or null of an earlier file or variable.

    ## Why it matters

    The start script of the image fails on it, and the container stops.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          ORTHANC__DICOM_WEB__ROOT: "/dicom-web/"
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "DicomWeb": null
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          ORTHANC__DICOM_WEB__ROOT: "/dicom-web/"
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "DicomWeb": {}
    }
    ```
    """

    code: ClassVar[str] = "DEP007"
    name: ClassVar[str] = "object-over-scalar"
    title: ClassVar[str] = "Variable below an option that is no object"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "what was meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for stop, location in stops(server, self.name):
            yield self.finding(
                location,
                f"The container stops at start: {stop.reason}.",
                "Make the earlier value an object, or leave it out.",
                facts={"subject": stop.reason.partition(" ")[0], "outcome": "no-start"},
            )
