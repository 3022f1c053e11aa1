"""Rule ``default-orthanc-user``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import whole
from policy.lint.views.options import authentication, filter_of, refuses_basic
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class DefaultOrthancUser(Rule):
    r"""A server of an image before 26.7.0 without registered users.

    ## What it checks

    Whether authentication and remote access are on, as they are by default in the image, while nothing registers a user.

    ## Why it matters

    Orthanc then makes the user orthanc with the password orthanc, which everybody knows.
    From the image 26.7.0 on the container stops instead.

    ## Example

    ```yaml docker-compose.yml line=2
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          DICOM_WEB_PLUGIN_ENABLED: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
    ```

    ## Exceptions

    Users may stand in a file that was not given:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - /srv/orthanc:/etc/orthanc
    ```
    """

    code: ClassVar[str] = "DEP018"
    name: ClassVar[str] = "default-orthanc-user"
    title: ClassVar[str] = "User orthanc with the password orthanc"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:1188", "cwe:798", "nist:IA-2")
    fixable: ClassVar[str] = "the users are not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if server.image is None or container is None or not of_image(server) or server.unseen or container.unseen:
            return
        if not whole(container):
            return
        from policy.knowledge import environment

        core = authentication(server)
        users = server.configuration.get("RegisteredUsers")
        if server.image.version >= environment.NO_USER_STOPS or not (core.enabled and core.remote) or users is not None:
            return
        where = core.entry.key_origin.location if core.entry is not None else None
        filtered = filter_of(server).on
        if filtered and refuses_basic(server):
            return  # it does not start, and auth-enabled-with-plugin tells why
        yield self.finding(
            where or container.location,
            "No user is registered, so Orthanc makes the user orthanc with the password orthanc: "
            + (
                "everybody who knows that passes the first door."
                if filtered
                else "everybody who reaches the server may read, change and delete everything."
            ),
            "Register users (RegisteredUsers), or switch AuthenticationEnabled off where the plugin filters.",
            severity=Severity.WARNING if filtered else Severity.ERROR,
            confidence=Confidence.LIKELY if container.built else Confidence.SURE,
            facts={"subject": server.name, "outcome": "open"},
        )
