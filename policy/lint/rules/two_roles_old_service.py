"""Rule ``two-roles-old-service``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, MODEL_FROM, behaviour_of
from policy.lint.views.realm import realm_of
from policy.lint.views.written import role_members

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


class TwoRolesOldService(Rule):
    r"""Users with two roles, or none, and an old auth service.

    ## What it checks

    The auth service from 23.9.0 to 24.5.1 wants a user to have exactly one of the roles in permissions.json.
    A file with several roles is worth a note; a user in an export of the Keycloak realm who has two of them is a mistake.

    ## Why it matters

    Each request of a user with two of the roles ends in HTTP 400, and Orthanc refuses it; so does each of a user with none.

    ## Example

    ```json permissions.json line=2 auth-service=24.5.1 severity=info
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]},
        "upload-role": {"permissions": ["upload"], "authorized_labels": ["*"]}
      }
    }
    ```
    ---
    ```json permissions.json line=2 auth-service=24.5.1 severity=warning
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]},
        "upload-role": {"permissions": ["upload"], "authorized_labels": ["*"]}
      }
    }
    ```
    ```json realm.json
    {
      "realm": "orthanc",
      "clients": [],
      "roles": {"realm": [{"name": "doctor-role"}, {"name": "upload-role"}]},
      "users": [{"username": "house", "realmRoles": ["doctor-role", "upload-role"]}]
    }
    ```

    ## Use instead

    ```json permissions.json auth-service=24.6.0
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]},
        "upload-role": {"permissions": ["upload"], "authorized_labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    ```json permissions.json auth-service=24.5.1
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]}
      }
    }
    ```
    """

    code: ClassVar[str] = "ROL006"
    name: ClassVar[str] = "two-roles-old-service"
    title: ClassVar[str] = "Several roles with a service that takes one"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "an upgrade of the service mends it"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        version = service.version.version
        if source is None or behaviour_of(service) is None or not LABELS_FROM <= version < MODEL_FROM:
            return
        names = {member.key for member in role_members(source)}
        root = source.document.root
        section = root.member("roles") if root is not None else None
        if len(names) < 2 or section is None:
            return
        realm = realm_of(context)
        holders = realm.holders if realm is not None else ()
        several = [holder for holder in holders if holder.kind == "user" and len(holder.roles & names) > 1]
        if several:
            who = f"{several[0].name} has {' and '.join(sorted(several[0].roles & names))}"
            if len(several) > 1:
                who += f", and {len(several) - 1} more users have several of the roles"
        else:
            who = "a user may have one of the roles only"
        yield self.finding(
            source.place(section.key_span),
            f"The auth service {version} answers HTTP 400 for a user with two of these roles, and Orthanc refuses "
            f"whatever they ask for: {who}.",
            f"Use the auth service {MODEL_FROM} or later, which unites the roles of a user, or give each user one of them.",
            severity=Severity.WARNING if several else Severity.INFO,
            related=[Related(holder.location, "has several of the roles") for holder in several[:5]],
            facts={"subject": "roles", "roles": len(names), "users": len(several)},
        )
