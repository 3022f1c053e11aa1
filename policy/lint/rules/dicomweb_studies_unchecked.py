"""Rule ``dicomweb-studies-unchecked``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_item
from policy.lint.views.unchecked import Unchecked, opened, unchecked

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class DicomwebStudiesUnchecked(Rule):
    r"""Patients' data below an unchecked path.

    ## What it checks

    Each entry of `UncheckedFolders` and `UncheckedResources` is compared with the known routes of Orthanc, DICOMweb and
    the viewers.
    An entry that covers a route which gives data of patients is reported.

    ## Why it matters

    An unchecked path excuses every GET before tokens, permissions and labels are looked at.
    The viewer works at last, nothing is in the log, and anybody without a login reads every study.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/ui/app/", "/dicom-web/studies"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5,6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/dicom-web/"],
        "UncheckedResources": ["/patients", "/system"]
      },
      "DicomWeb": {"Root": "/dicom-web/"}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["ohif"],
        "TokenHttpHeaders": ["Authorization"]
      }
    }
    ```

    ## Exceptions

    Static pages of viewers are meant to be unchecked, and with another root nothing answers below `/dicom-web/`:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/app/", "/ui/app/", "/ohif/", "/stone-webviewer/", "/dicom-web/"],
        "UncheckedResources": ["/", "/system", "/ui/api/pre-login-configuration"]
      },
      "DicomWeb": {"Root": "/pacs/"}
    }
    ```
    """

    code: ClassVar[str] = "CFG011"
    name: ClassVar[str] = "dicomweb-studies-unchecked"
    title: ClassVar[str] = "Patients' data below an unchecked path"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "cwe:862", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for entry in unchecked(server):
            if not entry.everything and entry.text.startswith("/"):
                yield from self._entry(server, entry)

    def _entry(self, server: OrthancServer, entry: Unchecked) -> Iterator[Finding]:
        data = [found for found in opened(server, entry) if found.route.reaches_patient_data]
        if not data:
            return
        shown = ", ".join(dict.fromkeys(f"GET {found.route.path}" for found in data[:3]))
        more = f" and {len(data) - 3} more routes" if len(data) > 3 else ""
        below = "below " if entry.folder else ""
        yield self.finding(
            entry.location,
            f"Anybody without a login may GET {below}{entry.text}: {shown}{more} give{'s' * (len(data) == 1)} data of patients, "
            "before tokens, permissions and labels are looked at.",
            f"Remove it from {entry.option}; give the client a token that Orthanc looks at (TokenHttpHeaders), "
            "and rules for the routes that it needs.",
            witness=Witness("GET", data[0].witness, "anybody without a token", "permit"),
            fix=remove_item(entry.setting, f"Remove {entry.text} from {entry.option}", safe=False),
            facts={"subject": entry.text, "routes": tuple(found.route.path for found in data), "option": entry.option},
        )
