"""Rule ``stone-section-does-not-enable``."""

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


class StoneSectionDoesNotEnable(Rule):
    r"""A StoneWebViewer section without STONE_WEB_VIEWER_PLUGIN_ENABLED.

    ## What it checks

    Whether a server of the image has a `StoneWebViewer` section while nothing switches the plugin on.

    ## Why it matters

    For this plugin the variable is required: without it the viewer is not there.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=3
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "StoneWebViewer": {"DateFormat": "DD/MM/YYYY"}
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
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "StoneWebViewer": {"DateFormat": "DD/MM/YYYY"},
      "DicomWeb": {}
    }
    ```
    """

    code: ClassVar[str] = "DEP037"
    name: ClassVar[str] = "stone-section-does-not-enable"
    title: ClassVar[str] = "StoneWebViewer section that does not load the plugin"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "StoneWebViewer")
        container = server.container
        if (
            entry is None
            or container is None
            or loads(server, "StoneWebViewer") is not False
            or may_be_elsewhere(container)
        ):
            return
        location = key_place(server, entry)
        if location is None or "STONE_WEB_VIEWER_PLUGIN_ENABLED" in container.environment:
            return
        yield self.finding(
            location,
            "The Stone Web viewer is not loaded: its section does not do it, and STONE_WEB_VIEWER_PLUGIN_ENABLED is not set.",
            'Set STONE_WEB_VIEWER_PLUGIN_ENABLED to "true".',
            fix=add_variable(
                container, "STONE_WEB_VIEWER_PLUGIN_ENABLED", "true", "Set STONE_WEB_VIEWER_PLUGIN_ENABLED"
            ),
            facts={"subject": "StoneWebViewer", "outcome": "not-loaded"},
        )
