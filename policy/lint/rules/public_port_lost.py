"""Rule ``public-port-lost``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import proxies_to
from policy.lint.views.containers import NGINX, published
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, OrthancServer
    from policy.lint.context import Context


_FORWARDED = Version.parse("25.8.1")


class PublicPortLost(Rule):
    r"""A proxy that is published on another port than the usual one.

    ## What it checks

    Whether the nginx image, from 25.8.1 on, is published on another port than 80 or 443 while `DicomWeb.Host` is not set.

    ## Why it matters

    The proxy tells Orthanc the host without the port: the addresses in the answers of DICOMweb lead to the default port.

    ## Example

    ```yaml docker-compose.yml line=4
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        ports: ["8080:80"]
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
          ORTHANC__DICOM_WEB__PUBLIC_ROOT: "/orthanc/dicom-web/"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        ports: ["80:80"]
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
          ORTHANC__DICOM_WEB__PUBLIC_ROOT: "/orthanc/dicom-web/"
    ```

    ## Exceptions

    With the host written down the port is known:

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        ports: ["8080:80"]
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
          ORTHANC__DICOM_WEB__PUBLIC_ROOT: "/orthanc/dicom-web/"
          ORTHANC__DICOM_WEB__HOST: "localhost:8080"
    ```
    """

    code: ClassVar[str] = "DEP043"
    name: ClassVar[str] = "public-port-lost"
    title: ClassVar[str] = "Public port that the addresses of DICOMweb lack"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the public address is not known"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != NGINX or container.version is None or container.version.version < _FORWARDED:
            return
        behind = [
            server
            for server in context.deployment.servers
            if any(proxy.container is container for proxy in proxies_to(server, context.deployment))
            and loads(server, "DicomWeb") is True
            and not _host(server)
        ]
        if not behind:
            return
        ports = [port for port in published(container) if port.target in ("80", "443")]
        if any(port.host == port.target or port.host in ("80", "443") for port in ports):
            return
        for port in ports:
            if port.host.isdigit():
                yield self.finding(
                    port.location,
                    f"The proxy tells Orthanc the host without the port {port.host}: the addresses in answers of DICOMweb lead to "
                    "the default port.",
                    "Set DicomWeb.Host to host and port, or publish the usual port.",
                    confidence=Confidence.LIKELY,
                    facts={"subject": port.host, "server": behind[0].name},
                )


def _host(server: OrthancServer) -> bool:
    host = server.configuration.get("DicomWeb", "Host")
    return host is not None and host.value not in (None, "")
