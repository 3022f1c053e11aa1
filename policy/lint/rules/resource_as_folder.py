"""Rule ``resource-as-folder``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.unchecked import Unchecked, excused_folders, opened, static_folders, unchecked
from policy.records import replace

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_PATTERN = frozenset("*^$()[]|\\")


class ResourceAsFolder(Rule):
    r"""A folder, a query or a pattern in UncheckedResources.

    ## What it checks

    An entry of `UncheckedResources` is compared with the whole path of a GET: no prefix, no query string, no pattern.
    Entries that end in a slash, that name a folder of static pages, or that hold a question mark or characters of
    patterns are reported.

    ## Why it matters

    The files below the folder are refused, or the entry never matches anything.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedResources": ["/app/"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=6,7,8
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedResources": [
          "/modalities?expand",
          "/plugins/.*",
          "/ohif"
        ]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/app/", "/ohif/"],
        "UncheckedResources": ["/", "/modalities", "/plugins/explorer.js"]
      }
    }
    ```

    ## Exceptions

    An entry whose folder is unchecked as well does no harm:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["ohif"],
        "UncheckedResources": ["/ohif/"]
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG013"
    name: ClassVar[str] = "resource-as-folder"
    title: ClassVar[str] = "Folder, query or pattern in UncheckedResources"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:863")
    fixable: ClassVar[str] = "the entry belongs into another list, or has to be written anew"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for entry in unchecked(server):
            if not entry.folder and entry.text.startswith("/") and len(entry.text) > 1:
                yield from self._entry(server, entry)

    def _entry(self, server: OrthancServer, entry: Unchecked) -> Iterator[Finding]:
        text = entry.text
        kind = message = help_ = ""
        if "?" in text:
            kind = "query"
            message = f"{text} never matches: the query string is no part of the path, so the request stays checked."
            help_ = f"Write the path alone: {text.partition('?')[0]}"
        elif _PATTERN & set(text):
            kind = "pattern"
            message = (
                f"{text} is compared as text, not as a pattern: it matches nothing, and what it means stays checked."
            )
            help_ = "Write each path out, or its beginning in UncheckedFolders."
        elif text.endswith("/") or f"{text}/" in static_folders():
            folder = text.rstrip("/") + "/"
            if any(folder.startswith(prefix) for prefix in excused_folders(server)) or _holds_data(
                server, entry, folder
            ):
                return
            kind = "folder"
            message = f"{text} is compared with the whole path: what lies below it is checked, and refused to visitors."
            help_ = f"Move it to UncheckedFolders, as {folder}"
        if kind:
            yield self.finding(entry.location, message, help_, facts={"subject": text, "kind": kind})


def _holds_data(server: OrthancServer, entry: Unchecked, folder: str) -> bool:
    """Whether data of patients lies below: then nobody should be told to uncheck the folder."""
    whole = replace(entry, text=folder, folder=True)
    return any(found.route.reaches_patient_data for found in opened(server, whole))
