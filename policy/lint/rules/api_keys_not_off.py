"""Rule ``api-keys-not-off``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.setting import Means
from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import servers_of
from policy.lint.views.containers import known_value
from policy.lint.views.options import filter_of, place, texts_of
from policy.lint.views.service import API_KEY, api_keys

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


_FLAG = "ENABLE_KEYCLOAK_API_KEYS"
_SECRET_FILE = Version.parse("24.7.1")
"""From here on the client secret is looked for among the secrets of the container whatever the switch says."""
_NO = frozenset({"false", "no", "off", "0"})
"""What people write who mean it; a misspelt ``true`` wants api-keys and gets them."""


class ApiKeysNotOff(Rule):
    r"""api-keys are switched off, and the auth service takes them all the same.

    ## What it checks

    Whether `ENABLE_KEYCLOAK_API_KEYS` says no on an auth service from 24.7.0 on that has `KEYCLOAK_CLIENT_SECRET`, while a server that asks
    it takes tokens from the header `api-key`.

    ## Why it matters

    The client secret alone switches the client of Keycloak's administration on, and with it api-keys.
    The log of the service says that they are disabled, and everybody whose user in Keycloak has the attribute `api-key` gets in by it.

    ## Example

    ```yaml docker-compose.yml line=11
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
          ENABLE_KEYCLOAK_API_KEYS: "false"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token", "api-key"]
      }
    }
    ```

    ## Use instead

    The editor of permissions needs the client secret, so what keeps api-keys out is the list of headers:

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
          ENABLE_KEYCLOAK_API_KEYS: "false"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"]
      }
    }
    ```

    ## Exceptions

    Up to 24.6.1 the switch is obeyed:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:24.6.2
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      auth:
        image: orthancteam/orthanc-auth-service:24.6.1
        environment:
          ENABLE_KEYCLOAK: "true"
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
          ENABLE_KEYCLOAK_API_KEYS: "false"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token", "api-key"]
      }
    }
    ```
    """

    code: ClassVar[str] = "DEP088"
    name: ClassVar[str] = "api-keys-not-off"
    title: ClassVar[str] = "api-keys that work although they are switched off"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2")
    fixable: ClassVar[str] = "whether api-keys are wanted is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        flag = service.environment.get(_FLAG)
        if flag is None or flag.location is None or (known_value(flag) or "").strip().lower() not in _NO:
            return
        resolved = api_keys(service) if service.official else None
        if resolved is None:
            return
        secret, _ = resolved
        if secret.means is Means.SECRET and service.version.version < _SECRET_FILE:
            return
        headers = [
            location
            for server in servers_of(service, context)
            if filter_of(server).profiles
            for item in texts_of(server, "TokenHttpHeaders")
            if item.value == API_KEY and (location := place((item.origin,), server)) is not None
        ]
        if not headers:
            return
        yield self.finding(
            flag.location,
            f"Api-keys work in spite of it: in the auth service {service.version} {secret.name} alone switches them on.",
            f"Take {API_KEY} out of TokenHttpHeaders; or set it to true, if they are wanted.",
            related=[Related(location, "api-keys are taken here") for location in headers],
            facts={"subject": _FLAG},
        )
