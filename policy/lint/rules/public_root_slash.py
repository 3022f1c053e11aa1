"""Rule ``public-root-slash``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import of_service
from policy.lint.views.variable_fixes import around

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


class PublicRootSlash(Rule):
    r"""PUBLIC_ORTHANC_ROOT or PUBLIC_OHIF_ROOT without a slash at its end.

    ## What it checks

    Whether the two addresses, as the auth service gets them, end in a slash.

    ## Why it matters

    Share links are put together as relative addresses: without the slash the last part of the path is lost, and
    `https://host/orthanc` gives links below `https://host/`, which the proxy sends to the start page.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc"
    ```

    ## Use instead

    The landing page is a page and not a folder:

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
          PUBLIC_LANDING_ROOT: "https://pacs.example.org/orthanc/ui/app/token-landing.html"
    ```
    """

    code: ClassVar[str] = "DEP058"
    name: ClassVar[str] = "public-root-slash"
    title: ClassVar[str] = "Public address without a slash at its end"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "safe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        if not service.official:
            return
        for address in of_service(service, "PUBLIC_ORTHANC_ROOT", "PUBLIC_OHIF_ROOT"):
            if address.url.endswith("/"):
                continue
            variable = service.container.environment.get(address.name) if service.container is not None else None
            yield self.finding(
                address.location,
                f"Share links lose the last part of this address: they begin with {address.shown.rpartition('/')[0]}/.",
                "Add a slash at the end.",
                fix=around(variable, "", "/", "Add the slash", safe=True) if variable is not None else None,
                facts={"subject": address.name},
            )
