"""Rule ``variable-breaks-json``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_text, may_be_elsewhere, place_of
from policy.lint.views.variables import of_image
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context


class VariableBreaksJson(Rule):
    r"""A text that is JSON as it is written, and none once variables are put in.

    ## What it checks

    Files of the image, and `ORTHANC_JSON`, after Docker Compose and the image have replaced the variables in them.
    Values are put in as they are: quotes, backslashes and empty texts land in the JSON.

    ## Why it matters

    The container stops at start, although the file looks right.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          ARCHIVE_NAME: 'The "old" archive'
    ```
    ```jsonc orthanc.json line=3
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "Name": "${ARCHIVE_NAME}"
    }
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC_JSON: "AuthenticationEnabled: true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          ARCHIVE_NAME: 'The \"old\" archive'
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "Name": "${ARCHIVE_NAME}"
    }
    ```

    ## Exceptions

    What is broken as it is written is a matter of the syntax, and the rule orthanc-json-syntax tells.
    """

    code: ClassVar[str] = "DEP087"
    name: ClassVar[str] = "variable-breaks-json"
    title: ClassVar[str] = "Variable that breaks the configuration"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the value that is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or server.image is None or not of_image(server) or may_be_elsewhere(container):
            return
        from policy.configuration.carried import carried, file_setting
        from policy.knowledge import environment

        tag = server.image.version
        if tag >= environment.FILES_SUBSTITUTED:
            known = {name: known_text(variable) for name, variable in container.environment.items()}
            for source in server.sources:
                if source.variable is not None or "$" not in source.document.text:
                    continue
                if not source.document.verdict("image", str(tag)).accepted:
                    continue
                read = file_setting(source, "image", tag, known)
                if read.refused is not None:
                    yield self._report(
                        read.place or source.place(Span(0, 1)), source.path, "the variables in it are put in"
                    )
        variable = container.environment.get(environment.WHOLE_CONFIGURATION)
        if variable is None or known_text(variable) is None:
            return
        held = carried(variable)
        refused, place_ = held.refused("image", tag)
        if refused is None:
            return
        if held.source is None:
            yield self.finding(
                place_of(variable),
                "The container stops at start: ORTHANC_JSON is no JSON.",
                "Write an object in braces, with names and texts in double quotes.",
                facts={"subject": variable.name, "outcome": "no-start"},
            )
        elif held.source.document.verdict("image", str(tag)).accepted:
            yield self._report(place_ or place_of(variable), variable.name, "Docker Compose has put the variables in")

    def _report(self, location: Location, subject: str, when: str) -> Finding:
        return self.finding(
            location,
            f"The container stops at start: {subject} is no JSON any more once {when}.",
            "Put a backslash before quotes and backslashes in the values, or give them in variables of their own options.",
            facts={"subject": subject, "outcome": "no-start"},
        )
