"""Rule ``auth-enabled-without-section``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text, may_be_elsewhere
from policy.lint.views.options import SECTION, authentication
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class AuthEnabledWithoutSection(Rule):
    r"""AUTHORIZATION_PLUGIN_ENABLED without an Authorization section.

    ## What it checks

    Whether the variable switches the plugin on while neither a file nor a variable gives the section.

    ## Why it matters

    The library is loaded and then declares itself disabled, with one warning in the log.
    Nothing is filtered.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          AUTHORIZATION_PLUGIN_ENABLED: "true"
          ORTHANC__AUTHENTICATION_ENABLED: "false"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          AUTHORIZATION_PLUGIN_ENABLED: "true"
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
    ```

    ## Exceptions

    The section may stand in a file that was not given:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - /srv/orthanc:/etc/orthanc
        environment:
          AUTHORIZATION_PLUGIN_ENABLED: "true"
    ```
    """

    code: ClassVar[str] = "DEP024"
    name: ClassVar[str] = "auth-enabled-without-section"
    title: ClassVar[str] = "Plugin switched on without its section"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:306", "cwe:862", "nist:AC-3")
    fixable: ClassVar[str] = "the address of the web service is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or server.authorization is not None or server.unseen or may_be_elsewhere(container):
            return
        core = authentication(server)
        for variable, reading in readings(server):
            if reading.switch is None or reading.switch.section != SECTION or known_text(variable) in (None, "false"):
                continue
            who = "every user who can log in" if core.enabled else "everybody who reaches the server"
            yield self.finding(
                variable.name_location,
                f"{variable.name} loads the plugin, which finds no Authorization section and switches itself off: {who} may read, "
                "change and delete everything.",
                "Add an Authorization section with WebServiceRootUrl, or remove the variable.",
                severity=Severity.WARNING if core.enabled else Severity.ERROR,
                witness=None if core.enabled else Witness("GET", "/studies", "anybody without a token", "permit"),
                facts={"subject": variable.name, "outcome": "open"},
            )
