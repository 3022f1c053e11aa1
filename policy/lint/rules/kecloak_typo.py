"""Rule ``kecloak-typo``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text
from policy.lint.views.variable_fixes import rename

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


_NAMES = ("KEYCLOAK_ADMIN_URI", "KECLOAK_ADMIN_URI")


class KecloakTypo(Rule):
    r"""KEYCLOAK_ADMIN_URI on versions that read KECLOAK_ADMIN_URI, or the other way round.

    ## What it checks

    The auth service from 24.2.0 to 24.7.2 reads the address of Keycloak's administration from `KECLOAK_ADMIN_URI`; from 24.9.0 on
    from `KEYCLOAK_ADMIN_URI`.

    ## Why it matters

    The variable has no effect: api-keys work only if Keycloak happens to be at the default address.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      auth:
        image: orthancteam/orthanc-auth-service:24.7.1
        environment:
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
          KEYCLOAK_ADMIN_URI: "http://login:8080/admin/realms/orthanc/"
    ```
    ---
    ```yaml docker-compose.yml line=6
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
          KECLOAK_ADMIN_URI: "http://login:8080/admin/realms/orthanc/"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:24.7.1
        environment:
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
          KECLOAK_ADMIN_URI: "http://login:8080/admin/realms/orthanc/"
    ```

    ## Exceptions

    Both may be there, for an upgrade:

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:24.7.1
        environment:
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
          KECLOAK_ADMIN_URI: "http://login:8080/admin/realms/orthanc/"
          KEYCLOAK_ADMIN_URI: "http://login:8080/admin/realms/orthanc/"
    ```
    """

    code: ClassVar[str] = "DEP074"
    name: ClassVar[str] = "kecloak-typo"
    title: ClassVar[str] = "Variable that this auth service spells otherwise"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official:
            return
        from policy.configuration.auth_environment import reads

        read = [name for name in _NAMES if reads(name, service.version.version)]
        for name in _NAMES:
            variable = container.environment.get(name)
            if variable is None or len(read) != 1 or name in read or read[0] in container.environment:
                continue
            default = service.environment.get(read[0])
            if default is not None and default.value == known_text(variable):
                continue
            yield self.finding(
                variable.name_location,
                f"The auth service {service.version} reads {read[0]} and not {name}: api-keys work only if Keycloak is at the default "
                "address.",
                f"Call it {read[0]}, or upgrade the auth service." if read[0] == _NAMES[1] else f"Call it {read[0]}.",
                fix=rename(variable, read[0], safe=False),
                facts={"subject": name, "read": read[0]},
            )
