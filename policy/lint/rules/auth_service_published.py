"""Rule ``auth-service-published``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import of_server
from policy.lint.views.containers import AUTH_SERVICE, includes, project_of, published
from policy.lint.views.options import ADDRESSES, SECTION, filter_of

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


_PORT = 8000


class AuthServicePublished(Rule):
    r"""The port of the auth service is published.

    ## What it checks

    Whether a port of the host leads to port 8000 of the auth service, or to the port at which the plugin calls a service of one's own.

    ## Why it matters

    Whoever reaches the host may ask for profiles, make share links and, with the editor of roles, change permissions; only the
    passwords in `USERS` stand before it.
    Orthanc needs no published port: it calls the service inside of the network.

    ## Example

    ```yaml docker-compose.yml line=4
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        ports: ["8000:8000"]
        environment:
          SECRET_KEY: "a-long-key"
          USERS: '{"share-user": "a-long-password"}'
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        ports: ["127.0.0.1:8000:8000"]
        environment:
          SECRET_KEY: "a-long-key"
          USERS: '{"share-user": "a-long-password"}'
    ```

    ## Exceptions

    A port that only the host itself reaches is not reported.
    """

    code: ClassVar[str] = "DEP050"
    name: ClassVar[str] = "auth-service-published"
    title: ClassVar[str] = "Published port of the auth service"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "owasp:API5:2023", "cwe:306", "nist:AC-3")
    fixable: ClassVar[str] = "the port is removed from the Compose file by hand"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        services = context.deployment.auth_services
        own = container.role != AUTH_SERVICE or any(one.container is container and not one.official for one in services)
        if not container.ports or container.role not in ("", AUTH_SERVICE):
            return
        number = _PORT if not own else _called_port(container, context)
        if number is None:
            return
        for port in published(container):
            if not includes(port.target, number) or port.local:
                continue
            what = "may ask it for profiles, make share links and change roles, with a password of USERS alone"
            if own:
                what = "may ask it what the plugin asks"
            at = f"Port {port.host}" if port.host else "A port"
            yield self.finding(
                port.location,
                f"{at} of the host leads to {container.name}: whoever reaches the host {what}.",
                "Remove the port: Orthanc calls the service inside of the network.",
                severity=Severity.WARNING if own else Severity.ERROR,
                facts={"subject": container.name, "port": port.host},
            )


def _called_port(container: Container, context: Context) -> int | None:
    """The port at which a server calls ``container`` as its web service; None where none does."""
    for server in context.deployment.servers:
        if server.container is None or not filter_of(server).on:
            continue
        if container not in project_of(server.container, context.deployment):
            continue
        for name in ADDRESSES:
            for address in of_server(server, SECTION, name):
                if address.host in {one.lower() for one in container.names} and address.parts is not None:
                    return address.parts.port or 80
    return None
