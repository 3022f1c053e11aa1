"""Rule ``compose-secret-names``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind
from policy.lint.finding import Finding, Severity
from policy.lint.nearby import did_you_mean
from policy.lint.rule import Rule

if TYPE_CHECKING:
    from policy.configuration.source import Source
    from policy.lint.context import Context
    from policy.text import Member


class ComposeSecretNames(Rule):
    r"""A service asks for a secret, or a config, that no file defines.

    ## What it checks

    Names under `secrets` and `configs` of each service against those at the top of the Compose files of the same folder.

    ## Why it matters

    Docker Compose refuses the file: nothing is started.

    ## Example

    ```yaml docker-compose.yml line=4
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:25.9.0
        secrets: [KC_BOOTSTRAP_ADMIN_PASSWORD]
    secrets:
      KEYCLOAK_ADMIN_PASSWORD:
        file: ./admin-password.txt
    ```

    ## Use instead

    The name in the container may be another one:

    ```yaml docker-compose.yml
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:25.9.0
        secrets:
          - source: KEYCLOAK_ADMIN_PASSWORD
            target: KC_BOOTSTRAP_ADMIN_PASSWORD
    secrets:
      KEYCLOAK_ADMIN_PASSWORD:
        file: ./admin-password.txt
    ```
    """

    code: ClassVar[str] = "DEP082"
    name: ClassVar[str] = "compose-secret-names"
    title: ClassVar[str] = "Secret that the file does not define"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "whether the name or the definition is wrong is not known"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        root = source.document.root
        services = root.get("services") if root is not None and source.kind is Kind.COMPOSE else None
        if root is None or services is None or services.kind != "object":
            return
        together = [other for other in context.deployment.sources_of(Kind.COMPOSE) if other.folder == source.folder]
        if any(
            other.document.root is not None and other.document.root.get("include") is not None for other in together
        ):
            return
        for key in ("secrets", "configs"):
            defined = {member.key for other in together for member in _members(other, key)}
            for service in services.members:
                given_here = service.value.get(key) if service.value.kind == "object" else None
                for item in given_here.items if given_here is not None else ():
                    node = item.get("source") if item.kind == "object" else item
                    if node is None or not isinstance(node.value, str) or node.value in defined or "$" in node.value:
                        continue
                    near = did_you_mean(node.value, sorted(defined)) if defined else ""
                    yield self.finding(
                        source.place(node.span),
                        f"Docker Compose refuses the file and starts nothing: {service.key} asks for the {key[:-1]} {node.value}, "
                        "which is not defined.",
                        f"{near} Define it under {key} at the top of the file, or use the name that stands there.".strip(),
                        facts={"subject": node.value, "service": service.key, "outcome": "no-start"},
                    )


def _members(source: Source, key: str) -> tuple[Member, ...]:
    root = source.document.root
    section_ = root.get(key) if root is not None else None
    return section_.members if section_ is not None else ()
