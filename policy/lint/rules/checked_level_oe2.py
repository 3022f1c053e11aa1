"""Rule ``checked-level-oe2``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.plugin_options import access_level
from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import filter_of, given, is_known, option, standards, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_REFUSED_BEFORE = Version.parse("23.4.0")
"""Images of March 2023 hold an Orthanc Explorer 2 that refuses other spellings; later ones warn in the log."""
_WANTED = "studies"


class CheckedLevelOe2(Rule):
    r"""A checked level that Orthanc Explorer 2 does not expect.

    ## What it checks

    While profiles of users are on and Orthanc Explorer 2 is in use, whether `CheckedLevel` is exactly `studies`.

    ## Why it matters

    The plugin takes any level in any spelling.
    Orthanc Explorer 2 compares with the text `studies` and complains in the log; with another level its lists and its
    sharing do not fit what the filter checks.

    ## Example

    ```jsonc orthanc.jsonc line=4 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "series",
        "StandardConfigurations": ["orthanc-explorer-2"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4 severity=info image=25.9.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "study",
        "StandardConfigurations": ["orthanc-explorer-2"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"]
      }
    }
    ```

    ## Exceptions

    Without Orthanc Explorer 2 every level is as good as another:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "series"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG007"
    name: ClassVar[str] = "checked-level-oe2"
    title: ClassVar[str] = "Checked level that Orthanc Explorer 2 does not expect"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cis:4.1")
    fixable: ClassVar[str] = "safe or unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = option(server, "CheckedLevel")
        if (
            entry is None
            or not is_known(server, entry.setting)
            or not filter_of(server).profiles
            or not _explorer(server)
        ):
            return
        value, location = entry.setting.value, value_place(server, entry)
        level = access_level(value) if isinstance(value, str) else None
        if level in (None, "system") or value == _WANTED or location is None:
            return
        same = level == "study"
        if same:
            message = (
                f'Orthanc Explorer 2 expects the exact text "studies" and will complain in its log about "{value}".'
            )
        else:
            message = (
                f'"{value}" is the checked level, but Orthanc Explorer 2 works with studies: it will complain in its log, '
                "and users will be refused in its lists."
            )
        log_only = same and server.image is not None and server.image.version >= _REFUSED_BEFORE
        yield self.finding(
            location,
            message,
            'Write "CheckedLevel": "studies".',
            severity=Severity.INFO if log_only else Severity.WARNING,
            fix=replace_value(entry.setting, _WANTED, "Write studies", safe=same),
            facts={"subject": value, "level": level},
        )


def _explorer(server: OrthancServer) -> bool:
    """Whether Orthanc Explorer 2 is in use, as far as the files tell."""
    if server.enabled_plugins is not None:
        return "OrthancExplorer2" in server.enabled_plugins
    switch = server.configuration.get("OrthancExplorer2", "Enable")
    if switch is not None and switch.value is False:
        return False
    return given(server, "OrthancExplorer2") is not None or any(
        standard.name == "orthanc-explorer-2" for standard in standards(server)
    )
