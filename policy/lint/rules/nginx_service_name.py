"""Rule ``nginx-service-name``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.nearby import did_you_mean
from policy.lint.rule import Rule
from policy.lint.views.containers import NGINX, in_compose, known_text, named, project_of

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class NginxServiceName(Rule):
    r"""The nginx image passes a path on to a name that no container has.

    ## What it checks

    Whether each route that the variables of the image switch on finds a container of the fixed name: `orthanc`, `orthanc-for-api`,
    `orthanc-for-shares`, `orthanc-for-cert`, `keycloak`, `orthanc-auth-service`, `meddream-viewer`, `ohif`.

    ## Why it matters

    nginx looks the names up at start and does not start without them: nothing is reachable.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
      pacs:
        image: orthancteam/orthanc:25.9.0
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
      pacs:
        image: orthancteam/orthanc:25.9.0
        networks:
          default:
            aliases: [orthanc]
    ```

    ## Exceptions

    A container of another Compose project on the same network would be found; the files do not tell.
    """

    code: ClassVar[str] = "DEP065"
    name: ClassVar[str] = "nginx-service-name"
    title: ClassVar[str] = "Route of the proxy to a container that is not there"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.LIKELY
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which name is meant is not known"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != NGINX or container.version is None or container.built or not in_compose(container):
            return
        from policy.knowledge import nginx

        together = project_of(container, context.deployment)
        if len(together) == 1:
            return
        variables = {name: known_text(variable) or "" for name, variable in container.environment.items()}
        told: set[str] = set()
        for row in nginx.enabled_locations(container.version.version, variables):
            if row.upstream in told or named(together, row.upstream) is not None:
                continue
            told.add(row.upstream)
            variable = container.environment.get(row.flag)
            near = did_you_mean(row.upstream, [name for one in together for name in one.names])
            yield self.finding(
                variable.name_location if variable is not None else container.location,
                f"No container is called {row.upstream}, to which {row.prefix} leads: nginx does not start, and nothing is reachable.",
                f"{near} Rename the container or give it the alias {row.upstream}."
                if near
                else f"Name a container {row.upstream}, or set {row.flag} to false.",
                facts={"subject": row.flag, "upstream": row.upstream, "outcome": "no-start"},
            )
