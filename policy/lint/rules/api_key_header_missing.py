"""Rule ``api-key-header-missing``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import filter_of, option, section_place, token_names, value_place
from policy.lint.views.service import API_KEY, api_keys

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class ApiKeyHeaderMissing(Rule):
    r"""Api-keys that Orthanc does not look at.

    ## What it checks

    Whether the auth service resolves api-keys while `TokenHttpHeaders` does not name `api-key`.

    ## Why it matters

    The plugin looks at the headers that it was told of alone.
    Whoever sends an api-key is nobody to it, and gets 403.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"]
      }
    }
    ```
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.jsonc:/etc/orthanc/orthanc.json"]
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          ENABLE_KEYCLOAK_API_KEYS: "true"
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token", "api-key"]
      }
    }
    ```
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.jsonc:/etc/orthanc/orthanc.json"]
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          ENABLE_KEYCLOAK_API_KEYS: "true"
    ```

    ## Exceptions

    Where only `KEYCLOAK_CLIENT_SECRET` is set, which the editor of permissions needs as well, it is information.
    """

    code: ClassVar[str] = "CFG017"
    name: ClassVar[str] = "api-key-header-missing"
    title: ClassVar[str] = "Api-keys that Orthanc does not look at"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2")
    fixable: ClassVar[str] = "whether clients send api-keys is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        if service is None or not service.official or not filter_of(server).profiles:
            return
        if any(
            token.header and token.name.lower().replace("_", "-").endswith(API_KEY) for token in token_names(server)
        ):
            return  # another spelling is the subject of the rule api-key-header-case
        found = api_keys(service)
        if found is None:
            return
        variable, explicit = found
        entry = option(server, "TokenHttpHeaders")
        location = value_place(server, entry) if entry is not None else section_place(server)
        if location is None:
            return
        related = [Related(variable.location, "api-keys are switched on here")] if variable.location is not None else []
        yield self.finding(
            location,
            "The auth service resolves api-keys, but Orthanc does not look at the header api-key: who sends one counts as "
            "nobody, and gets 403.",
            'Add "api-key" to TokenHttpHeaders.',
            severity=Severity.ERROR if explicit else Severity.INFO,
            confidence=Confidence.SURE if explicit else Confidence.LIKELY,
            related=related,
            facts={"subject": API_KEY, "variable": variable.name},
        )
