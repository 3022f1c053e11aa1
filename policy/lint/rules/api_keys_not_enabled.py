"""Rule ``api-keys-not-enabled``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_value, may_be_elsewhere
from policy.lint.views.options import filter_of, place, texts_of

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, OrthancServer
    from policy.lint.context import Context


_SINCE, _SECRET_ALONE = Version.parse("24.2.0"), Version.parse("24.7.0")


class ApiKeysNotEnabled(Rule):
    r"""Orthanc takes api-keys, and the auth service does not know what to do with them.

    ## What it checks

    Whether the auth service has the client of Keycloak's administration where `TokenHttpHeaders` of a server has `api-key`.
    From 24.7.0 on `KEYCLOAK_CLIENT_SECRET` is enough; from 24.2.0 to 24.6.1 `ENABLE_KEYCLOAK_API_KEYS` is needed too; older services
    know no api-keys.

    ## Why it matters

    The key is taken for a login token, then for a share link, and refused: every program that sends one gets 403.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
    ```
    ```jsonc orthanc.json line=6
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```

    ## Exceptions

    A service of one's own may read keys as it likes.
    """

    code: ClassVar[str] = "DEP075"
    name: ClassVar[str] = "api-keys-not-enabled"
    title: ClassVar[str] = "api-keys that the auth service does not resolve"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2")
    fixable: ClassVar[str] = "the client secret is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        if service is None or not service.official or service.container is None or may_be_elsewhere(service.container):
            return
        if not filter_of(server).profiles:
            return
        setting = next((item for item in texts_of(server, "TokenHttpHeaders") if item.value == "api-key"), None)
        reason = _reason(service) if setting is not None else None
        location = place((setting.origin,), server) if setting is not None else None
        if reason is None or location is None:
            return
        yield self.finding(
            location,
            f"Every api-key is refused: {reason}.",
            "Set KEYCLOAK_CLIENT_SECRET on the auth service, or take the header out of the list.",
            related=[Related(service.container.location, "the auth service")],
            facts={"subject": "api-key"},
        )


def _reason(service: AuthService) -> str | None:
    """Why the service resolves no api-key; None where it does, or nobody knows."""
    version = service.version.version
    if version < _SINCE:
        return f"the auth service {version} knows no api-keys, which came with 24.2.0"
    flag = service.environment.get("ENABLE_KEYCLOAK_API_KEYS")
    on = known_value(flag)
    if on == "true" or (flag is not None and on is None):
        return None
    if "KEYCLOAK_CLIENT_SECRET" in service.environment:
        return None if version >= _SECRET_ALONE else "ENABLE_KEYCLOAK_API_KEYS is not true, which this version needs"
    return "the auth service has no KEYCLOAK_CLIENT_SECRET"
