"""Rule ``auth-service-through-nginx``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import NGINX, known_text, place_of
from policy.lint.views.variable_fixes import set_text

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class AuthServiceThroughNginx(Rule):
    r"""ENABLE_ORTHANC_TOKEN_SERVICE, which opens the auth service to the public side.

    ## What it checks

    Whether the nginx image passes `/auth-service/` on.

    ## Why it matters

    Whoever reaches the proxy may ask for profiles, make share links and, with the editor of roles, change permissions; only the
    passwords in `USERS` stand before it.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_ORTHANC_TOKEN_SERVICE: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_ORTHANC_TOKEN_SERVICE: "false"
    ```
    """

    code: ClassVar[str] = "DEP051"
    name: ClassVar[str] = "auth-service-through-nginx"
    title: ClassVar[str] = "Auth service behind the public proxy"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "owasp:API5:2023", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != NGINX or container.version is None:
            return
        variable = container.environment.get("ENABLE_ORTHANC_TOKEN_SERVICE")
        if variable is None or known_text(variable) != "true":
            return
        from policy.knowledge import nginx

        rows = nginx.enabled_locations(container.version.version, {variable.name: "true"})
        prefix = next((row.prefix for row in rows if row.flag == variable.name), None)
        if prefix is not None:
            yield self.finding(
                place_of(variable),
                f"The proxy passes {prefix} on to the auth service: whoever reaches the proxy may ask for profiles, make share links "
                "and change roles, with a password of USERS alone.",
                "Set it to false, unless other programs outside have to make share links.",
                fix=set_text(variable, "false", "Write false", safe=False),
                facts={"subject": variable.name, "prefix": prefix},
            )
