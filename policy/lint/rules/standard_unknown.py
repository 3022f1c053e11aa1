"""Rule ``standard-unknown``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.setting import Setting
from policy.knowledge.plugin import closest, standard_configurations
from policy.lint.finding import Confidence, Finding, Fix, Severity
from policy.lint.nearby import did_you_mean, nearest
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import place, runs_plugin, texts_of

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class StandardUnknown(Rule):
    r"""A standard configuration that this version does not know.

    ## What it checks

    The names in `StandardConfigurations` against those of the plugin's version.
    Names are compared with case.

    ## Why it matters

    An unknown name is ignored without a word: the files of the viewer are refused with 403, and its token headers are not
    looked at.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer2", "OHIF"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5 plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["ohif", "stl"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": [
          "orthanc-explorer-2", "ohif", "stone-webviewer", "osimis-web-viewer", "volview", "stl"
        ]
      }
    }
    ```

    ## Exceptions

    None.
    """

    code: ClassVar[str] = "CFG015"
    name: ClassVar[str] = "standard-unknown"
    title: ClassVar[str] = "Unknown standard configuration"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not runs_plugin(server):
            return
        release = closest(server.plugin.version)
        for setting in texts_of(server, "StandardConfigurations"):
            if release.standard_configuration(str(setting.value)) is None:
                yield from self._unknown(server, setting, [known.name for known in release.standard_configurations])

    def _unknown(self, server: OrthancServer, setting: Setting, known: list[str]) -> Iterator[Finding]:
        location = place((setting.origin,), server)
        if location is None:
            return
        name = str(setting.value)
        later = [entry.versions.since for entry in standard_configurations() if entry.name == name]
        newest = server.plugin.version > max(
            (entry.versions.until for entry in standard_configurations() if entry.versions.until),
            default=server.plugin.version,
        )
        fix: Fix | None = None
        if later and later[0] is not None:
            message = f"The plugin {server.plugin} does not know {name}, which came with {later[0]}"
            help_ = f"Upgrade the plugin to {later[0]} or later; until then list its folders in UncheckedFolders."
        else:
            message = f"No standard configuration is called {name}"
            help_ = did_you_mean(name, known) or f"Known to the plugin {server.plugin}: {', '.join(known)}."
            near = nearest(name, known, most=2)
            if len(near) == 1:
                fix = replace_value(setting, near[0], f"Write {near[0]}", safe=False)
        yield self.finding(
            location,
            f"{message}: it is ignored without a word, so the files of the viewer are refused and its token headers are "
            "not looked at.",
            help_,
            confidence=Confidence.LIKELY if newest else Confidence.SURE,
            fix=fix,
            facts={"subject": name, "known": tuple(known)},
        )
