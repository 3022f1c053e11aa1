"""Rule ``unchecked-beyond-pages``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import ANYBODY
from policy.lint.views.listing import listed
from policy.lint.views.unchecked import opened, static_folders, unchecked

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_TELLING = frozenset({"network-config", "access-control", "filesystem-read", "whole-server", "server-config"})
_BORING = frozenset({"none"})


class UncheckedBeyondPages(Rule):
    r"""An unchecked folder that covers more than static pages.

    ## What it checks

    Entries of `UncheckedFolders` that end in a slash are compared with the known routes.
    Reported are those below which routes give facts about the server rather than pages.
    What gives patients' data is the business of `dicomweb-studies-unchecked`, folders without a slash that of
    `folder-as-prefix`.

    ## Why it matters

    Everybody reads the names of other systems, the settings and the state of the server, without a login.

    ## Example

    ```jsonc orthanc.jsonc line=5 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/peers/"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5 severity=info persona=auditor
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/plugins/", "/ui/app/"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/ui/app/", "/stone-webviewer/", "/my-pages/"],
        "UncheckedResources": ["/system"]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE020"
    name: ClassVar[str] = "unchecked-beyond-pages"
    title: ClassVar[str] = "Unchecked folder with more than pages in it"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.SURE
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:862", "nist:AC-14")
    fixable: ClassVar[str] = "which pages are meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        pages = tuple(static_folders())
        for entry in unchecked(server):
            if not entry.folder or entry.everything or not entry.text.endswith("/") or entry.text.startswith(pages):
                continue
            found = [one for one in opened(server, entry) if not one.witness.startswith(pages)]
            if any(one.route.reaches_patient_data for one in found):
                continue
            telling = [one for one in found if one.route.kind != "static" and not set(one.route.sensitivity) <= _BORING]
            if not telling:
                continue
            grave = [one for one in telling if not _TELLING.isdisjoint(one.route.sensitivity)]
            first = (grave or telling)[0]
            routes = tuple(dict.fromkeys(f"GET {one.route.path}" for one in [first, *telling]))
            yield self.finding(
                entry.location,
                f"Anybody without a login may GET below {entry.text}: {listed(routes, most=3)}.",
                "Name the folders of static pages that are meant, or single paths in UncheckedResources.",
                severity=Severity.WARNING if grave else Severity.INFO,
                persona=Persona.REGULAR if grave else Persona.AUDITOR,
                witness=Witness("GET", first.witness, ANYBODY, "permit"),
                facts={"subject": entry.text, "routes": routes},
            )
