"""Rule ``orthanc-port-published``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import proxies_to
from policy.lint.views.containers import includes, published
from policy.lint.views.options import authentication, filter_of

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_HTTP = 8042


class OrthancPortPublished(Rule):
    r"""Port 8042 of a server is published although a proxy stands in front of it.

    ## What it checks

    Whether a port of the host leads to Orthanc while nginx of the same deployment passes requests on to it.

    ## Why it matters

    Requests may go past the proxy: without TLS, without its redirects and limits.
    The plugin still filters; where nothing filters the server is open to everybody.

    ## Example

    ```yaml docker-compose.yml line=9
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        ports: ["443:443"]
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:25.9.0
        ports: ["8042:8042"]
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        ports: ["443:443"]
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:25.9.0
        ports: ["4242:4242", "127.0.0.1:8042:8042"]
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
    ```

    ## Exceptions

    Without a proxy there is no other way in.
    """

    code: ClassVar[str] = "DEP052"
    name: ClassVar[str] = "orthanc-port-published"
    title: ClassVar[str] = "Port of Orthanc published beside its proxy"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:AC-3", "nist:SC-8")
    fixable: ClassVar[str] = "the port is removed from the Compose file by hand"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if server.container is None or not proxies_to(server, context.deployment):
            return
        open_ = not filter_of(server).on and not authentication(server).enabled and not server.unseen
        for port in published(server.container):
            if not includes(port.target, _HTTP) or port.local:
                continue
            then = (
                "everybody who does so may do everything, as nothing filters"
                if open_
                else "TLS and its limits do not apply there"
            )
            yield self.finding(
                port.location,
                f"Requests to port {port.host or 'of the host'} go past the proxy straight to {server.name}: {then}.",
                "Remove the port, or bind it to 127.0.0.1.",
                severity=Severity.ERROR if open_ else Severity.WARNING,
                facts={"subject": server.name, "port": port.host, "open": open_},
            )
