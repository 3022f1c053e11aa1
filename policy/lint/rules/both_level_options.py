"""Rule ``both-level-options``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.plugin_options import access_level
from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_member
from policy.lint.views.options import key_place, option, runs_plugin

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_SINCE = Version.parse("0.4.0")


class BothLevelOptions(Rule):
    r"""CheckedLevel together with UncheckedLevels.

    ## What it checks

    Whether both keys are in the section, `UncheckedLevels` of whatever length.

    ## Why it matters

    The plugin refuses the pair, and Orthanc stops at start: nobody can work.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedLevels": ["patients", "series", "instances"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "UncheckedLevels": [],
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    `CheckedLevel` with the value `system` unchecks nothing, and the plugin takes it beside `UncheckedLevels`:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "system",
        "UncheckedLevels": ["system"]
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG004"
    name: ClassVar[str] = "both-level-options"
    title: ClassVar[str] = "CheckedLevel together with UncheckedLevels"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "cis:4.1")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        checked, unchecked = option(server, "CheckedLevel"), option(server, "UncheckedLevels")
        if checked is None or unchecked is None or not runs_plugin(server) or server.plugin.version < _SINCE:
            return
        value = checked.setting.value
        if isinstance(value, str) and access_level(value) == "system":
            return
        location, other = key_place(server, unchecked), key_place(server, checked)
        if location is None:
            return
        kept = f'"CheckedLevel": "{value}"' if isinstance(value, str) and access_level(value) else "CheckedLevel"
        yield self.finding(
            location,
            "Orthanc stops at start: the Authorization plugin refuses CheckedLevel and UncheckedLevels together.",
            f"Keep {kept}, which unchecks every other level, and remove UncheckedLevels.",
            related=[Related(other, "CheckedLevel is here")] if other is not None else (),
            fix=remove_member(unchecked, "Remove UncheckedLevels", safe=False),
            facts={"subject": "UncheckedLevels", "outcome": "no-start"},
        )
