"""Rule ``ohif-dicomweb-source``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.compose_fixes import add_variable
from policy.lint.views.containers import may_be_elsewhere
from policy.lint.views.options import given, value_place
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class OhifDicomwebSource(Rule):
    r"""OHIF that fetches its data by DICOMweb from a server without it.

    ## What it checks

    Whether `OHIF.DataSource` is `dicom-web` while the image does not load the DICOMweb plugin.

    ## Why it matters

    The viewer opens and cannot load a study.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          OHIF_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__DATA_SOURCE: "dicom-web"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          OHIF_PLUGIN_ENABLED: "true"
          DICOM_WEB_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__DATA_SOURCE: "dicom-web"
    ```

    ## Exceptions

    The other source, dicom-json, needs no DICOMweb:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          OHIF_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__DATA_SOURCE: "dicom-json"
    ```
    """

    code: ClassVar[str] = "DEP039"
    name: ClassVar[str] = "ohif-dicomweb-source"
    title: ClassVar[str] = "OHIF without DICOMweb"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "OHIF", "DataSource")
        container = server.container
        if entry is None or entry.setting.value != "dicom-web" or container is None or may_be_elsewhere(container):
            return
        location = value_place(server, entry)
        if location is None or loads(server, "OHIF") is not True or loads(server, "DicomWeb") is not False:
            return
        yield self.finding(
            location,
            "OHIF fetches its data by DICOMweb, which this server does not load: no study can be opened.",
            'Set DICOM_WEB_PLUGIN_ENABLED to "true", or choose the source dicom-json.',
            fix=add_variable(container, "DICOM_WEB_PLUGIN_ENABLED", "true", "Set DICOM_WEB_PLUGIN_ENABLED"),
            facts={"subject": "OHIF.DataSource"},
        )
