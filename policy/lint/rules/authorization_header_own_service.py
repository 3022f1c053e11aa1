"""Rule ``authorization-header-own-service``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import filter_of, key_place, option, text_of, token_names
from policy.lint.views.service import called_container

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_SINCE = Version.parse("0.4.0")


class AuthorizationHeaderOwnService(Rule):
    r"""The header Authorization, and credentials for a service of one's own.

    ## What it checks

    Whether the header Authorization is a token while `WebServiceUsername` is set, for a service that is not the official
    one.

    ## Why it matters

    The plugin's own credentials take the header Authorization of the call.
    The service finds the user's token in the body alone, as `token-value`.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceTokenValidationUrl": "http://own:8000/validate",
        "TokenHttpHeaders": ["Authorization"],
        "WebServiceUsername": "orthanc",
        "WebServicePassword": "secret"
      }
    }
    ```
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.jsonc:/etc/orthanc/orthanc.json"]
      own:
        image: registry.example.org/own-auth-service:1
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceTokenValidationUrl": "http://own:8000/validate",
        "TokenHttpHeaders": ["X-Session"],
        "WebServiceUsername": "orthanc",
        "WebServicePassword": "secret"
      }
    }
    ```
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.jsonc:/etc/orthanc/orthanc.json"]
      own:
        image: registry.example.org/own-auth-service:1
    ```

    ## Exceptions

    The official service reads the body.
    """

    code: ClassVar[str] = "CFG025"
    name: ClassVar[str] = "authorization-header-own-service"
    title: ClassVar[str] = "Header Authorization with credentials of the plugin"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023",)
    fixable: ClassVar[str] = "the service has to read the body"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        user = option(server, "WebServiceUsername")
        if user is None or not user.setting.value or text_of(server, "WebServicePassword") is None:
            return
        if not filter_of(server).shares or server.plugin.version < _SINCE or not _own_service(server, context):
            return
        location = key_place(server, user)
        if location is None or not any(
            token.header and token.name.lower() == "authorization" for token in token_names(server)
        ):
            return
        yield self.finding(
            location,
            "The service finds the plugin's own credentials in the header Authorization; the token that the user sent "
            "there is in the body alone, as token-value.",
            "Let the service read token-value from the body.",
            facts={"subject": "WebServiceUsername"},
        )


def _own_service(server: OrthancServer, context: Context) -> bool:
    """Whether the plugin is known to call a service that is not the official one."""
    if server.auth_service is not None:
        return not server.auth_service.official
    container = called_container(server, context.deployment)
    return container is not None and container.role != "auth-service"
