"""Rule ``server-id-mismatch``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_value, may_be_elsewhere
from policy.lint.views.options import filter_of, option, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class ServerIdMismatch(Rule):
    r"""SERVER_ID of the auth service and WebServiceIdentifier of the plugin differ.

    ## What it checks

    Whether both are set to the same text, or neither is.

    ## Why it matters

    Share links are made for one server: a service that knows the server by another name does not take them.

    ## Example

    ```yaml docker-compose.yml line=13
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_IDENTIFIER: "archive"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
          SERVER_ID: "pacs"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_IDENTIFIER: "archive"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
          SERVER_ID: "archive"
    ```
    """

    code: ClassVar[str] = "DEP079"
    name: ClassVar[str] = "server-id-mismatch"
    title: ClassVar[str] = "Identifiers of the server that differ"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is right is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        if service is None or service.container is None or not service.official or not filter_of(server).on:
            return
        if not any(known_value(service.environment.get(name)) for name in ("PUBLIC_ORTHANC_ROOT", "PUBLIC_OHIF_ROOT")):
            return  # the service then does not look at SERVER_ID
        entry = option(server, "WebServiceIdentifier")
        variable = service.environment.get("SERVER_ID")
        mine = entry.setting.value if entry is not None else None
        theirs = known_value(variable)
        if (entry is None and variable is None) or mine == theirs:
            return
        if (entry is not None and not entry.setting.known) or (variable is not None and theirs is None):
            return
        if "${" in str(mine) or (variable is None and may_be_elsewhere(service.container)) or server.unseen:
            return
        location = variable.location if variable is not None else None
        if location is None and entry is not None:
            location = value_place(server, entry)
        if location is None:
            return
        if entry is None:
            why = "SERVER_ID is set and WebServiceIdentifier is not"
        elif variable is None:
            why = "WebServiceIdentifier is set and SERVER_ID is not"
        else:
            why = "SERVER_ID and WebServiceIdentifier differ"
        yield self.finding(
            location,
            f"Share links made for {server.name} may not be taken: {why}.",
            "Set both to the same text, or neither.",
            confidence=Confidence.LIKELY,
            facts={"subject": server.name},
        )
