"""Rule ``role-empty-old-service``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.rules.role_key_misspelt import meant_key
from policy.lint.views.auth import LABELS_FROM, MODEL_FROM, behaviour_of
from policy.lint.views.written import LABELS, LABELS_OLD, PERMISSIONS, Rights, roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


class RoleEmptyOldService(Rule):
    r"""An empty or missing list in a role, with an old auth service.

    ## What it checks

    The auth service from 23.9.0 to 24.5.1 wants both lists of each role to be there and to hold something.

    ## Why it matters

    The service does not start with an empty list, and Orthanc refuses everybody.
    Later versions accept it; a role without labels then sees nothing.

    ## Example

    ```json permissions.json line=4,5 auth-service=24.5.1
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]},
        "upload-role": {"permissions": ["upload"], "authorized_labels": []},
        "guest-role": {"authorized_labels": ["public"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json auth-service=24.5.1
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]},
        "upload-role": {"permissions": ["upload"], "authorized_labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    ```json permissions.json auth-service=24.6.0
    {
      "roles": {
        "upload-role": {"permissions": ["upload"], "authorized-labels": []}
      }
    }
    ```
    """

    code: ClassVar[str] = "ROL005"
    name: ClassVar[str] = "role-empty-old-service"
    title: ClassVar[str] = "Empty list that an old service refuses"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "what the role is to give is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        version = service.version.version
        if behaviour_of(service) is None or not LABELS_FROM <= version < MODEL_FROM:
            return
        for rights in roles_in(service.permissions, version):
            for key in (LABELS_OLD, PERMISSIONS):
                node = rights.node.get(key)
                if (node is None or not node.python()) and not _told_elsewhere(rights, key):
                    yield self._role(rights, key, missing=node is None)

    def _role(self, rights: Rights, key: str, *, missing: bool) -> Finding:
        member = rights.node.member(key)
        what = f"has no {key}" if missing else f"has an empty list {key}"
        example = '["*"] for all labels' if key == LABELS_OLD else "at least one permission"
        return self.finding(
            rights.source.place(member.key_span) if member is not None else rights.location,
            f"The auth service {rights.version} does not start, and Orthanc refuses everybody: {rights.who} {what}.",
            f"Write {example}, leave the role out, or use the auth service {MODEL_FROM} or later.",
            facts={"subject": rights.name, "key": key, "missing": missing},
        )


def _told_elsewhere(rights: Rights, key: str) -> bool:
    """Whether the list is there under another spelling, which another rule reports."""
    if key == LABELS_OLD and rights.node.get(LABELS) is not None:
        return True
    return any(meant_key(member.key, rights.version) == key for member in rights.node.members)
