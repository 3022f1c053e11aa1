"""Rule ``enabling-variable-spelling``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.variables import Use
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text, place_of
from policy.lint.views.variable_fixes import set_text
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class EnablingVariableSpelling(Rule):
    r"""A variable that shall switch a plugin off and switches it on.

    ## What it checks

    Variables such as `OHIF_PLUGIN_ENABLED` with a value that means no without being exactly `false`.

    ## Why it matters

    Only the text `false` switches a plugin off.
    `False`, `0`, `no`, `off` and the empty text switch it on.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          VOLVIEW_PLUGIN_ENABLED: "False"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          VOLVIEW_PLUGIN_ENABLED: "false"
          STONE_WEB_VIEWER_PLUGIN_ENABLED: "yes"
    ```
    """

    code: ClassVar[str] = "DEP013"
    name: ClassVar[str] = "enabling-variable-spelling"
    title: ClassVar[str] = "Plugin that is on although its variable says no"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for variable, reading in readings(server):
            text = known_text(variable)
            if reading.use is not Use.SWITCH or reading.switch is None or text is None or text == "false":
                continue
            if text.strip().lower() not in ("false", "0", "no", "off", "n", "f", "disabled", ""):
                continue
            held = f'"{text}"' if text else "empty"
            yield self.finding(
                place_of(variable),
                f"{variable.name} is {held}, which switches the plugin {reading.switch.plugin} on: only the text false "
                "switches it off.",
                "Write false, in small letters.",
                fix=set_text(variable, "false", "Write false", safe=False),
                facts={"subject": variable.name, "plugin": reading.switch.plugin},
            )
