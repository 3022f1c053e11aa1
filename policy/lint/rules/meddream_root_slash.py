"""Rule ``meddream-root-slash``."""

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


class MeddreamRootSlash(Rule):
    r"""PUBLIC_MEDDREAM_ROOT without a slash at its end.

    ## What it checks

    Whether the address, as the auth service gets it, ends in a slash.

    ## Why it matters

    The service exits at start, and Orthanc refuses every request.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_MEDDREAM_ROOT: "https://pacs.example.org/meddream"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_MEDDREAM_ROOT: "https://pacs.example.org/meddream/"
    ```
    """

    code: ClassVar[str] = "DEP060"
    name: ClassVar[str] = "meddream-root-slash"
    title: ClassVar[str] = "Public address of MedDream without a slash at its end"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "safe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        if not service.official:
            return
        for address in of_service(service, "PUBLIC_MEDDREAM_ROOT"):
            if address.url.endswith("/"):
                continue
            variable = service.container.environment.get(address.name) if service.container is not None else None
            yield self.finding(
                address.location,
                f"The auth service {service.version} exits at start: the address has no slash at its end.",
                "Add a slash at the end.",
                fix=around(variable, "", "/", "Add the slash", safe=True) if variable is not None else None,
                facts={"subject": address.name, "outcome": "no-start"},
            )
