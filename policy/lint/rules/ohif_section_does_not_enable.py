"""Rule ``ohif-section-does-not-enable``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.compose_fixes import add_variable
from policy.lint.views.containers import may_be_elsewhere
from policy.lint.views.options import given, key_place
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class OhifSectionDoesNotEnable(Rule):
    r"""An OHIF section without OHIF_PLUGIN_ENABLED.

    ## What it checks

    Whether a server of the image has an `OHIF` section while nothing switches the plugin on.

    ## Why it matters

    For most plugins the section is enough, but the image looks for one called Ohif here: the plugin is not installed, and the viewer
    is not there.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          DICOM_WEB_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__DATA_SOURCE: "dicom-web"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          DICOM_WEB_PLUGIN_ENABLED: "true"
          OHIF_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__DATA_SOURCE: "dicom-web"
    ```

    ## Exceptions

    Whoever writes `false` wants it so:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          OHIF_PLUGIN_ENABLED: "false"
          ORTHANC__OHIF__DATA_SOURCE: "dicom-web"
    ```
    """

    code: ClassVar[str] = "DEP036"
    name: ClassVar[str] = "ohif-section-does-not-enable"
    title: ClassVar[str] = "OHIF section that does not load the plugin"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "OHIF")
        container = server.container
        if entry is None or container is None or loads(server, "OHIF") is not False or may_be_elsewhere(container):
            return
        location = key_place(server, entry)
        if location is None or "OHIF_PLUGIN_ENABLED" in container.environment:
            return
        yield self.finding(
            location,
            "The OHIF plugin is not loaded: in this image the section does not do it, and OHIF_PLUGIN_ENABLED is not set.",
            'Set OHIF_PLUGIN_ENABLED to "true".',
            fix=add_variable(container, "OHIF_PLUGIN_ENABLED", "true", "Set OHIF_PLUGIN_ENABLED"),
            facts={"subject": "OHIF", "outcome": "not-loaded"},
        )
