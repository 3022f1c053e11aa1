"""Rule ``no-user-refused``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import whole
from policy.lint.views.variables import stops

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class NoUserRefused(Rule):
    r"""A server of the image 26.7.0 or later without registered users.

    ## What it checks

    Whether authentication and remote access are on, as they are by default in the image, while no user is registered.

    ## Why it matters

    From the image 26.7.0 on the container stops (exit code -3).
    Older images started with the user orthanc and the password orthanc.

    ## Example

    ```yaml docker-compose.yml line=2
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          DICOM_WEB_PLUGIN_ENABLED: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: "a-long-password"
    ```

    ## Exceptions

    Without the core's authentication nobody needs to be registered:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
    ```
    """

    code: ClassVar[str] = "DEP019"
    name: ClassVar[str] = "no-user-refused"
    title: ClassVar[str] = "No registered user: the container stops"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:IA-2")
    fixable: ClassVar[str] = "the users are not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if server.unseen or container is None or container.unseen or not whole(container):
            return
        for _, location in stops(server, self.name):
            yield self.finding(
                location,
                f"The container of the image {server.image} stops at start: authentication is on and no user is registered.",
                "Set ORTHANC_PASSWORD or RegisteredUsers, or switch AuthenticationEnabled off where the plugin filters.",
                confidence=Confidence.LIKELY if container.built else Confidence.SURE,
                facts={"subject": server.name, "outcome": "no-start"},
            )
