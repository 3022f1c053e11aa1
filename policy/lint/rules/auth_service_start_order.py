"""Rule ``auth-service-start-order``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.compose_fixes import add_key
from policy.lint.views.containers import in_compose, known_value

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


class AuthServiceStartOrder(Rule):
    r"""The auth service with Keycloak and without a restart policy.

    ## What it checks

    Whether an auth service with `ENABLE_KEYCLOAK` has a `restart` policy that starts it again after a failure.

    ## Why it matters

    The service asks for Keycloak's public key once, at start, and exits where Keycloak is not up yet.
    Without a restart it stays down, and Orthanc refuses every request.

    ## Example

    ```yaml docker-compose.yml line=2
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        restart: unless-stopped
        environment:
          ENABLE_KEYCLOAK: "true"
    ```
    """

    code: ClassVar[str] = "DEP078"
    name: ClassVar[str] = "auth-service-start-order"
    title: ClassVar[str] = "Auth service that does not wait for Keycloak"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("nist:CM-6",)
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official or not in_compose(container):
            return
        if known_value(service.environment.get("ENABLE_KEYCLOAK")) != "true" or container.restart not in (None, "no"):
            return
        root = container.source.document.root
        services = root.get("services") if root is not None else None
        written = services.get(container.name) if services is not None else None
        if written is None or written.get("deploy") is not None:
            return  # a swarm starts it again
        yield self.finding(
            container.location,
            "The auth service exits where Keycloak is not up yet when it starts, and nothing starts it again.",
            "Add restart: unless-stopped.",
            fix=add_key(container, "restart", "unless-stopped", "Add restart: unless-stopped"),
            facts={"subject": container.name},
        )
