"""Rule ``command-override``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class CommandOverride(Rule):
    r"""A command or an entry point that takes the place of the image's.

    ## What it checks

    Whether a container of the orthancteam/orthanc image has a `command` other than the image's own, or an `entrypoint`.

    ## Why it matters

    The command names the configuration that Orthanc reads.
    With another one it reads that file as it is: variables, secrets and defaults of the image do not count, and no plugin is
    loaded, the Authorization plugin included.
    With more than one word the container stops.

    ## Example

    ```yaml docker-compose.yml line=4
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        command: /etc/orthanc/orthanc.json
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "RemoteAccessAllowed": true,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        command: /tmp/orthanc.json
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```

    ## Exceptions

    The image jodogne/orthanc takes options:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: jodogne/orthanc-plugins:1.12.9
        command: ["/etc/orthanc/", "--verbose"]
    ```
    """

    code: ClassVar[str] = "DEP021"
    name: ClassVar[str] = "command-override"
    title: ClassVar[str] = "Start command of one's own"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:862", "nist:CM-6")
    fixable: ClassVar[str] = "why the command was changed is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or server.family != "orthancteam":
            return
        if container.entrypoint is not None:
            yield self.finding(
                container.entrypoint,
                "The entry point of the image makes the configuration and selects the plugins; with another one neither may happen, "
                "and the Authorization plugin is then missing.",
                "Remove the entry point; BEFORE_ORTHANC_STARTUP_SCRIPT runs a script before Orthanc starts.",
                severity=Severity.WARNING,
                confidence=Confidence.LIKELY,
                facts={"subject": container.name, "outcome": "unknown"},
            )
        elif container.command and container.command != ("/tmp/orthanc.json",):  # noqa: S108
            location = container.command_location or container.location
            if len(container.command) > 1:
                yield self.finding(
                    location,
                    "The container stops at start: the entry point of the image takes one word, the path of a configuration.",
                    "Remove the command.",
                    facts={"subject": container.name, "outcome": "no-start"},
                )
                return
            yield self.finding(
                location,
                f"Orthanc reads {container.command[0]} as it is: variables, secrets and defaults of the image do not count, and no "
                "plugin is loaded, so nothing is filtered.",
                "Remove the command; files in /etc/orthanc are read without it.",
                facts={"subject": container.name, "outcome": "open"},
            )
