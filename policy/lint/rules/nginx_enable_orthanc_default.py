"""Rule ``nginx-enable-orthanc-default``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.compose_fixes import add_variable
from policy.lint.views.containers import NGINX, ORTHANC, may_be_elsewhere, named, project_of

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class NginxEnableOrthancDefault(Rule):
    r"""ENABLE_ORTHANC left out with a proxy before 25.12.0.

    ## What it checks

    Whether the nginx image before 25.12.0 has `ENABLE_ORTHANC`, where a container is called orthanc.

    ## Why it matters

    Only from 25.12.0 on the route to Orthanc is there by default: before, `/orthanc/` answers 404 or a redirect.

    ## Example

    ```yaml docker-compose.yml line=2
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        ports: ["80:80"]
      orthanc:
        image: orthancteam/orthanc:25.9.0
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.12.0
        ports: ["80:80"]
      orthanc:
        image: orthancteam/orthanc:25.9.0
    ```
    """

    code: ClassVar[str] = "DEP066"
    name: ClassVar[str] = "nginx-enable-orthanc-default"
    title: ClassVar[str] = "Proxy that does not pass Orthanc on"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "unsafe"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != NGINX or container.version is None or may_be_elsewhere(container):
            return
        if "ENABLE_ORTHANC" in container.environment or container.version.assumed:
            return
        from policy.knowledge import nginx

        default = nginx.flag_defaults_of(container.version.version).get("ENABLE_ORTHANC")
        target = named(project_of(container, context.deployment), "orthanc")
        if default == "true" or default is None or target is None or target.role != ORTHANC:
            return
        yield self.finding(
            container.location,
            f"The proxy {container.version} does not pass /orthanc/ on unless ENABLE_ORTHANC is true; only from 25.12.0 on it is so "
            "by default.",
            'Set ENABLE_ORTHANC to "true".',
            fix=add_variable(container, "ENABLE_ORTHANC", "true", "Set ENABLE_ORTHANC"),
            facts={"subject": "ENABLE_ORTHANC"},
        )
