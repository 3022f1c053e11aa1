"""Rule ``chained-proxy-forwarded``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import of_service, proxies_to
from policy.lint.views.containers import NGINX, may_be_elsewhere, project_of, value_of
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, OrthancServer
    from policy.lint.context import Context


_FORWARDED = Version.parse("25.8.1")


class ChainedProxyForwarded(Rule):
    r"""A second proxy in front of the nginx image.

    ## What it checks

    Whether the public addresses are https while the nginx image, from 25.8.1 on, speaks plain http, and neither `DicomWeb.Host` nor
    `DicomWeb.Ssl` is set.

    ## Why it matters

    The header by which the proxy tells the public address then holds a list, of which the DICOMweb plugin reads the first piece
    only: its answers name http addresses.

    ## Example

    ```yaml docker-compose.yml line=3
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
          ORTHANC__DICOM_WEB__PUBLIC_ROOT: "/orthanc/dicom-web/"
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_HTTPS: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
          ORTHANC__DICOM_WEB__PUBLIC_ROOT: "/orthanc/dicom-web/"
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
    ```
    """

    code: ClassVar[str] = "DEP044"
    name: ClassVar[str] = "chained-proxy-forwarded"
    title: ClassVar[str] = "TLS that ends before the proxy of the image"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the public address is not known"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != NGINX or container.version is None or container.version.version < _FORWARDED:
            return
        if (
            value_of(container, "ENABLE_HTTPS") == "true"
            or may_be_elsewhere(container)
            or "certbot" in (container.image or "")
        ):
            return
        together = project_of(container, context.deployment)
        secure = [
            address
            for service in context.deployment.auth_services
            if service.container in together
            for address in of_service(service, "PUBLIC_ORTHANC_ROOT")
            if address.scheme == "https"
        ]
        behind = [
            server
            for server in context.deployment.servers
            if any(proxy.container is container for proxy in proxies_to(server, context.deployment))
            and loads(server, "DicomWeb") is True
            and not _told(server)
        ]
        if secure and behind:
            yield self.finding(
                container.image_location or container.location,
                "Another proxy must end TLS before this one, as the public addresses are https and it speaks http: answers of "
                "DICOMweb then name http addresses.",
                "Set DicomWeb.Host and DicomWeb.Ssl, or let the first proxy send X-Forwarded-Host and X-Forwarded-Proto.",
                confidence=Confidence.LIKELY,
                related=[Related(secure[0].location, "https here")],
                facts={"subject": container.name, "server": behind[0].name},
            )


def _told(server: OrthancServer) -> bool:
    return any(server.configuration.get("DicomWeb", name) is not None for name in ("Host", "Ssl"))
