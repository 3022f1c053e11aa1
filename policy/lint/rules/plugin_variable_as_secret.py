"""Rule ``plugin-variable-as-secret``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.variables import Use
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import of_image, readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class PluginVariableAsSecret(Rule):
    r"""A variable of the image that is delivered as a secret but not read as one.

    ## What it checks

    Secrets of a server of the image that are called `ORTHANC_JSON` or like the variable that switches a plugin.

    ## Why it matters

    Only options are read from secrets; the file is ignored without a message.

    ## Example

    ```yaml docker-compose.yml line=4
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        secrets: [ORTHANC_JSON]
    secrets:
      ORTHANC_JSON:
        file: ./orthanc.json
    ```

    ## Use instead

    A secret whose file ends in `.json` is read as a configuration:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        secrets:
          - source: configuration
            target: orthanc.json
    secrets:
      configuration:
        file: ./orthanc-secret.json
    ```
    """

    code: ClassVar[str] = "DEP032"
    name: ClassVar[str] = "plugin-variable-as-secret"
    title: ClassVar[str] = "Secret that the image does not look at"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "it has to become a variable"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or not of_image(server):
            return
        from policy.knowledge import environment

        switches = {row.variable for row in environment.plugin_switches()}
        places = [(name, location) for name, location in container.secrets.items()]
        places += [
            (variable.name.removesuffix("_SECRET"), variable.name_location)
            for variable, reading in readings(server)
            if reading.use is Use.SECRET
        ]
        for name, location in places:
            if name == environment.WHOLE_CONFIGURATION or name in switches:
                yield self.finding(
                    location,
                    f"The image does not read {name} from a secret: it is ignored.",
                    "Set it as a variable, or mount a configuration into /run/secrets under a name that ends in .json.",
                    facts={"subject": name},
                )
