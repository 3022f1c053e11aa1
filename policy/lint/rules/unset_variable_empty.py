"""Rule ``unset-variable-empty``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.variables import Use
from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text, may_be_elsewhere, place_of
from policy.lint.views.variables import of_image, readings
from policy.regex import regex
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, OrthancServer, UnsetVariable
    from policy.configuration.source import Location
    from policy.lint.context import Context


_BRACED = regex(r"(?<!\\)\$\{([A-Za-z0-9_]+)\}")


class UnsetVariableEmpty(Rule):
    r"""A variable in a value, without a default and set nowhere.

    ## What it checks

    `${NAME}` in a configuration of the image where the container has no variable of this name, and in a Compose file where neither
    `.env` nor the host sets it.

    ## Why it matters

    The empty text takes its place without an error: an empty password, or an address without a host.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=2
    {
      "RegisteredUsers": {"reader": "${READER_PASSWORD}"}
    }
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS: '{"reader": "${READER_PASSWORD}"}'
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__NAME: "The archive of $${HOUSE}"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          READER_PASSWORD: "a-long-password"
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "${READER_PASSWORD}"},
      "Name": "${ARCHIVE_NAME:-Archive}"
    }
    ```

    ## Exceptions

    A file of variables that was not given may set it:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        env_file: [secrets.env]
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "${READER_PASSWORD}"}
    }
    ```
    """

    code: ClassVar[str] = "DEP028"
    name: ClassVar[str] = "unset-variable-empty"
    title: ClassVar[str] = "Variable that is set nowhere"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the value is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or not of_image(server) or may_be_elsewhere(container):
            return
        for source in server.sources:
            if source.variable is not None or "${" not in source.document.text:
                continue
            comments = [comment.span for comment in source.document.comments]
            for match in _BRACED.finditer(source.document.text):
                if match[1] in container.environment or any(
                    span.start <= match.start() < span.end for span in comments
                ):
                    continue
                yield self._in_container(container, match[1], source.place(Span(match.start(), match.end())))
        for variable, reading in readings(server):
            # Docker Compose has left these, by two dollar signs; Orthanc replaces them in what the image has made.
            for name in dict.fromkeys(_BRACED.findall(known_text(variable) or "")):
                if reading.use in (Use.OPTION, Use.WHOLE) and name not in container.environment:
                    yield self._in_container(container, name, place_of(variable))

    def _in_container(self, container: Container, name: str, location: Location) -> Finding:
        return self.finding(
            location,
            f"The container {container.name} has no variable {name}: the empty text will stand here.",
            f"Add {name} to the environment of {container.name}, or write a default: ${{{name}:-...}}.",
            facts={"subject": name},
        )

    def check(self, context: Context) -> Iterator[Finding]:
        told: set[tuple[str, str]] = set()
        for container in context.deployment.containers:
            for unset in container.unset if container.role else ():
                key = (unset.location.source.path, unset.name)
                if key not in told:
                    told.add(key)
                    yield from self._in_compose(container, unset, context)

    def _in_compose(self, container: Container, unset: UnsetVariable, context: Context) -> Iterator[Finding]:
        source, span = unset.location.source, unset.location.span
        offset = source.document.text.find(f"${{{unset.name}", span.start, span.end)
        if offset < 0:
            return
        end = source.document.text.find("}", offset, span.end) + 1
        host = _host_may_set(container, unset.location)
        told = host and not _has_dotenv(container, context)
        yield self.finding(
            source.place(Span(offset, max(end, offset + 2))),
            f"No given file sets {unset.name}: unless the host does, the empty text will stand here.",
            f"Set {unset.name} in .env beside the Compose file, or write a default: ${{{unset.name}:-...}}.",
            severity=Severity.INFO if told else Severity.WARNING,
            confidence=Confidence.LIKELY if host else Confidence.SURE,
            persona=Persona.PEDANTIC if told else Persona.REGULAR,
            facts={"subject": unset.name},
        )


def _host_may_set(container: Container, location: Location) -> bool:
    """Whether the environment of the host is unknown, so that the name may be set there."""
    for variable in container.environment.values():
        if variable.value_location == location and variable.text is not None:
            return known_text(variable) is None or "null" in variable.text
    return True


def _has_dotenv(container: Container, context: Context) -> bool:
    """Whether a file ``.env`` lies beside the Compose file, so that a name which is missing there was forgotten."""
    return any(
        source.folder == container.source.folder and source.path.rpartition("/")[2] == ".env"
        for source in context.deployment.sources
    )
