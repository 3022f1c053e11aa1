"""Rule ``ohif-two-ways``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import Address, of_service, ohif_root
from policy.lint.views.ohif import no_ohif_at

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Container, OrthancServer
    from policy.lint.context import Context


class OhifTwoWays(Rule):
    r"""The address of the OHIF plugin and that of the OHIF container confused.

    ## What it checks

    Whether `PUBLIC_OHIF_ROOT` and `OhifViewer3PublicRoot` lead to the container `ohif` or to a server that has the OHIF plugin, by
    the reverse proxy of the deployment.
    The plugin below `/orthanc/` needs its `RouterBasename` to say so.

    ## Why it matters

    The button of the viewer and the share links open nothing, or the start page.

    ## Example

    ```yaml docker-compose.yml line=11
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_OHIF_ROOT: "http://localhost/ohif/"
    ```
    ---
    ```yaml docker-compose.yml line=11
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_OHIF_ROOT: "http://localhost/orthanc/ohif/"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_OHIF: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
      ohif:
        image: orthancteam/ohif-v3:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_OHIF_ROOT: "http://localhost/ohif/"
    ```
    ---
    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          OHIF_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__ROUTER_BASENAME: "/orthanc/ohif/"
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_OHIF_ROOT: "http://localhost/orthanc/ohif/"
    ```
    """

    code: ClassVar[str] = "DEP062"
    name: ClassVar[str] = "ohif-two-ways"
    title: ClassVar[str] = "Address of OHIF at which no OHIF answers"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is wanted is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        if service.container is not None:
            for address in of_service(service, "PUBLIC_OHIF_ROOT"):
                yield from self._address(address, service.container, context)

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if server.container is not None:
            for address in ohif_root(server):
                yield from self._address(address, server.container, context)

    def _address(self, address: Address, container: Container, context: Context) -> Iterator[Finding]:
        reason = no_ohif_at(address, container, context.deployment)
        if reason is not None:
            yield self.finding(
                address.location,
                f"No OHIF answers at {address.path}: {reason}.",
                "Use /ohif/ with the container and ENABLE_OHIF, or the prefix of Orthanc followed by ohif/ with the plugin.",
                facts={"subject": address.name, "path": address.path},
            )
