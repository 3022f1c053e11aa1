"""Rule ``viewer-no-token``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.clients_used import VOLVIEW_TOKENS_FROM, used_clients
from policy.lint.views.options import filter_of, section_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.clients_used import Used


class ViewerNoToken(Rule):
    r"""A viewer that sends no token.

    ## What it checks

    Clients of the deployment that are known to send no token with their requests: VolView in images before 25.2, and clients
    named with `--client` that have no way to send one.

    ## Why it matters

    Their requests are those of a visitor: the page opens, and the images are 403.
    Unchecking the folder instead opens the data to everybody.

    ## Example

    ```yaml docker-compose.yml line=9
    services:
      orthanc:
        image: orthancteam/orthanc:24.12.0
        environment:
          AUTHORIZATION_PLUGIN_ENABLED: "true"
          VOLVIEW_PLUGIN_ENABLED: "true"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://orthanc-auth-service:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["volview"]'
          ORTHANC__AUTHENTICATION_ENABLED: "false"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          AUTHORIZATION_PLUGIN_ENABLED: "true"
          VOLVIEW_PLUGIN_ENABLED: "true"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://orthanc-auth-service:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["volview"]'
          ORTHANC__AUTHENTICATION_ENABLED: "false"
    ```

    ## Exceptions

    Viewers that send a header which is not looked at are the business of `ohif-standard-missing`.
    """

    code: ClassVar[str] = "RTE027"
    name: ClassVar[str] = "viewer-no-token"
    title: ClassVar[str] = "Viewer that sends no token"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.SURE
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:306")
    fixable: ClassVar[str] = "the viewer must be a newer one"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).on:
            return
        for used in used_clients(server, context):
            why = _why(used, server)
            location = used.place or section_place(server)
            if why is not None and location is not None:
                name = f"{used.name[0].upper()}{used.name[1:]}"
                yield self.finding(
                    location,
                    f"{name} {why}: its requests for images are those of a visitor, and are refused.",
                    "Use a version that sends a token, or give the client a proxy that adds one; never uncheck the data.",
                    facts={"subject": used.client},
                )


def _why(used: Used, server: OrthancServer) -> str | None:
    from policy.knowledge.clients import features_of

    if used.client == "volview":
        if server.image is not None and server.image.version < VOLVIEW_TOKENS_FROM:
            return f"sends no token in the image {server.image} (from {VOLVIEW_TOKENS_FROM} on it does)"
        return None
    tokens = [feature.token for feature in features_of(used.client)]
    if tokens and all(token.startswith("none") for token in tokens):
        return "has no way to send a token"
    return None
