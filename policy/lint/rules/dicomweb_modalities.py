"""Rule ``dicomweb-modalities``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.meaning import Fault, diagnosis
from policy.lint.views.own_rules import own_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class DicomwebModalities(Rule):
    r"""A route of Orthanc's own interface, looked for below DICOMweb.

    ## What it checks

    Rules below the DICOMweb root that match no known route, but do so without the root.

    ## Why it matters

    Below `/dicom-web/` there are only the routes of DICOMweb and `servers`.
    `/dicom-web/modalities` does not exist: the rule never applies, and such a request is 403.

    ## Example

    ```jsonc orthanc.jsonc line=6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/DICOM_WEB_ROOT/modalities(.*)$", "all|send"]
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
        "ExtraPermissions": [
          ["get", "^/modalities/(.*)/(query|id)$", "all|send"],
          ["get", "^/DICOM_WEB_ROOT/servers/(.*)$", "all|send"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE008"
    name: ClassVar[str] = "dicomweb-modalities"
    title: ClassVar[str] = "Orthanc's own route below DICOMweb"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "cwe:561", "dicom:PS3.18:10")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            found = diagnosis(own, server, context)
            if found is not None and found.fault is Fault.BELOW_DICOM_WEB:
                meant = found.known[0]
                yield self.finding(
                    own.row.place(1),
                    f"{own} never applies: DICOMweb has no such route. {meant.template} stands at the root of Orthanc.",
                    f"Write {found.instead}, and call {meant.path}.",
                    fix=replace_value(own.row.setting.items[1], found.instead, f"Write {found.instead}", safe=False),
                    facts={"subject": str(own.row), "routes": tuple(map(str, found.known))},
                )
