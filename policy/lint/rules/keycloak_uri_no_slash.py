"""Rule ``keycloak-uri-no-slash``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import Address, of_service
from policy.lint.views.containers import known_value
from policy.lint.views.variable_fixes import around
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.setting import Setting
    from policy.lint.context import Context


_REALM = regex(r"/realms/([^/?#]+)")
_ADMIN = ("KEYCLOAK_ADMIN_URI", "KECLOAK_ADMIN_URI")


class KeycloakUriNoSlash(Rule):
    r"""KEYCLOAK_URI or KEYCLOAK_ADMIN_URI without a slash at its end, or with the wrong path.

    ## What it checks

    Whether the addresses that the auth service uses end in a slash, whether that of the administrator has `/admin/realms/` in it, and
    whether both name the realm in which Orthanc Explorer 2 logs users in.

    ## Why it matters

    The service puts relative paths together: without the slash the last part, the realm, is lost.
    Logins in the browser work, but every api-key is refused, and the editor of roles shows nothing.

    ## Example

    ```yaml docker-compose.yml line=6,8
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          KEYCLOAK_URI: "https://pacs.example.org/keycloak/realms/orthanc"
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
          KEYCLOAK_ADMIN_URI: "https://pacs.example.org/keycloak/realms/master/"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "true"
          KEYCLOAK_URI: "https://pacs.example.org/keycloak/realms/orthanc/"
          KEYCLOAK_CLIENT_SECRET: "a-long-secret"
          KEYCLOAK_ADMIN_URI: "https://pacs.example.org/keycloak/admin/realms/orthanc/"
    ```

    ## Exceptions

    With Keycloak switched off nobody reads them:

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ENABLE_KEYCLOAK: "false"
          KEYCLOAK_URI: "https://pacs.example.org/keycloak/realms/orthanc"
    ```
    """

    code: ClassVar[str] = "DEP059"
    name: ClassVar[str] = "keycloak-uri-no-slash"
    title: ClassVar[str] = "Address of Keycloak that loses its realm"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:CM-6", "nist:IA-2")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        if not service.official:
            return
        on = service.environment.get("ENABLE_KEYCLOAK")
        if on is not None and on.value is not None and on.value != "true" and "${" not in on.value:
            return
        from policy.configuration.auth_environment import reads

        keys = _flag(service, "ENABLE_KEYCLOAK_API_KEYS") or "KEYCLOAK_CLIENT_SECRET" in service.environment
        login = _login_realm(service, context)
        main = next(of_service(service, "KEYCLOAK_URI"), None)
        realm = _realm(main.url) if main is not None else None
        for address in of_service(service, "KEYCLOAK_URI", *_ADMIN):
            if not reads(address.name, service.version.version):
                continue
            wrong, harmful = _wrong(address, realm, login)
            if not wrong:
                continue
            bad = keys or harmful
            then = "logins in the browser may work, but every api-key is refused and roles cannot be edited"
            if not keys:
                then = "api-keys and the editor of roles will not work once they are switched on"
            if harmful and address.name == "KEYCLOAK_URI":
                then = "users who log in at the other realm count as visitors without rights"
            variable = service.container.environment.get(address.name) if service.container is not None else None
            only_slash = len(wrong) == 1 and not address.url.endswith("/")
            fix = (
                around(variable, "", "/", "Add the slash", safe=False) if variable is not None and only_slash else None
            )
            yield self.finding(
                address.location,
                f"{address.name} {' and '.join(wrong)}: {then}.",
                _help(address, login or realm),
                severity=Severity.ERROR if bad else Severity.WARNING,
                fix=fix,
                facts={"subject": address.name, "wrong": tuple(wrong)},
            )


def _wrong(address: Address, realm: str | None, login: str | None) -> tuple[list[str], bool]:
    """What is wrong with an address, in words, and whether logins suffer from it."""
    wrong = []
    admin = address.name in _ADMIN
    if not address.url.endswith("/"):
        wrong.append("has no slash at its end, so that its realm is lost")
    if admin and "/admin/realms/" not in address.url:
        wrong.append("lacks /admin before /realms/")
    own = _realm(address.url)
    expected = login or (realm if admin else None)
    other = own is not None and expected is not None and own != expected
    if other:
        wrong.append(f"names the realm {own} where {expected} is used otherwise")
    return wrong, other and not admin


def _realm(url: str) -> str | None:
    match = _REALM.search(url)
    return match[1] if match else None


def _flag(service: AuthService, name: str) -> bool:
    return known_value(service.environment.get(name)) == "true"


def _login_realm(service: AuthService, context: Context) -> str | None:
    """The realm at which Orthanc Explorer 2 logs users in, where it is the same on all servers of the service."""
    found = set()
    for server in context.deployment.servers:
        keycloak = server.configuration.get("OrthancExplorer2", "Keycloak")
        if server.auth_service is service and keycloak is not None and _on(keycloak):
            realm = keycloak.get("Realm")
            if realm is not None and isinstance(realm.value, str) and realm.known and "${" not in realm.value:
                found.add(realm.value)
    return found.pop() if len(found) == 1 else None


def _on(keycloak: Setting) -> bool:
    enable = keycloak.get("Enable")
    return enable is not None and enable.value is True


def _help(address: Address, realm: str | None) -> str:
    path = f"{'/admin' if address.name in _ADMIN else ''}/realms/{realm or 'REALM'}/"
    return f"Let it end in {path}, with the slash."
