"""Rule ``extra-permissions-old``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge import plugin_options
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import key_place, option, runs_plugin

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class ExtraPermissionsOld(Rule):
    r"""ExtraPermissions with a plugin that does not know it.

    ## What it checks

    Whether `ExtraPermissions` is given to a plugin before 0.10.0.

    ## Why it matters

    The list is ignored without a word: the routes that it was to open are refused to everybody.

    ## Example

    ```jsonc orthanc.jsonc line=5 plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["get", "^/my-plugin/list$", "view"]]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.10.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["get", "^/my-plugin/list$", "view"]]
      }
    }
    ```

    ## Exceptions

    An empty list says nothing, and nothing is lost:

    ```jsonc orthanc.jsonc plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": []
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG020"
    name: ClassVar[str] = "extra-permissions-old"
    title: ClassVar[str] = "ExtraPermissions with an old plugin"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the plugin has to be upgraded, or the default rules copied"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = option(server, "ExtraPermissions")
        known = plugin_options.option("ExtraPermissions")
        if entry is None or known is None or not runs_plugin(server) or server.plugin.version in known.versions:
            return
        location = key_place(server, entry)
        if location is None or (entry.setting.kind == "array" and not entry.setting.items):
            return
        rows = len(entry.setting.items)
        yield self.finding(
            location,
            f"The plugin {server.plugin} does not know ExtraPermissions and ignores "
            f"{'its rule' if rows == 1 else f'its {rows} rules'}: requests that they were to permit get 403.",
            f"Upgrade the plugin to {known.versions.since} or later.",
            facts={"subject": "ExtraPermissions", "since": str(known.versions.since), "rows": rows},
        )
