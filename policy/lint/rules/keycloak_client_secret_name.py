"""Rule ``keycloak-client-secret-name``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_value, may_be_elsewhere, place_of
from policy.lint.views.variable_fixes import rename
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


_NAME = "KEYCLOAK_CLIENT_SECRET"
_NEARLY = regex(r"(?:KC|KEYCLOAK)_?(?:ADMIN|CLIENT|ADMIN_CLIENT)?_?SECRET(?:_FILE|_KEY)?", re.IGNORECASE)
_SINCE = Version.parse("24.2.0")


class KeycloakClientSecretName(Rule):
    r"""The client secret of Keycloak is missing, or has a name that the auth service does not read.

    ## What it checks

    Whether the auth service has `KEYCLOAK_CLIENT_SECRET`, as a variable or as a secret of exactly this name, where api-keys are on;
    and variables and secrets whose names are nearly that.

    ## Why it matters

    With `ENABLE_KEYCLOAK_API_KEYS` and without the secret the service exits at start.
    Without both, api-keys and the editor of roles do not work.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          ENABLE_KEYCLOAK_API_KEYS: "true"
          KEYCLOAK_ADMIN_SECRET: "a-long-secret"
    ```
    ---
    ```yaml docker-compose.yml line=6
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          ENABLE_KEYCLOAK_API_KEYS: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          ENABLE_KEYCLOAK_API_KEYS: "true"
        secrets: [KEYCLOAK_CLIENT_SECRET]
    secrets:
      KEYCLOAK_CLIENT_SECRET:
        file: ./client-secret.txt
    ```
    """

    code: ClassVar[str] = "DEP072"
    name: ClassVar[str] = "keycloak-client-secret-name"
    title: ClassVar[str] = "Client secret of Keycloak under another name"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official or service.version.version < _SINCE:
            return
        if _NAME in service.environment and service.environment[_NAME].value != "":
            return
        keys = service.environment.get("ENABLE_KEYCLOAK_API_KEYS")
        needed = keys is not None and known_value(keys) == "true"
        then = (
            f"the auth service {service.version} exits at start, because api-keys are on"
            if needed
            else "api-keys and the editor of roles do not work"
        )
        near = [
            (name, place_of(variable)) for name, variable in container.environment.items() if _NEARLY.fullmatch(name)
        ]
        near += [(name, location) for name, location in container.secrets.items() if _NEARLY.fullmatch(name)]
        near = [(name, location) for name, location in near if name != _NAME]
        for name, location in near[:1]:
            variable = container.environment.get(name)
            yield self.finding(
                location,
                f"The auth service does not read {name}: {then}.",
                f"Call it {_NAME}; there is no form with _FILE.",
                severity=Severity.ERROR if needed else Severity.WARNING,
                fix=rename(variable, _NAME, safe=False)
                if variable is not None and not name.upper().endswith("_FILE")
                else None,
                facts={"subject": name, "outcome": "no-start" if needed else ""},
            )
        if not near and needed and keys is not None and not may_be_elsewhere(container):
            yield self.finding(
                keys.location or container.location,
                f"{then[0].upper()}{then[1:]} and {_NAME} is not set.",
                f"Set {_NAME}, as a variable or as a secret of exactly this name, to the secret of the client admin-cli.",
                facts={"subject": _NAME, "outcome": "no-start"},
            )
