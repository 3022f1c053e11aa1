"""Rule ``keycloak-off-roles``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text, may_be_elsewhere, place_of
from policy.lint.views.options import given, value_place
from policy.lint.views.variable_fixes import set_text

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Location
    from policy.lint.context import Context


class KeycloakOffRoles(Rule):
    r"""Roles are given, or users log in, and ENABLE_KEYCLOAK is not exactly `true`.

    ## What it checks

    Whether the auth service has `ENABLE_KEYCLOAK` with exactly the text `true`, where a file of roles is mounted or Orthanc Explorer 2
    logs users in with Keycloak.
    `True`, `1` and `yes` do not count.

    ## Why it matters

    Every user is a visitor without a name and gets the anonymous profile, whatever the roles.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "True"
        volumes:
          - ./permissions.json:/orthanc_auth_service/permissions.json
    ```
    ```jsonc permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```
    ---
    ```yaml docker-compose.yml line=7
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
        volumes:
          - ./permissions.json:/orthanc_auth_service/permissions.json
    ```
    ```jsonc permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: true
        volumes:
          - ./permissions.json:/orthanc_auth_service/permissions.json
    ```
    ```jsonc permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```

    ## Exceptions

    A service that only makes share links needs neither:

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
    ```
    """

    code: ClassVar[str] = "DEP076"
    name: ClassVar[str] = "keycloak-off-roles"
    title: ClassVar[str] = "Roles without Keycloak"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official:
            return
        variable = container.environment.get("ENABLE_KEYCLOAK")
        if variable is None and may_be_elsewhere(container):
            return
        text = known_text(variable) if variable is not None else ""
        if text is None or text == "true":
            return
        users = _logs_in(service, context)
        mount = next(
            (
                one
                for one in container.mounts
                if service.permissions is not None and service.permissions in one.files.values()
            ),
            None,
        )
        meant = variable is not None and text.strip().lower() in ("true", "yes", "on", "1")
        if users is None and mount is None and not meant:
            return
        said = (
            f'ENABLE_KEYCLOAK is "{text}" and not exactly true'
            if variable is not None
            else "ENABLE_KEYCLOAK is not set"
        )
        location = (
            place_of(variable) if variable is not None else mount.location if mount is not None else container.location
        )
        yields = "whoever logs in" if users is not None else "every user"
        yield self.finding(
            location,
            f"{said}: {yields} counts as a visitor and gets the anonymous profile; the roles have no effect.",
            'Set ENABLE_KEYCLOAK to "true", or take the roles away if only share links are wanted.',
            related=[Related(users, "users log in with Keycloak")] if users is not None else [],
            fix=set_text(variable, "true", "Write true", safe=False) if variable is not None and meant else None,
            facts={"subject": "ENABLE_KEYCLOAK", "users": users is not None},
        )


def _logs_in(service: AuthService, context: Context) -> Location | None:
    """Where Orthanc Explorer 2 is told to log users in with Keycloak, on a server that asks ``service``."""
    for server in context.deployment.servers:
        entry = given(server, "OrthancExplorer2", "Keycloak", "Enable")
        if server.auth_service is service and entry is not None and entry.setting.value is True:
            return value_place(server, entry)
    return None
