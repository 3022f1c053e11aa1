"""Rule ``variable-misspelt``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.names import very_near

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, Variable
    from policy.lint.context import Context

_PROGRAMS = {"auth-service": "the auth service", "orthanc": "the orthancteam image", "nginx": "the reverse proxy"}


class VariableMisspelt(Rule):
    r"""A variable that is nearly one that the container reads.

    ## What it checks

    The names of variables of the auth service, of the orthancteam image and of its reverse proxy that no version reads but
    that differ in a letter or two from one that is read.

    ## Why it matters

    An unknown variable is ignored without a word: what it was to set keeps its default.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          KEYCLOK_URI: "https://login.example.org/realms/orthanc/"
          ENABLE_KEYCLOAK: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          KEYCLOAK_URI: "https://login.example.org/realms/orthanc/"
          ENABLE_KEYCLOAK: "true"
    ```

    ## Exceptions

    A variable that a configuration file uses may have any name:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          VERBOSE_ENABLE: "yes"
        volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
    ```
    ```json orthanc.json
    {
      "Name": "${VERBOSE_ENABLE}",
      "AuthenticationEnabled": true
    }
    ```
    """

    code: ClassVar[str] = "CFG034"
    name: ClassVar[str] = "variable-misspelt"
    title: ClassVar[str] = "Misspelt variable"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.LIKELY
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the name may be in use elsewhere"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        program = _PROGRAMS.get(container.role)
        if program is None:
            return
        known = _known(container.role)
        for variable in container.environment.values():
            name = variable.name
            if name in known or name.upper().startswith("ORTHANC__") or len(name) < _SHORTEST:
                continue
            near = tuple(other for other in very_near(name, known) if other not in container.environment)
            if near and not _used(name, context):
                yield self._near(variable, program, near)

    def _near(self, variable: Variable, program: str, near: tuple[str, ...]) -> Finding:
        return self.finding(
            variable.name_location,
            f"No version of {program} reads {variable.name}: it has no effect, and {near[0]} keeps its default.",
            f"Did you mean {' or '.join(near)}?",
            facts={"subject": variable.name, "meant": near[0]},
        )


_SHORTEST = 4


@cache
def _known(role: str) -> frozenset[str]:
    if role == "auth-service":
        from policy.knowledge import service

        return frozenset(variable.name for variable in service.environment())
    if role == "nginx":
        from policy.knowledge import nginx

        return frozenset(flag.name for flag in nginx.flags())
    from policy.knowledge import environment

    legacy = (row.variable for row in environment.legacy_variables())
    switches = (row.legacy_variable for row in environment.plugin_switches() if row.legacy_variable)
    return frozenset((*environment.variable_names(), *legacy, *switches))


def _used(name: str, context: Context) -> bool:
    """Whether some file of the deployment uses the variable."""
    use = re.compile(rf"\$\{{?{re.escape(name)}\b")
    return any(use.search(source.document.text) for source in context.deployment.sources)
