"""Rule ``verbose-startup``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text, place_of
from policy.lint.views.variable_fixes import set_text
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class VerboseStartup(Rule):
    r"""VERBOSE_STARTUP, which prints the whole configuration.

    ## What it checks

    Whether a server of the image has `VERBOSE_STARTUP` with the value `true` or the empty text.

    ## Why it matters

    At each start the container writes its configuration to the log, all passwords included; whoever may read the log reads them.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
          VERBOSE_STARTUP: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
          VERBOSE_STARTUP: "false"
          VERBOSE_ENABLED: "true"
    ```
    """

    code: ClassVar[str] = "DEP033"
    name: ClassVar[str] = "verbose-startup"
    title: ClassVar[str] = "Passwords in the log"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "cis:4.1")
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        variable = container.environment.get("VERBOSE_STARTUP") if container is not None else None
        if variable is None or not of_image(server) or known_text(variable) not in ("true", ""):
            return
        yield self.finding(
            place_of(variable),
            "Each start writes the whole configuration into the log, passwords included.",
            "Set it to false, or remove it, once the configuration is as it should be.",
            fix=set_text(variable, "false", "Write false", safe=True),
            facts={"subject": variable.name},
        )
