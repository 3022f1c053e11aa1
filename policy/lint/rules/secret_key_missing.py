"""Rule ``secret-key-missing``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import may_be_elsewhere

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


class SecretKeyMissing(Rule):
    r"""SECRET_KEY of the auth service is missing.

    ## What it checks

    Whether the auth service has a variable or a secret of exactly this name.

    ## Why it matters

    The service exits at start, and Orthanc refuses every request.

    ## Example

    ```yaml docker-compose.yml line=2
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          USERS: '{"share-user": "a-long-password"}'
    ```

    ## Use instead

    A secret does as well, as long as its file has the same name:

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          USERS: '{"share-user": "a-long-password"}'
        secrets: [SECRET_KEY]
    secrets:
      SECRET_KEY:
        file: ./secret-key.txt
    ```
    """

    code: ClassVar[str] = "DEP048"
    name: ClassVar[str] = "secret-key-missing"
    title: ClassVar[str] = "Auth service without SECRET_KEY"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the key is yours to choose"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official or may_be_elsewhere(container):
            return
        variable = service.environment.get("SECRET_KEY")
        if variable is not None and variable.value != "":
            return
        folder = any(
            mount.target.rstrip("/") in ("/run/secrets", "/run/secrets/SECRET_KEY") for mount in container.mounts
        )
        if folder:
            return
        what = "SECRET_KEY is not set" if variable is None else "SECRET_KEY is empty"
        where = variable.location if variable is not None else None
        yield self.finding(
            where or container.location,
            f"The auth service {service.version} exits at start, because {what}: Orthanc refuses everybody.",
            "Set SECRET_KEY as a variable, or mount a secret of exactly this name.",
            confidence=Confidence.SURE if variable is None else Confidence.LIKELY,
            facts={"subject": "SECRET_KEY", "outcome": "no-start"},
        )
