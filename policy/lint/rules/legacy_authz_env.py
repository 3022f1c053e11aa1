"""Rule ``legacy-authz-env``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variable_fixes import rename
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class LegacyAuthzEnv(Rule):
    r"""A variable by its name of before 2020.

    ## What it checks

    Variables of the image by their old names, such as `AUTHZ_WEBSERVICE`, `AC_AUTHENTICATION_ENABLED`, `DW_ROOT` or `NAME`.

    ## Why it matters

    From the image 26.7.0 on the container stops on each of them.
    Older images read them and print a warning.
    Some of the names are so general (`NAME`, `LOCALE`, `PEERS`, `PLUGINS`) that a variable meant for another program is taken for one.

    ## Example

    ```yaml docker-compose.yml line=5,6
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          AUTHZ_WEBSERVICE: "http://auth:8000/"
          AUTHZ_ENABLED: "true"
    ```
    ---
    ```yaml docker-compose.yml line=5 severity=warning
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          - AUTHZ_WEBSERVICE=http://auth:8000/
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC__AUTHORIZATION__WEB_SERVICE: "http://auth:8000/"
          ORTHANC__AUTHENTICATION_ENABLED: "false"
      postgres:
        image: postgres:18
        environment:
          NAME: "of another program"
    ```
    """

    code: ClassVar[str] = "DEP014"
    name: ClassVar[str] = "legacy-authz-env"
    title: ClassVar[str] = "Old name of a variable"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if server.image is None:
            return
        from policy.knowledge import environment

        stops_here = server.image.version >= environment.LEGACY_NAMES_STOP
        for variable, reading in readings(server):
            if not reading.legacy:
                continue
            right = reading.switch.variable if reading.switch is not None else _variable_of(".".join(reading.path))
            then = (
                f"The container of the image {server.image} stops at start: {variable.name} is an old name"
                if stops_here
                else f"{variable.name} is an old name: the image {server.image} still reads it, from 26.7.0 on the container stops"
            )
            yield self.finding(
                variable.name_location,
                f"{then}.",
                f"Rename it to {right}.",
                severity=Severity.ERROR if stops_here else Severity.WARNING,
                fix=rename(variable, right, safe=False),
                facts={
                    "subject": variable.name,
                    "option": ".".join(reading.path),
                    "outcome": "no-start" if stops_here else "",
                },
            )


def _variable_of(path: str) -> str:
    """The variable of an option by its present name."""
    from policy.knowledge import environment

    known = environment.option(path)
    if known is not None:
        return known.variable
    words = (re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", level).upper() for level in path.split("."))
    return environment.PREFIX + "__".join(words)
