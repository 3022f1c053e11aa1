"""Rule ``unchecked-relative-path``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.unchecked import unchecked

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class UncheckedRelativePath(Rule):
    r"""An unchecked path that does not begin with a slash.

    ## What it checks

    Every path that reaches the plugin begins with a slash; entries of `UncheckedFolders` and `UncheckedResources` that
    do not are reported, full addresses with a host included.

    ## Why it matters

    The entry never matches: what was to be open to everybody is refused.

    ## Example

    ```jsonc orthanc.jsonc line=5,6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["ui/app/"],
        "UncheckedResources": ["http://orthanc:8042/system"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/ui/app/"],
        "UncheckedResources": ["/system"]
      }
    }
    ```

    ## Exceptions

    None.  The empty folder is another mistake: it covers every path, see `unchecked-get-only`.
    """

    code: ClassVar[str] = "CFG031"
    name: ClassVar[str] = "unchecked-relative-path"
    title: ClassVar[str] = "Unchecked path without a slash at its beginning"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:863")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for entry in unchecked(server):
            if entry.text.startswith("/") or entry.everything:
                continue
            meant = "/" + entry.text.partition("://")[2].partition("/")[2] if "://" in entry.text else f"/{entry.text}"
            yield self.finding(
                entry.location,
                f'"{entry.text}" never matches, because every path begins with a slash: nothing is unchecked by it.',
                f"Write {meant} if that is meant." if entry.text else "Remove it.",
                fix=replace_value(entry.setting, meant, f"Write {meant}", safe=False) if entry.text else None,
                facts={"subject": entry.text, "option": entry.option},
            )
