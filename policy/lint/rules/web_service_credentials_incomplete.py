"""Rule ``web-service-credentials-incomplete``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import filter_of, is_known, key_place, option

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_USER, _PASSWORD = "WebServiceUsername", "WebServicePassword"
_USERS_NEEDED = Version.parse("24.1.1")
"""From this tag on the official service answers nobody without credentials."""


class WebServiceCredentialsIncomplete(Rule):
    r"""A user name without a password for the web service, or the reverse.

    ## What it checks

    Whether one of `WebServiceUsername` and `WebServicePassword` is given without the other, or the user name is empty.

    ## Why it matters

    The plugin then calls the service without any credentials.
    The official service (24.1.1 and later) answers 401, and every user is refused.

    ## Example

    ```jsonc orthanc.jsonc line=4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "WebServiceUsername": "orthanc",
        "CheckedLevel": "studies"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "WebServiceUsername": "",
        "WebServicePassword": "secret",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "WebServiceUsername": "orthanc",
        "WebServicePassword": "secret",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    Neither of the two is right for a service of one's own that asks for nothing:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://own:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG028"
    name: ClassVar[str] = "web-service-credentials-incomplete"
    title: ClassVar[str] = "Half of the credentials for the web service"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the missing half is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).on:
            return
        user, password = option(server, _USER), option(server, _PASSWORD)
        empty = user is not None and user.setting.value == "" and is_known(server, user.setting)
        present = user if user is not None else password
        if present is None or (user is not None and password is not None and not empty) or server.unseen:
            return
        location = key_place(server, present)
        if location is None:
            return
        if empty:
            what, missing = f"{_USER} is empty", _USER
        else:
            missing = _PASSWORD if user is not None else _USER
            what = f"{missing} is missing"
        service = server.auth_service
        strict = service is not None and service.official and service.version.version >= _USERS_NEEDED
        own = service is not None and not service.official
        who = (
            f"the auth service {service.version}" if service is not None and strict else "a service that asks for them"
        )
        yield self.finding(
            location,
            f"{what}, so the plugin calls the web service without credentials: {who} answers 401, and every user is refused.",
            f"Set both {_USER} and {_PASSWORD}, or neither.",
            severity=Severity.WARNING if own else Severity.ERROR,
            confidence=Confidence.SURE if strict else Confidence.LIKELY,
            facts={"subject": missing},
        )
