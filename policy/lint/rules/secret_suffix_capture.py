"""Rule ``secret-suffix-capture``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.variables import Use
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class SecretSuffixCapture(Rule):
    r"""A variable ending in `_SECRET` that belongs to no option.

    ## What it checks

    Variables of the image that end in `_SECRET` while the rest of the name is no option.

    ## Why it matters

    The image takes each of them for the name of a file in `/run/secrets`, and sets nothing.
    Often the variable was meant for another container, such as `KEYCLOAK_CLIENT_SECRET` for the auth service.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          KEYCLOAK_CLIENT_SECRET: "a-secret-of-another-service"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS_SECRET: "users"
        secrets: [users]
    secrets:
      users:
        file: ./users.json
    ```
    """

    code: ClassVar[str] = "DEP030"
    name: ClassVar[str] = "secret-suffix-capture"
    title: ClassVar[str] = "Variable that is taken for the name of a secret"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "where the variable belongs is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if server.image is None:
            return
        from policy.configuration.variables import option_reading

        for variable, reading in readings(server):
            base = variable.name.removesuffix("_SECRET")
            if reading.use is not Use.SECRET or option_reading(base, server.image.version) is not None:
                continue
            if base == "ORTHANC_JSON" or base.endswith("_ENABLED"):
                continue  # plugin-variable-as-secret tells more
            yield self.finding(
                variable.name_location,
                f"The image takes {variable.name} for the name of a secret file and sets no option by it.",
                "Give it to the container that reads it; ORTHANC__..._SECRET names the secret of an option.",
                facts={"subject": variable.name},
            )
