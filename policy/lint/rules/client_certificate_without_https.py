"""Rule ``client-certificate-without-https``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import NGINX, known_text, may_be_elsewhere, value_of

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class ClientCertificateWithoutHttps(Rule):
    r"""ENABLE_CLIENT_CERTIFICATE without ENABLE_HTTPS.

    ## What it checks

    Whether the nginx image asks for client certificates while it speaks plain http.

    ## Why it matters

    The variable is ignored: `/orthanc-cert/` is not there, and nobody is asked for a certificate.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_CLIENT_CERTIFICATE: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_HTTPS: "true"
          ENABLE_CLIENT_CERTIFICATE: "true"
    ```
    """

    code: ClassVar[str] = "DEP068"
    name: ClassVar[str] = "client-certificate-without-https"
    title: ClassVar[str] = "Client certificates without https"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2")
    fixable: ClassVar[str] = "the certificates are not known"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != NGINX or container.version is None or "certbot" in (container.image or ""):
            return
        variable = container.environment.get("ENABLE_CLIENT_CERTIFICATE")
        if variable is None or known_text(variable) != "true" or value_of(container, "ENABLE_HTTPS") == "true":
            return
        https = container.environment.get("ENABLE_HTTPS")
        if (https is not None and known_text(https) is None) or (https is None and may_be_elsewhere(container)):
            return
        yield self.finding(
            variable.name_location,
            "Nobody is asked for a certificate: without ENABLE_HTTPS the variable is ignored.",
            'Set ENABLE_HTTPS to "true" and mount the certificates.',
            facts={"subject": variable.name},
        )
