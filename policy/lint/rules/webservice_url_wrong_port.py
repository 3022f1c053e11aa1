"""Rule ``webservice-url-wrong-port``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import Address, led_by, of_server
from policy.lint.views.containers import AUTH_SERVICE, KEYCLOAK, NGINX, OHIF, in_compose, named, project_of, value_of
from policy.lint.views.options import ADDRESSES, SECTION, filter_of, option

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, OrthancServer
    from policy.lint.context import Context


_PORT = 8000


class WebserviceUrlWrongPort(Rule):
    r"""An address of the web service that leads nowhere.

    ## What it checks

    Whether the address names a container of the deployment, with the port on which the auth service listens.
    Reported are localhost, another port than 8000 on the container of the auth service, a container that is no auth service, and a
    name without dots that no container has.

    ## Why it matters

    The plugin gets no profile: every request is refused, some of them only after ten seconds.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://orthanc-auth-service/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
    ```
    ---
    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://localhost:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
    ```
    ---
    ```yaml docker-compose.yml line=11
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          DOMAIN_NAME: "pacs.example.org"
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "https://pacs.example.org/auth-service/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        hostname: auth
    ```

    ## Exceptions

    A service of one's own may listen on any port, and a name with dots may be known to the network:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_USER_PROFILE_URL: "http://own:9000/profile"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_TOKEN_VALIDATION_URL: "http://auth.example.org/validate"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      own:
        build: own-service
    ```
    """

    code: ClassVar[str] = "DEP045"
    name: ClassVar[str] = "webservice-url-wrong-port"
    title: ClassVar[str] = "Address that does not reach the auth service"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the address is not known for certain"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if server.container is None or not filter_of(server).on or not in_compose(server.container):
            return
        names = ADDRESSES[:1] if option(server, ADDRESSES[0]) is not None else ADDRESSES[1:]
        together = project_of(server.container, context.deployment)
        for name in names:
            for address in of_server(server, SECTION, name):
                wrong = _wrong(address, together, server.container) or _past_proxy(address, together, context)
                if wrong is None:
                    continue
                why, help_, sure = wrong
                yield self.finding(
                    address.location,
                    f"{name} {why}: the plugin gets no answer, and everybody is refused.",
                    help_,
                    severity=Severity.ERROR if sure else Severity.WARNING,
                    confidence=Confidence.SURE if sure else Confidence.LIKELY,
                    facts={"subject": name, "host": address.host},
                )


def _past_proxy(address: Address, together: tuple[Container, ...], context: Context) -> tuple[str, str, bool] | None:
    """Why an address that leads to the reverse proxy reaches no service; None where it does, or leads elsewhere."""
    for nginx in together:
        if nginx.role != NGINX or nginx.version is None:
            continue
        hosts = {name.lower() for name in (*nginx.names, value_of(nginx, "DOMAIN_NAME") or nginx.name)}
        if address.host not in hosts:
            continue
        led = [led_by(proxy, address) for proxy in context.deployment.proxies if proxy.container is nginx]
        if any(routed.unknown for routed in led):
            continue
        if led and not any(routed.container is not None and routed.container.role == AUTH_SERVICE for routed in led):
            services = [one.name for one in together if one.role == AUTH_SERVICE]
            right = f"Write http://{services[0]}:{_PORT}/." if services else "Name the container of the auth service."
            return (
                f"leads to the proxy {nginx.name}, which does not pass {address.path} on to an auth service",
                right,
                True,
            )
    return None


def _wrong(address: Address, together: tuple[Container, ...], own: Container) -> tuple[str, str, bool] | None:
    """Why an address does not reach a service, what to do, and whether that is certain."""
    parts, host = address.parts, address.host
    if parts is None or address.scheme not in ("http", "https") or not host:
        return (
            "is no address of the form http://host:port/",
            "Write http://, the name of the container, and its port.",
            True,
        )
    services = [one for one in together if one.role == AUTH_SERVICE]
    right = f"http://{services[0].name}:{_PORT}/" if services else f"http://the-auth-service:{_PORT}/"
    if host in ("localhost", "127.0.0.1", "0.0.0.0"):  # noqa: S104 - a host in a file
        return f"leads to {host}, which is the container {own.name} itself", f"Write {right}.", True
    container = named(together, host)
    if container is None:
        if "." in host or not services:
            return None  # another network may know it
        return (
            f"names {host}, which no container of the given files is called",
            f"Write {right}, if that is meant.",
            False,
        )
    if container.role != AUTH_SERVICE:
        official = container.role in (NGINX, KEYCLOAK, OHIF) or container is own
        if official and container.role != NGINX:
            return f"leads to {container.name}, which is no auth service", f"Write {right}.", True
        return None
    if container.built or container.image is None or (address.scheme == "https" and parts.port == _PORT):
        return None
    port = parts.port or (443 if address.scheme == "https" else 80)
    if port != _PORT:
        return f"leads to port {port} of {container.name}, which listens on {_PORT}", f"Write {right}.", True
    return None
