"""Rule ``keycloak-client-secret-default``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind
from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import KEYCLOAK, known_text, known_value, place_of
from policy.lint.views.variable_fixes import set_text

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Container
    from policy.lint.context import Context


_SKIP = "SKIP_CLIENT_SECRET_UPDATE_FOR_TESTS"


class KeycloakClientSecretDefault(Rule):
    r"""The client secret of Keycloak is the one in a realm file.

    ## What it checks

    Whether `SKIP_CLIENT_SECRET_UPDATE_FOR_TESTS` is true on Keycloak, which keeps the secret of the realm file in the image; and
    whether `KEYCLOAK_CLIENT_SECRET` equals the secret of `admin-cli` in a given export of the realm.

    ## Why it matters

    The secret belongs to a client that reads users and their roles, and it is public.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.0
        environment:
          KC_BOOTSTRAP_ADMIN_USERNAME: "admin"
          KC_BOOTSTRAP_ADMIN_PASSWORD: "a-long-password"
          SKIP_CLIENT_SECRET_UPDATE_FOR_TESTS: "true"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.0
        environment:
          KC_BOOTSTRAP_ADMIN_USERNAME: "admin"
          KC_BOOTSTRAP_ADMIN_PASSWORD: "a-long-password"
          SKIP_CLIENT_SECRET_UPDATE_FOR_TESTS: "false"
    ```
    """

    code: ClassVar[str] = "DEP073"
    name: ClassVar[str] = "keycloak-client-secret-default"
    title: ClassVar[str] = "Client secret of Keycloak that everybody knows"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:798", "cwe:1188", "nist:IA-2")
    fixable: ClassVar[str] = "unsafe"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        variable = container.environment.get(_SKIP)
        if container.role != KEYCLOAK or variable is None or known_text(variable) != "true":
            return
        yield self.finding(
            place_of(variable),
            "The client that reads users and roles keeps the secret of the realm file in the image, which everybody can read.",
            "Remove the variable; the container then makes a secret at its first start and writes it to its log.",
            fix=set_text(variable, "false", "Write false", safe=False),
            facts={"subject": _SKIP, "outcome": "open"},
        )

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        variable = service.environment.get("KEYCLOAK_CLIENT_SECRET")
        value = known_value(variable)
        if variable is None or not value or variable.location is None:
            return
        for source in context.deployment.sources_of(Kind.REALM):
            root = source.document.root
            clients = root.get("clients") if root is not None else None
            for client in clients.items if clients is not None else ():
                name, secret = client.get("clientId"), client.get("secret")
                if name is not None and name.value == "admin-cli" and secret is not None and secret.value == value:
                    yield self.finding(
                        variable.location,
                        f"The client secret is the one in {source.path}: whoever has that file can read users and roles.",
                        "Make a new secret in Keycloak after the import, and keep it out of files that are shared.",
                        related=[Related(source.place(secret.span), "the same secret")],
                        facts={"subject": "KEYCLOAK_CLIENT_SECRET", "outcome": "open"},
                    )
