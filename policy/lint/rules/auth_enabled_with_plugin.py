"""Rule ``auth-enabled-with-plugin``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Fix, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import authentication, filter_of, given, refuses_basic, section_place, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context


class AuthEnabledWithPlugin(Rule):
    r"""The core's own authentication together with the filter of the plugin.

    ## What it checks

    Whether `AuthenticationEnabled` is true, or true by default, while the plugin filters.

    ## Why it matters

    Up to plugin 0.8.2 Orthanc stops at start.
    From 0.9.0 there are two doors one behind the other: whoever has no user name of Orthanc is turned away with 401
    before the plugin is asked, also with a valid token of Keycloak, an api-key or a share link.

    ## Example

    ```jsonc orthanc.jsonc line=2 plugin=0.8.2
    {
      "AuthenticationEnabled": true,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=2 plugin=0.7.2
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=2 plugin=0.11.4 severity=warning
    {
      "AuthenticationEnabled": true,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://login.example.org/"}}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.8.2
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    Without an address there is no filter, and the core's authentication is all that protects the server:

    ```jsonc orthanc.jsonc plugin=0.8.2
    {
      "AuthenticationEnabled": true,
      "Authorization": {
        "WebServiceTokenCreationBaseUrl": "http://auth:8000/tokens/"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG009"
    name: ClassVar[str] = "auth-enabled-with-plugin"
    title: ClassVar[str] = "Core authentication together with the plugin"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "nist:IA-2")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).on:
            return
        entry = given(server, "AuthenticationEnabled")
        value = server.configuration.get("AuthenticationEnabled")
        if value is not None and value.value is not True:
            return
        location = value_place(server, entry) if entry is not None else section_place(server)
        if location is None:
            return
        said = (
            "AuthenticationEnabled is true"
            if entry is not None
            else "AuthenticationEnabled is not set and true by default"
        )
        fix = replace_value(entry.setting, value=False, title="Write false", safe=False) if entry is not None else None
        if refuses_basic(server):
            yield self.finding(
                location,
                f"Orthanc stops at start: {said}, which the Authorization plugin {server.plugin} refuses while it filters.",
                "Set AuthenticationEnabled to false; plugin 0.9.0 and later take the pair.",
                confidence=Confidence.LIKELY if server.plugin.assumed else Confidence.SURE,
                fix=fix,
                facts={"subject": "AuthenticationEnabled", "outcome": "no-start"},
            )
        elif authentication(server).enabled:
            yield from self._two_doors(server, said, location, fix)

    def _two_doors(self, server: OrthancServer, said: str, location: Location, fix: Fix | None) -> Iterator[Finding]:
        switch = server.configuration.get("OrthancExplorer2", "Keycloak", "Enable")
        keycloak = switch is not None and switch.value is True
        service = server.auth_service
        if service is not None and not service.official and not keycloak:
            return  # a service of one's own may well read the credentials of Orthanc's users
        sure = keycloak or service is not None
        whom = "users of Keycloak" if keycloak else "whoever sends a token, an api-key or a share link alone"
        yield self.finding(
            location,
            f"{said}: {whom} will get 401, because the core asks for a user name and a password of Orthanc before the "
            "plugin is asked.",
            "Set AuthenticationEnabled to false where the plugin's filter alone shall decide.",
            severity=Severity.WARNING,
            confidence=Confidence.SURE if sure else Confidence.LIKELY,
            fix=fix,
            facts={"subject": "AuthenticationEnabled", "outcome": "two-doors", "keycloak": keycloak},
        )
