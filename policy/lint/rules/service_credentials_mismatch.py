"""Rule ``service-credentials-mismatch``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import may_be_elsewhere
from policy.lint.views.options import ADDRESSES, filter_of, option, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context


_USERS_NEEDED = Version.parse("24.1.1")
_USER, _PASSWORD = "WebServiceUsername", "WebServicePassword"


class ServiceCredentialsMismatch(Rule):
    r"""The plugin's user name and password are not among those of the auth service.

    ## What it checks

    Whether `WebServiceUsername` and `WebServicePassword` are a pair of `USERS`, from the auth service 24.1.1 on.
    Values that only the host or a secret knows are not compared, unless both sides name the same variable.

    ## Why it matters

    The service answers 401 to every question, and the plugin refuses every request.

    ## Example

    ```yaml docker-compose.yml line=8
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: "share-user"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: "first-long-password"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
          USERS: '{"share-user": "second-long-password"}'
    ```
    ---
    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
          USERS: '{"share-user": "second-long-password"}'
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: "share-user"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: "second-long-password"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          SECRET_KEY: "a-long-key"
          USERS: |
            {
              "other": "first-long-password",
              "share-user": "second-long-password"
            }
    ```

    ## Exceptions

    A service of one's own may ask for nothing.
    """

    code: ClassVar[str] = "DEP046"
    name: ClassVar[str] = "service-credentials-mismatch"
    title: ClassVar[str] = "Credentials that the auth service does not know"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is right is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        if (
            service is None
            or not service.official
            or service.version.version < _USERS_NEEDED
            or not filter_of(server).on
        ):
            return
        variable = service.environment.get("USERS")
        if variable is None or not variable.value or variable.location is None:
            return
        try:
            users = json.loads(variable.value)
        except ValueError:
            return  # users-missing tells it
        if not isinstance(users, dict) or not users:
            return
        user, password = option(server, _USER), option(server, _PASSWORD)
        if user is None and password is None:
            entry = next((found for name in ADDRESSES if (found := option(server, name)) is not None), None)
            location = value_place(server, entry) if entry is not None else None
            if (
                location is None
                or server.unseen
                or (server.container is not None and may_be_elsewhere(server.container))
            ):
                return
            yield self._report(location, "the plugin sends no credentials", variable.location, _USER)
            return
        if user is None or password is None or not user.setting.known or not password.setting.known:
            return
        name, text = user.setting.value, password.setting.value
        if not isinstance(name, str) or not isinstance(text, str) or not name:
            return
        open_ = [key for key in users if "${" in key]
        if name not in users:
            location = value_place(server, user)
            if location is not None and not open_ and "${" not in name:
                yield self._report(location, "its user name is not among USERS", variable.location, _USER)
            return
        expected = users[name]
        if not isinstance(expected, str) or "${" in expected or "${" in text or expected == text:
            return
        location = value_place(server, password)
        if location is not None:
            yield self._report(location, "its password is not the one in USERS", variable.location, _PASSWORD)

    def _report(self, location: Location, why: str, users: Location, subject: str) -> Finding:
        return self.finding(
            location,
            f"The auth service answers 401 to every question of the plugin, because {why}: everybody is refused.",
            f"Give {_USER} and {_PASSWORD} a pair that stands in USERS.",
            related=[Related(users, "the users of the auth service")],
            facts={"subject": subject},
        )
