"""Rule ``keycloak-old-variables``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import KEYCLOAK
from policy.lint.views.variable_fixes import rename

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class KeycloakOldVariables(Rule):
    r"""A variable of Keycloak by a name of another version.

    ## What it checks

    The variables of the administrator and of the public address, by the tag of the image orthanc-keycloak: `KEYCLOAK_ADMIN` and
    `KEYCLOAK_ADMIN_PASSWORD` before 24.12.0, `KC_BOOTSTRAP_ADMIN_USERNAME` and `KC_BOOTSTRAP_ADMIN_PASSWORD` from there on;
    `KC_HOSTNAME_URL` and `KC_HOSTNAME_ADMIN_URL` before 24.9.0, `KC_HOSTNAME` from there on.

    ## Why it matters

    The variable is ignored or refused: Keycloak has no administrator, or goes by the wrong address, and nobody can log in.

    ## Example

    ```yaml docker-compose.yml line=5,6
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:25.9.0
        environment:
          KEYCLOAK_ADMIN: "admin"
          KEYCLOAK_ADMIN_PASSWORD: "a-long-password"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:25.9.0
        environment:
          KC_BOOTSTRAP_ADMIN_USERNAME: "admin"
          KC_BOOTSTRAP_ADMIN_PASSWORD: "a-long-password"
    ```

    ## Exceptions

    The old names are right for an old image:

    ```yaml docker-compose.yml
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:24.5.1
        environment:
          KEYCLOAK_ADMIN: "admin"
          KEYCLOAK_ADMIN_PASSWORD: "a-long-password"
          KC_HOSTNAME_URL: "https://pacs.example.org/keycloak"
    ```
    """

    code: ClassVar[str] = "DEP071"
    name: ClassVar[str] = "keycloak-old-variables"
    title: ClassVar[str] = "Variable that this Keycloak does not read"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "unsafe"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != KEYCLOAK or container.version is None or container.built:
            return
        from policy.knowledge import images

        rows = images.keycloak_images()
        own = next((row for row in reversed(rows) if row.version <= container.version.version), rows[0])
        for kind in ("admin_variables", "public_url_variables"):
            right: tuple[str, ...] = getattr(own, kind)
            known = {name for row in rows for name in getattr(row, kind)}
            places = {name: variable.name_location for name, variable in container.environment.items()}
            for name, location in {**container.secrets, **places}.items():
                if name not in known or name in right:
                    continue
                meant = _meant(name, right)
                variable = container.environment.get(name)
                yield self.finding(
                    location,
                    f"The image orthanc-keycloak {container.version} does not read {name}: "
                    + (
                        "Keycloak gets no administrator."
                        if kind == "admin_variables"
                        else "Keycloak goes by another address."
                    ),
                    f"Rename it to {meant}." if meant else f"This version reads {', '.join(right)}.",
                    confidence=Confidence.LIKELY if container.version.assumed else Confidence.SURE,
                    fix=rename(variable, meant, safe=False) if variable is not None and meant else None,
                    facts={"subject": name},
                )


def _meant(name: str, right: tuple[str, ...]) -> str:
    """The name of this version that stands for the same."""
    if len(right) == 1:
        return right[0]
    secret = "PASSWORD" in name
    return next((one for one in right if ("PASSWORD" in one) == secret), "")
