"""Rule ``keycloak-url-mismatch``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import Address, elsewhere, led_by, of_server, proxies_beside
from policy.lint.views.containers import KEYCLOAK, may_be_elsewhere, named, project_of, published, value_of
from policy.records import replace

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, OrthancServer
    from policy.lint.context import Context


_HOSTNAMES = ("KC_HOSTNAME", "KC_HOSTNAME_URL")
_IMAGE_DEFAULT = "http://localhost/keycloak"
_ONE_NAME = Version.parse("24.9.0")


class KeycloakUrlMismatch(Rule):
    r"""OrthancExplorer2.Keycloak.Url is not the public address of Keycloak.

    ## What it checks

    Whether the address names a container, which no browser can reach; whether the proxy of the deployment passes it on to Keycloak;
    and whether it has the host of `KC_HOSTNAME`, which is `http://localhost/keycloak` in the image where it is not set.

    ## Why it matters

    The browser cannot open the login page, or Keycloak sends it to another address and refuses the answer: nobody can log in.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.0
    ```
    ```jsonc orthanc.json line=4
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth.example.org:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "http://keycloak:8080/", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
    ```
    ---
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.0
        environment:
          KC_HOSTNAME: "https://pacs.example.org/keycloak"
    ```
    ```jsonc orthanc.json line=4
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth.example.org:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "http://localhost/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.0
        environment:
          KC_HOSTNAME: "https://pacs.example.org/keycloak"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth.example.org:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
    ```

    ## Exceptions

    A Keycloak that is not among the given files may be anywhere.
    """

    code: ClassVar[str] = "DEP070"
    name: ClassVar[str] = "keycloak-url-mismatch"
    title: ClassVar[str] = "Address of Keycloak that the browser cannot use"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2", "nist:CM-6")
    fixable: ClassVar[str] = "the public address is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        enable = server.configuration.get("OrthancExplorer2", "Keycloak", "Enable")
        if enable is None or enable.value is not True or server.container is None:
            return
        together = project_of(server.container, context.deployment)
        for address in of_server(server, "OrthancExplorer2", "Keycloak", "Url"):
            reason = self._reason(address, server.container, together, context)
            if reason is not None:
                yield self.finding(
                    address.location,
                    f"Nobody can log in with a browser: {reason}.",
                    "Write the address under which browsers reach Keycloak, and the same in KC_HOSTNAME.",
                    facts={"subject": "OrthancExplorer2.Keycloak.Url", "host": address.host},
                )

    def _reason(
        self, address: Address, own: Container, together: tuple[Container, ...], context: Context
    ) -> str | None:
        """Why a browser cannot log in at the address; None where it can, or nobody knows."""
        container = named(together, address.host) if address.host else None
        if container is not None and not any(port.host for port in published(container)):
            return f"{address.host} is the name of a container, which only other containers know"
        keycloaks = [one for one in together if one.role == KEYCLOAK]
        if len(keycloaks) != 1 or container is not None:
            return None
        keycloak = keycloaks[0]
        told = _hostname(keycloak)
        if told:
            host = urlsplit(told if "//" in told else f"//{told}").hostname
            if host and address.host and host != address.host:
                return f"Keycloak itself goes by {host}, and this is {address.host}"
        direct = any(
            port.host and address.parts is not None and str(address.parts.port) == port.host
            for port in published(keycloak)
        )
        proxies = proxies_beside(own, context.deployment)
        useful = [
            proxy for proxy in proxies if any(proxy.find(r.upstream, r.port)[1] for r in proxy.routes if r.upstream)
        ]
        if (
            direct
            or not useful
            or address.parts is None
            or address.parts.port
            or elsewhere(address, own, context.deployment)
        ):
            return None
        folder = replace(address, url=f"{address.url.rstrip('/')}/")  # the login page adds the slash itself
        if any(led_by(proxy, folder).upstream is not None for proxy in useful):
            return None
        return f"the proxy does not pass {address.path} on to {keycloak.name}"


def _hostname(keycloak: Container) -> str | None:
    """The address by which Keycloak goes; None where it is not known."""
    for name in _HOSTNAMES:
        if name in keycloak.environment:
            return value_of(keycloak, name)
    image = keycloak.version is not None and keycloak.version.version >= _ONE_NAME and not keycloak.version.assumed
    return _IMAGE_DEFAULT if image and not may_be_elsewhere(keycloak) else None
