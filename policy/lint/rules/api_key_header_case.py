"""Rule ``api-key-header-case``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import ADDRESSES, filter_of, place, text_of, texts_of
from policy.lint.views.service import called_container

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_WANTED = "api-key"


class ApiKeyHeaderCase(Rule):
    r"""The header for api-keys in another spelling.

    ## What it checks

    Entries of `TokenHttpHeaders` that are `api-key` but for case, separators or `X-` before it.

    ## Why it matters

    The auth service looks an api-key up only if the registered name is exactly `api-key`.
    Under any other name it tries to decode the key as a JWT, fails, and answers with the anonymous profile.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["Api-Key", "X-API-KEY"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key", "X-Session"]
      }
    }
    ```

    ## Exceptions

    A service of one's own may read whatever it wants:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["X-Api-Key"]
      }
    }
    ```
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.jsonc:/etc/orthanc/orthanc.json"]
      orthanc-auth-service:
        image: registry.example.org/own-auth-service:1
    ```
    """

    code: ClassVar[str] = "CFG018"
    name: ClassVar[str] = "api-key-header-case"
    title: ClassVar[str] = "Header for api-keys in another spelling"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        if not filter_of(server).profiles or (service is not None and not service.official) or _own(server, context):
            return
        official = service is not None or _is_official_address(server)
        for setting in texts_of(server, "TokenHttpHeaders"):
            name = str(setting.value)
            plain = re.sub(r"[^a-z]", "", name.lower())
            location = place((setting.origin,), server)
            if name == _WANTED or plain not in ("apikey", "xapikey") or location is None:
                continue
            yield self.finding(
                location,
                f"The auth service of the Orthanc team takes a token for an api-key only under the name api-key: one sent "
                f"as {name} will be decoded as a JWT, and its sender gets the rights of nobody.",
                'Write "api-key"; clients may send any case.',
                severity=Severity.ERROR if official else Severity.INFO,
                confidence=Confidence.SURE if official else Confidence.LIKELY,
                fix=replace_value(setting, _WANTED, "Write api-key", safe=False),
                facts={"subject": name, "official": official},
            )


def _is_official_address(server: OrthancServer) -> bool:
    """Whether the plugin calls a host that bears the name of the official service."""
    return any("orthanc-auth-service" in (text_of(server, name) or "") for name in ADDRESSES)


def _own(server: OrthancServer, context: Context) -> bool:
    """Whether the host that the plugin calls is a container with an image of somebody else."""
    container = called_container(server, context.deployment)
    return container is not None and container.role != "auth-service"
