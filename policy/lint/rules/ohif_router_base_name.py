"""Rule ``ohif-router-base-name``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variable_fixes import rename
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class OhifRouterBaseName(Rule):
    r"""ORTHANC__OHIF__ROUTER_BASE_NAME on an image that makes another option of it.

    ## What it checks

    Whether a server of an image after 25.11.0 has this variable.

    ## Why it matters

    Up to 25.11.0 it stood for `OHIF.RouterBasename`.
    Later images follow the rule and write `OHIF.RouterBaseName`, which the plugin does not read: the viewer looks for its files at
    the default path.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          OHIF_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__ROUTER_BASE_NAME: "/orthanc/ohif/"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment:
          OHIF_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__ROUTER_BASENAME: "/orthanc/ohif/"
    ```

    ## Exceptions

    The image 25.9.0 reads the name:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          OHIF_PLUGIN_ENABLED: "true"
          ORTHANC__OHIF__ROUTER_BASE_NAME: "/orthanc/ohif/"
    ```
    """

    code: ClassVar[str] = "DEP017"
    name: ClassVar[str] = "ohif-router-base-name"
    title: ClassVar[str] = "OHIF variable that newer images do not know"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for variable, reading in readings(server):
            if variable.name == "ORTHANC__OHIF__ROUTER_BASE_NAME" and reading.path == ("OHIF", "RouterBaseName"):
                yield self.finding(
                    variable.name_location,
                    f"The image {server.image} makes OHIF.RouterBaseName of it, which OHIF does not read: RouterBasename keeps its "
                    "default. Images up to 25.11.0 took it for RouterBasename.",
                    "Rename it to ORTHANC__OHIF__ROUTER_BASENAME.",
                    fix=rename(variable, "ORTHANC__OHIF__ROUTER_BASENAME", safe=True),
                    facts={"subject": variable.name},
                )
