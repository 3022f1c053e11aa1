"""Rule ``oe2-legacy-link-alias``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class Oe2LegacyLinkAlias(Rule):
    r"""ORTHANC__ORTHANC_EXPLORER_2__ENABLE_LINK_TO_LEGACY_UI, which has no effect.

    ## What it checks

    Whether a server of the image has this variable.

    ## Why it matters

    The image writes `OrthancExplorer2.EnableLinkToLegacyUi`, while the plugin reads the option of this name below `UiOptions`.
    The link to the old interface is shown or hidden as before.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__ORTHANC_EXPLORER_2__ENABLE_LINK_TO_LEGACY_UI: "false"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__ORTHANC_EXPLORER_2__UI_OPTIONS__ENABLE_LINK_TO_LEGACY_UI: "false"
    ```
    """

    code: ClassVar[str] = "DEP016"
    name: ClassVar[str] = "oe2-legacy-link-alias"
    title: ClassVar[str] = "Variable that sets an option beside the one that is meant"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the option has no variable of its own in this image"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for variable, _ in readings(server):
            if variable.name == "ORTHANC__ORTHANC_EXPLORER_2__ENABLE_LINK_TO_LEGACY_UI":
                yield self.finding(
                    variable.name_location,
                    "This sets OrthancExplorer2.EnableLinkToLegacyUi, but the plugin reads the option below UiOptions: the link "
                    "stays as it was.",
                    "Set EnableLinkToLegacyUi below UiOptions in a file, in ORTHANC_JSON, or with "
                    "ORTHANC__ORTHANC_EXPLORER_2__UI_OPTIONS__ENABLE_LINK_TO_LEGACY_UI.",
                    facts={"subject": variable.name},
                )
