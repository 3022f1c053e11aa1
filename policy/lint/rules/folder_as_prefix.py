"""Rule ``folder-as-prefix``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.unchecked import Opened, Unchecked, opened, static_folders, unchecked

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class FolderAsPrefix(Rule):
    r"""An unchecked folder without a closing slash.

    ## What it checks

    An entry of `UncheckedFolders` is a plain prefix of text: `/ui` covers `/ui/app/` and `/ui/api/` and `/uix`.
    Entries that do not end in a slash are reported where they cover known routes beside static pages.

    ## Why it matters

    More is open to everybody than was meant.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/ui", "/stone-webviewer/"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5 persona=pedantic
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/app"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/ui/app/", "/stone-webviewer/", "/app/"]
      }
    }
    ```

    ## Exceptions

    Where nothing but static pages lies below, only the pedantic persona is told.
    """

    code: ClassVar[str] = "CFG012"
    name: ClassVar[str] = "folder-as-prefix"
    title: ClassVar[str] = "Unchecked folder without a closing slash"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:863")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for entry in unchecked(server):
            if entry.folder and entry.text.startswith("/") and not entry.text.endswith("/"):
                yield from self._entry(server, entry)

    def _entry(self, server: OrthancServer, entry: Unchecked) -> Iterator[Finding]:
        covered = opened(server, entry)
        if any(found.route.reaches_patient_data for found in covered):
            return  # the rule dicomweb-studies-unchecked says more about it
        beside = [found for found in covered if found.witness != entry.text and not _static(found)]
        last = entry.text.rpartition("/")[2]
        if "." in last:
            help_ = f"Move it to UncheckedResources if the file {last} alone is meant."
        else:
            within = sorted(folder for folder in static_folders() if folder.startswith(f"{entry.text}/"))
            help_ = f"End it with a slash: {within[0] if within else entry.text + '/'}"
        fix = replace_value(entry.setting, f"{entry.text}/", f"End {entry.text} with a slash", safe=False)
        if beside:
            shown = ", ".join(dict.fromkeys(f"GET {found.route.path}" for found in beside[:3]))
            yield self.finding(
                entry.location,
                f"{entry.text} is a plain prefix: {shown} are open to everybody as well.",
                help_,
                witness=Witness("GET", beside[0].witness, "anybody without a token", "permit"),
                fix=None if "." in last else fix,
                facts={"subject": entry.text, "routes": tuple(found.route.path for found in beside)},
            )
        else:
            yield self.finding(
                entry.location,
                f"{entry.text} is a plain prefix: every path that begins so is open to everybody, {entry.text}x too.",
                help_,
                severity=Severity.INFO,
                persona=Persona.PEDANTIC,
                fix=None if "." in last else fix,
                facts={"subject": entry.text, "routes": ()},
            )


def _static(found: Opened) -> bool:
    """Whether the route is a page of a viewer that is meant for everybody."""
    return found.route.kind == "static" or found.witness.startswith(tuple(static_folders()))
