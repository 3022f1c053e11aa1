"""Rule ``standardconfiguration-without-plugin``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import ohif_root
from policy.lint.views.containers import OHIF, beside, may_be_elsewhere
from policy.lint.views.options import filter_of, given, standards, texts_of
from policy.lint.views.variables import loads, switch

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_SECTIONS = {
    "orthanc-explorer-2": "OrthancExplorer2",
    "stone-webviewer": "StoneWebViewer",
    "ohif": "OHIF",
    "volview": "VolView",
    "stl": "STL",
    "osimis-web-viewer": "WebViewer",
}


class StandardconfigurationWithoutPlugin(Rule):
    r"""A standard configuration for a viewer that the server does not load.

    ## What it checks

    Names in `StandardConfigurations` whose plugin the image does not load.
    OHIF in a container of its own counts as there.

    ## Why it matters

    The viewer is missing, and its folders are left unchecked for nothing.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=6
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2", "stone-webviewer"]
      }
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"
          DICOM_WEB_PLUGIN_ENABLED: "true"
      ohif:
        image: orthancteam/ohif-v3:25.9.0
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2", "stone-webviewer", "ohif"]
      }
    }
    ```

    ## Exceptions

    The old Osimis viewer stands in the list of every sample; that it is not loaded is told to the persona pedantic alone.
    """

    code: ClassVar[str] = "DEP035"
    name: ClassVar[str] = "standardconfiguration-without-plugin"
    title: ClassVar[str] = "Standard configuration of a viewer that is not there"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "whether the viewer is wanted is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or not filter_of(server).on or may_be_elsewhere(container):
            return
        known = {standard.name for standard in standards(server)}
        for setting in texts_of(server, "StandardConfigurations"):
            name = str(setting.value)
            section = _SECTIONS.get(name) if name in known else None
            if section is None or loads(server, section) is not False or given(server, section) is not None:
                continue
            location = setting.origin.location
            apart = beside(container, context.deployment, OHIF)
            if location is None or (name == "ohif" and (apart or _ohif_elsewhere(server))):
                continue
            row = switch("Ohif" if section == "OHIF" else section)
            old = name == "osimis-web-viewer"
            if old and "OSIMIS_WEB_VIEWER1_PLUGIN_ENABLED" in container.environment:
                continue
            variable = "OSIMIS_WEB_VIEWER1_PLUGIN_ENABLED" if old else row.variable if row is not None else ""
            yield self.finding(
                location,
                f"The plugin that {name} stands for is not loaded: its folders are left unchecked, and the viewer is not there.",
                f'Set {variable} to "true", or take the name out of the list.',
                severity=Severity.INFO if old else Severity.WARNING,
                persona=Persona.PEDANTIC if old else Persona.REGULAR,
                facts={"subject": name, "section": section},
            )


def _ohif_elsewhere(server: OrthancServer) -> bool:
    """Whether Orthanc Explorer 2 opens an OHIF that runs somewhere else."""
    return any(address.path.rstrip("/") != "/orthanc/ohif" for address in ohif_root(server))
