"""Rule ``roles-file-readonly``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.permissions import ADMIN
from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import MODEL_FROM, behaviour_of, has_admin_client
from policy.lint.views.written import roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Mount
    from policy.lint.context import Context


class RolesFileReadonly(Rule):
    r"""Roles that are edited in the user interface, and a file that does not take it.

    ## What it checks

    The auth service writes permissions.json anew when somebody saves roles in Orthanc Explorer 2, which takes
    `admin-permissions` and the client secret of Keycloak.
    Reported are a mount that is read-only, and comments in a file that would lose them.

    ## Why it matters

    With a read-only file the service changes the roles in memory before it fails: the editor shows an error, the new
    rights are in force all the same, and the next start brings the old ones back.
    A file that is written loses its comments, and roles that Keycloak does not have.

    ## Example

    ```yaml docker-compose.yml line=5 severity=info
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - ./permissions.json:/orthanc_auth_service/permissions.json:ro
        environment:
          KEYCLOAK_CLIENT_SECRET: "not-a-real-secret"
    ```
    ```json permissions.json
    {"roles": {"admin-role": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]}}}
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - ./permissions.json:/orthanc_auth_service/permissions.json
        environment:
          KEYCLOAK_CLIENT_SECRET: "not-a-real-secret"
    ```
    ```json permissions.json
    {"roles": {"admin-role": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]}}}
    ```

    ## Exceptions

    Where no role has `admin-permissions`, or the service has no client secret, nobody can save roles.

    ```yaml docker-compose.yml
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - ./permissions.json:/orthanc_auth_service/permissions.json:ro
    ```
    ```json permissions.json
    {"roles": {"admin-role": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]}}}
    ```
    """

    code: ClassVar[str] = "ROL018"
    name: ClassVar[str] = "roles-file-readonly"
    title: ClassVar[str] = "Roles edited in a file that is read-only or kept by hand"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("nist:CM-3", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is wanted is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        container = service.container
        version = service.version.version
        if source is None or container is None or behaviour_of(service) is None or version < MODEL_FROM:
            return
        if not ("KEYCLOAK_CLIENT_SECRET" in service.environment and has_admin_client(service)):
            return
        editors = [role for role in roles_in(source, version) if role.holds(ADMIN)]
        mount = next((one for one in container.mounts if source in one.files.values()), None)
        if not editors or mount is None:
            return
        if mount.read_only or mount.kind == "config":
            yield self._read_only(service, mount, [role.name for role in editors])
        elif source.document.comments:
            yield self.finding(
                source.place(source.document.comments[0].span),
                "Saving roles in Orthanc Explorer 2 writes this file anew, without its comments and without the roles that "
                "Keycloak does not have.",
                "Keep the file under version control, or mount it read-only and take admin-permissions away.",
                persona=Persona.PEDANTIC,
                related=[Related(editors[0].location, "may save roles")],
                facts={"subject": "comments", "comments": len(source.document.comments)},
            )

    def _read_only(self, service: AuthService, mount: Mount, editors: list[str]) -> Finding:
        who = " and ".join(editors[:3])
        return self.finding(
            mount.location,
            f"The file is read-only, and {who} may save roles in Orthanc Explorer 2: that ends in an error, the new rights "
            "are in force all the same, and are gone after the next start of the auth service.",
            "Mount the file writable, or give nobody admin-permissions.",
            facts={"subject": mount.target, "roles": tuple(editors)},
        )
