"""Rule ``boolean-spelling``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.carried_options import carried_options
from policy.lint.views.containers import known_text
from policy.lint.views.options import place
from policy.lint.views.variable_fixes import set_text

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")
_A = {"string": "a text", "number": "a number", "null": "null"}


class BooleanSpelling(Rule):
    r"""A boolean option whose variable is not exactly `true` or `false`.

    ## What it checks

    Options that have to be true or false, set by a variable or a secret to anything else, such as `True`, `yes`, `0` or nothing.

    ## Why it matters

    The image leaves such a value a text or a number, and Orthanc stops at start because the option is no boolean.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "False"
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          - ORTHANC__REMOTE_ACCESS_ALLOWED=1
    ```

    ## Use instead

    Compose writes the truth values of YAML in small letters:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "true"
          ORTHANC__REMOTE_ACCESS_ALLOWED: True
          ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'
    ```
    """

    code: ClassVar[str] = "DEP011"
    name: ClassVar[str] = "boolean-spelling"
    title: ClassVar[str] = "Truth value that is not spelt true or false"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for found in carried_options(server):
            if found.types != ("boolean",) or found.setting.kind in ("boolean", "object", "array"):
                continue
            location = place((found.setting.origin,), server)
            if location is None:
                continue
            variable = server.container.environment.get(found.name) if server.container is not None else None
            text = (known_text(variable) or "").strip().lower() if variable is not None else ""
            right = "true" if text in _YES else "false" if text in _NO else None
            held = "an empty text" if found.setting.value == "" else _A[found.setting.kind]
            yield self.finding(
                location,
                f"Orthanc stops at start: {found.name} becomes {held}, and {found.dotted} has to be true or false.",
                f"Write {right or 'true or false'}, in small letters.",
                confidence=Confidence.SURE if found.strict else Confidence.LIKELY,
                fix=set_text(variable, right, f"Write {right}", safe=False) if variable and right else None,
                facts={"subject": found.dotted, "variable": found.name, "outcome": "no-start"},
            )
