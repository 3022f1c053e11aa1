"""Rule ``client-certificate-renamed``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import NGINX, known_text
from policy.lint.views.variable_fixes import rename

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class ClientCertificateRenamed(Rule):
    r"""ENABLE_CLIENT_CERTIFICATE_VERIFICATION on an nginx image that does not read it.

    ## What it checks

    Whether an nginx image from 25.3.0 on has this variable.

    ## Why it matters

    It was read by 25.2.0 and 25.2.1 alone.
    Later images ignore it: nobody is asked for a certificate, and everything is open that was meant to need one.
    The new `ENABLE_CLIENT_CERTIFICATE` protects `/orthanc-cert/` and nothing else.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_HTTPS: "true"
          ENABLE_CLIENT_CERTIFICATE_VERIFICATION: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.2.1
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_HTTPS: "true"
          ENABLE_CLIENT_CERTIFICATE_VERIFICATION: "true"
    ```
    """

    code: ClassVar[str] = "DEP069"
    name: ClassVar[str] = "client-certificate-renamed"
    title: ClassVar[str] = "Old name of the switch for client certificates"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "owasp:API9:2023", "nist:IA-2")
    fixable: ClassVar[str] = "unsafe"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        variable = container.environment.get("ENABLE_CLIENT_CERTIFICATE_VERIFICATION")
        if container.role != NGINX or container.version is None or variable is None:
            return
        from policy.knowledge import nginx

        if variable.name in nginx.flag_defaults_of(container.version.version) or known_text(variable) == "false":
            return
        yield self.finding(
            variable.name_location,
            f"The proxy {container.version} does not read this variable: nobody is asked for a certificate, and what was meant to need "
            "one is open.",
            "Use ENABLE_CLIENT_CERTIFICATE, which protects /orthanc-cert/ alone, and do not publish the other ways.",
            fix=rename(variable, "ENABLE_CLIENT_CERTIFICATE", safe=False),
            facts={"subject": variable.name, "outcome": "open"},
        )
