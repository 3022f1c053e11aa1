"""Rule ``stone-without-dicomweb``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.compose_fixes import add_variable
from policy.lint.views.containers import may_be_elsewhere
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class StoneWithoutDicomweb(Rule):
    r"""The Stone Web viewer on a server without DICOMweb.

    ## What it checks

    Whether the image loads the Stone Web viewer and not the DICOMweb plugin.

    ## Why it matters

    The viewer fetches everything by DICOMweb: it opens and stays empty.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"
          ORTHANC__DICOM_WEB__PUBLIC_ROOT: "/orthanc/dicom-web/"
    ```
    """

    code: ClassVar[str] = "DEP038"
    name: ClassVar[str] = "stone-without-dicomweb"
    title: ClassVar[str] = "Stone Web viewer without DICOMweb"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or may_be_elsewhere(container):
            return
        if loads(server, "StoneWebViewer") is not True or loads(server, "DicomWeb") is not False:
            return
        variable = container.environment.get("STONE_WEB_VIEWER_PLUGIN_ENABLED")
        yield self.finding(
            variable.name_location if variable is not None else container.location,
            "The Stone Web viewer is loaded and DICOMweb is not: the viewer will show nothing.",
            'Set DICOM_WEB_PLUGIN_ENABLED to "true", or add a DicomWeb section.',
            fix=add_variable(container, "DICOM_WEB_PLUGIN_ENABLED", "true", "Set DICOM_WEB_PLUGIN_ENABLED"),
            facts={"subject": "StoneWebViewer"},
        )
