"""Rule ``env-list-as-text``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.carried_options import carried_options
from policy.lint.views.options import place
from policy.lint.views.variable_fixes import set_text

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class EnvListAsText(Rule):
    r"""A list option whose variable holds a plain text.

    ## What it checks

    Options of the Authorization section that have to be lists, set by a variable or a secret to a text that is no list.

    ## Why it matters

    The plugin finds a text where it expects a list, and Orthanc stops at start.

    ## Example

    ```yaml docker-compose.yml line=8
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__AUTHORIZATION__UNCHECKED_FOLDERS: "/ui/app/"
    ```

    ## Use instead

    The two options with names of tokens take a single text as well:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__AUTHORIZATION__UNCHECKED_FOLDERS: '["/ui/app/"]'
          ORTHANC__AUTHORIZATION__TOKEN_HTTP_HEADERS: "api-key"
    ```
    """

    code: ClassVar[str] = "DEP012"
    name: ClassVar[str] = "env-list-as-text"
    title: ClassVar[str] = "List option as plain text"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for found in carried_options(server):
            text = found.setting.value
            if not found.lists or not isinstance(text, str) or text.lstrip().startswith(("[", "{")):
                continue  # what looks like a list and is none is a mistake of syntax
            location = place((found.setting.origin,), server)
            if location is None:
                continue
            variable = server.container.environment.get(found.name) if server.container is not None else None
            items = [item for item in text.replace(",", " ").split() if item]
            written = "[" + ", ".join(f'"{item}"' for item in items) + "]"
            simple = variable is not None and bool(items) and not any(mark in text for mark in "\"'\\$")
            yield self.finding(
                location,
                f"Orthanc stops at start: {found.name} stays a text, and {found.dotted} has to be a list of texts.",
                'Write a list, such as ["/ui/app/"].',
                fix=set_text(variable, written, "Write a list", safe=False)
                if variable is not None and simple
                else None,
                facts={"subject": found.dotted, "variable": found.name, "outcome": "no-start"},
            )
