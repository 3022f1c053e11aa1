"""Rule ``oe2-enabled-confusion``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variable_fixes import rename
from policy.lint.views.variables import loads, readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class Oe2EnabledConfusion(Rule):
    r"""OE2_ENABLED, which does not switch Orthanc Explorer 2 on or off.

    ## What it checks

    Whether a server of the image has the variable `OE2_ENABLED`.

    ## Why it matters

    It sets `OrthancExplorer2.IsDefaultOrthancUI`, that is, which page opens first.
    The plugin stays on, whatever its value.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          OE2_ENABLED: "false"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC_EXPLORER_2_ENABLED: "false"
    ```
    """

    code: ClassVar[str] = "DEP015"
    name: ClassVar[str] = "oe2-enabled-confusion"
    title: ClassVar[str] = "OE2_ENABLED does not switch the plugin"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for variable, _ in readings(server):
            if variable.name != "OE2_ENABLED":
                continue
            on = loads(server, "OrthancExplorer2")
            stays = "stays off" if on is False else "stays on"
            yield self.finding(
                variable.name_location,
                f"OE2_ENABLED sets OrthancExplorer2.IsDefaultOrthancUI, the page that opens first: the plugin {stays} whatever "
                "it says.",
                "Use ORTHANC_EXPLORER_2_ENABLED to switch the plugin, ORTHANC__ORTHANC_EXPLORER_2__IS_DEFAULT_ORTHANC_UI for the "
                "first page.",
                fix=rename(variable, "ORTHANC_EXPLORER_2_ENABLED", safe=False),
                facts={"subject": variable.name},
            )
