"""Rule ``bad-level-name``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.setting import Setting
from policy.knowledge.plugin_options import access_level, enumeration
from policy.lint.finding import Finding, Severity
from policy.lint.nearby import did_you_mean
from policy.lint.rule import Rule
from policy.lint.views.options import is_known, option, place, runs_plugin, text_of, texts_of

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class BadLevelName(Rule):
    r"""A level that does not exist.

    ## What it checks

    `CheckedLevel` and each entry of `UncheckedLevels` against the levels that the plugin knows: patient, study, series,
    instance, system, with or without the plural, in any case.

    ## Why it matters

    Orthanc stops at start: nobody can work.
    The level `system` is known, but as `CheckedLevel` it unchecks nothing: every level is checked.

    ## Example

    ```jsonc orthanc.jsonc line=4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "exam"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "UncheckedLevels": ["patients", "serie", "instances", "systems"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "system"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "UncheckedLevels": ["Patient", "SERIES", "instances", "system"]
      }
    }
    ```

    ## Exceptions

    None.
    """

    code: ClassVar[str] = "CFG006"
    name: ClassVar[str] = "bad-level-name"
    title: ClassVar[str] = "Unknown level"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "cis:4.1")
    fixable: ClassVar[str] = "the level that was meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not runs_plugin(server):
            return
        checked = option(server, "CheckedLevel")
        if checked is not None:
            yield from self._level(server, checked.setting, "CheckedLevel")
        for setting in texts_of(server, "UncheckedLevels"):
            yield from self._level(server, setting, "UncheckedLevels")

    def _level(self, server: OrthancServer, setting: Setting, name: str) -> Iterator[Finding]:
        location = place((setting.origin,), server)
        if location is None or not isinstance(setting.value, str) or not is_known(server, setting):
            return
        level = access_level(setting.value)
        if level is None:
            spellings = [spelling for _, names in enumeration("access-level").values for spelling in names]
            near = did_you_mean(setting.value, spellings) if setting.value else ""
            yield self.finding(
                location,
                f'Orthanc stops at start: "{setting.value}" is no level ({name}).',
                f"{near} The levels are patients, studies, series, instances and system.".strip(),
                facts={"subject": setting.value, "outcome": "no-start"},
            )
        elif level == "system" and name == "CheckedLevel" and text_of(server, name) is not None:
            yield self.finding(
                location,
                "CheckedLevel system unchecks nothing: every level is checked, and users without the label * are "
                "refused on every route that is no resource.",
                'Write "CheckedLevel": "studies".',
                severity=Severity.WARNING,
                facts={"subject": setting.value, "outcome": "all-checked"},
            )
