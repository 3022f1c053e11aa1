"""Rule ``secret-file-missing``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.variables import Use
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class SecretFileMissing(Rule):
    r"""An option whose secret is not handed to the container.

    ## What it checks

    Variables of the image such as `ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD_SECRET` whose value is no secret of the service.

    ## Why it matters

    The image looks for a file of that name in `/run/secrets`, finds none, and leaves the option unset without a message.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD_SECRET: "auth-password"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD_SECRET: "auth-password"
        secrets: [auth-password]
    secrets:
      auth-password:
        file: ./auth-password.txt
    ```
    """

    code: ClassVar[str] = "DEP031"
    name: ClassVar[str] = "secret-file-missing"
    title: ClassVar[str] = "Secret that the container does not get"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the name of the secret is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if server.image is None or container is None:
            return
        from policy.configuration.variables import option_reading

        folders = [mount for mount in container.mounts if mount.target.rstrip("/") == "/run/secrets"]
        files = {
            mount.target.rpartition("/")[2] for mount in container.mounts if mount.target.startswith("/run/secrets/")
        }
        for variable, reading in readings(server):
            base = variable.name.removesuffix("_SECRET")
            name = known_text(variable)
            found = option_reading(base, server.image.version) if reading.use is Use.SECRET else None
            if found is None or found.use is not Use.OPTION or name is None or folders:
                continue
            if name in container.secrets or name in files:
                continue
            dotted = ".".join(found.path)
            yield self.finding(
                variable.name_location,
                f"{dotted} stays unset: the secret that {variable.name} names is not among those of {container.name}.",
                f"List the secret under secrets of {container.name}; to give the value itself use {base}.",
                facts={"subject": variable.name, "option": dotted},
            )
