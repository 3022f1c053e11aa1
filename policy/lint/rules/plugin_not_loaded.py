"""Rule ``plugin-not-loaded``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Fix, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text, place_of
from policy.lint.views.options import SECTION, authentication, given, key_place
from policy.lint.views.variable_fixes import set_text
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context


_LIBRARIES = (".so", ".dll", ".dylib")
_VARIABLES = ("AUTHORIZATION_PLUGIN_ENABLED", "AUTHZ_ENABLED")


class PluginNotLoaded(Rule):
    r"""The plugin is not loaded although its section is there.

    ## What it checks

    Whether `AUTHORIZATION_PLUGIN_ENABLED` is exactly `false` beside an Authorization section, or a list of plugins of an Orthanc
    without the image names libraries but not this one.
    Also a server with an auth service and roles beside it, of which no server has the section.

    ## Why it matters

    There is no filter and no message about it in the log.
    With `AuthenticationEnabled` false everybody may do everything; with it true every registered user may.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          AUTHORIZATION_PLUGIN_ENABLED: "false"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```
    ---
    ```jsonc orthanc.json line=3
    {
      "AuthenticationEnabled": false,
      "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"],
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```

    ## Use instead

    The section alone loads the plugin in the image; elsewhere a folder or the library does:

    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Plugins": ["/usr/share/orthanc/plugins/"],
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```
    ---
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          AUTHORIZATION_PLUGIN_ENABLED: "true"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```
    """

    code: ClassVar[str] = "DEP023"
    name: ClassVar[str] = "plugin-not-loaded"
    title: ClassVar[str] = "Authorization section without the plugin"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:862", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if server.authorization is None:
            yield from self._no_section(server, context)
            return
        if server.enabled_plugins is not None and SECTION not in server.enabled_plugins and of_image(server):
            container = server.container
            for name in _VARIABLES:
                variable = container.environment.get(name) if container is not None else None
                if variable is not None and known_text(variable) == "false":
                    yield self._report(
                        server,
                        place_of(variable),
                        f"{name} is false",
                        "Remove the variable: the section loads the plugin.",
                        set_text(variable, "true", "Write true", safe=False),
                    )
        entry = given(server, "Plugins")
        if entry is not None and not of_image(server) and entry.setting.kind == "array":
            paths = [str(item.value) for item in entry.setting.items]
            location = key_place(server, entry)
            if location is None or not all(path.lower().endswith(_LIBRARIES) for path in paths):
                return
            if not any("authorization" in path.lower() for path in paths):
                yield self._report(
                    server,
                    location,
                    "Plugins does not name the library of the plugin",
                    "Add libOrthancAuthorization.so to it.",
                )

    def _report(
        self, server: OrthancServer, location: Location, why: str, help_: str, fix: Fix | None = None
    ) -> Finding:
        core = authentication(server)
        who = "every user who can log in" if core.enabled else "everybody who reaches the server"
        return self.finding(
            location,
            f"{why}, so the plugin is not loaded although the Authorization section is there: {who} may read, change and delete "
            "everything.",
            help_,
            severity=Severity.WARNING if core.enabled else Severity.ERROR,
            witness=None if core.enabled else Witness("GET", "/studies", "anybody without a token", "permit"),
            fix=fix,
            facts={"subject": SECTION, "outcome": "open"},
        )

    def _no_section(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        """Roles stand ready, and no server of the deployment has the section that would ask for them."""
        service = server.auth_service
        if (
            service is None
            or service.permissions is None
            or server.container is None
            or not authentication(server).enabled
        ):
            return
        together = [other for other in context.deployment.servers if other.auth_service is service]
        if any(other.authorization is not None or other.unseen or other.container is None for other in together):
            return
        if server is not together[0] or any("Authorization" in source.document.text for source in server.sources):
            return
        yield self.finding(
            server.container.location,
            f"The server {server.name} has no Authorization section, so the plugin is not loaded and the roles in {service.permissions.path} "
            "have no effect: every user who can log in may do everything.",
            "Add an Authorization section with WebServiceRootUrl.",
            severity=Severity.WARNING,
            confidence=Confidence.LIKELY,
            facts={"subject": server.name, "outcome": "open"},
        )
