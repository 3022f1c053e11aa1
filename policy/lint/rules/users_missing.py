"""Rule ``users-missing``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import may_be_elsewhere, place_of

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Container
    from policy.configuration.source import Location
    from policy.lint.context import Context


_USERS_NEEDED = Version.parse("24.1.1")


class UsersMissing(Rule):
    r"""USERS of the auth service is missing, empty or no strict JSON.

    ## What it checks

    Whether the auth service, from 24.1.1 on, has a variable `USERS` with an object of names and passwords.
    It is read by a strict reader: no comments, no trailing commas.

    ## Why it matters

    The service exits at start, and Orthanc refuses every request.

    ## Example

    ```yaml docker-compose.yml line=2
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
    ```
    ---
    ```yaml docker-compose.yml line=6
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
          USERS: '{"share-user": "a-long-password",}'
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
          USERS: '{"share-user": "a-long-password"}'
    ```

    ## Exceptions

    Before 24.1.1 the service asks nobody, and a file of variables that was not given may hold them:

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        env_file: [auth.env]
        environment:
          SECRET_KEY: "a-long-key"
    ```
    """

    code: ClassVar[str] = "DEP047"
    name: ClassVar[str] = "users-missing"
    title: ClassVar[str] = "Auth service without USERS"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2", "nist:CM-6")
    fixable: ClassVar[str] = "the users are not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official or service.version.version < _USERS_NEEDED:
            return
        variable = service.environment.get("USERS")
        if variable is None:
            if not may_be_elsewhere(container):
                yield self._report(service, container.location, "USERS is not set")
            return
        if variable.value is None:
            return
        reason = _reason(variable.value)
        if reason is not None:
            yield self._report(service, _broken_at(container) or variable.location or container.location, reason)

    def _report(self, service: AuthService, location: Location, reason: str) -> Finding:
        return self.finding(
            location,
            f"The auth service {service.version} exits at start, because {reason}: Orthanc refuses everybody.",
            'Set USERS to strict JSON, such as {"share-user": "..."}, and give the same pair to the plugin.',
            facts={"subject": "USERS", "outcome": "no-start"},
        )


def _reason(text: str) -> str | None:
    """Why the service does not take a value of ``USERS``; None where it does."""
    if not text.strip():
        return "USERS is empty"
    try:
        users = json.loads(text)
    except (ValueError, RecursionError):
        return None if "${" in text else "USERS is no strict JSON"
    if not isinstance(users, dict):
        return "USERS is no object of names and passwords"
    return "USERS holds nobody" if not users else None


def _broken_at(container: Container) -> Location | None:
    """Where the text stops being strict JSON, as far as that is one place."""
    from policy.configuration.carried import carried

    variable = container.environment.get("USERS")
    held = carried(variable) if variable is not None else None
    if variable is None or held is None or held.document is None or not held.document.leniencies:
        return None
    first = min(held.document.leniencies, key=lambda leniency: leniency.span.start)
    return place_of(variable).source.place(held.place(first.span))
