"""Rule ``numeric-password-env``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.carried_options import carried_options
from policy.lint.views.options import place
from policy.lint.views.variable_fixes import around

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class NumericPasswordEnv(Rule):
    r"""A text option whose variable or secret reads like a number, a truth value or null.

    ## What it checks

    Options that have to be texts, set by a variable or a secret whose text is a number, `true`, `false` or `null`.

    ## Why it matters

    The image takes the value for JSON first: `123456` becomes a number.
    The plugin or Orthanc then finds no text, and Orthanc stops at start.

    ## Example

    ```yaml docker-compose.yml line=9
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: "share-user"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: "123456"
    ```

    ## Use instead

    Quotes inside of the value keep it a text; a leading zero does too, because that is no JSON:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: "007"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: '"123456"'
    ```
    """

    code: ClassVar[str] = "DEP010"
    name: ClassVar[str] = "numeric-password-env"
    title: ClassVar[str] = "Text option that becomes a number"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for found in carried_options(server):
            value = found.setting.value
            if found.types != ("string",) or found.setting.kind not in ("number", "boolean", "null"):
                continue
            if isinstance(value, float) and not math.isfinite(value):
                continue  # nan-through-script tells more
            location = place((found.setting.origin,), server)
            if location is None:
                continue
            variable = server.container.environment.get(found.name) if server.container is not None else None
            held = {"null": "null", "boolean": "a truth value"}.get(found.setting.kind, "a number")
            yield self.finding(
                location,
                f"Orthanc stops at start: {found.name} becomes {held}, and {found.dotted} has to be a text.",
                "Put double quotes inside of the value, or choose one that has letters in it.",
                fix=around(variable, '"', '"', "Put double quotes inside", safe=False)
                if variable is not None
                else None,
                facts={"subject": found.dotted, "variable": found.name, "outcome": "no-start"},
            )
