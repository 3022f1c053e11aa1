"""Rule ``option-too-new``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge import plugin_options
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.consequences import without_option
from policy.lint.views.options import key_place, option, runs_plugin

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class OptionTooNew(Rule):
    r"""An option that this version of the plugin does not know.

    ## What it checks

    Each option of the section against the release that brought it.
    `ExtraPermissions` has a rule of its own.

    ## Why it matters

    The option is ignored without a word: what it was to do does not happen.

    ## Example

    ```jsonc orthanc.jsonc line=5 plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "EnableAuditLogs": true
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.10.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "EnableAuditLogs": true
      }
    }
    ```

    ## Exceptions

    A value that says what holds anyway:

    ```jsonc orthanc.jsonc plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "EnableAuditLogs": false
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG021"
    name: ClassVar[str] = "option-too-new"
    title: ClassVar[str] = "Option newer than the plugin"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the plugin has to be upgraded"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not runs_plugin(server):
            return
        for known in plugin_options.options():
            entry = option(server, known.name)
            if entry is None or server.plugin.version in known.versions or known.name == "ExtraPermissions":
                continue
            location = key_place(server, entry)
            # A value that equals the default changes nothing: nobody is surprised.
            if location is None or (known.default is not None and entry.setting.python() == known.default):
                continue
            yield self.finding(
                location,
                f"The plugin {server.plugin} does not know {known.name} and ignores it: "
                f"{without_option(server, known.name)}.",
                f"Upgrade the plugin to {known.versions.since} or later.",
                facts={"subject": known.name, "since": str(known.versions.since)},
            )
