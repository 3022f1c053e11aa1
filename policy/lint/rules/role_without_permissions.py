"""Rule ``role-without-permissions``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.rules.role_key_misspelt import meant_key
from policy.lint.views.auth import MODEL_FROM, behaviour_of
from policy.lint.views.written import PERMISSIONS, Rights, roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context


class RoleWithoutPermissions(Rule):
    r"""A role that gives no permission.

    ## What it checks

    Roles whose list of permissions is missing or empty.

    ## Why it matters

    Who has this role alone may do nothing.
    That can be meant: the editor of roles in Orthanc Explorer 2 writes an empty entry for each realm role that has none,
    and a role of labels alone widens the other roles of its holders.

    ## Example

    ```json permissions.json line=3,4 persona=pedantic
    {
      "roles": {
        "doctor-role": {"authorized-labels": ["external"]},
        "nurse-role": {}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["external"]}
      }
    }
    ```

    ## Exceptions

    Up to 24.5.1 such a role keeps the service from starting: `role-empty-old-service`.
    """

    code: ClassVar[str] = "ROL015"
    name: ClassVar[str] = "role-without-permissions"
    title: ClassVar[str] = "Role that gives no permission"
    severity: ClassVar[Severity] = Severity.INFO
    persona: ClassVar[Persona] = Persona.PEDANTIC
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "what the role is to give is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        version = service.version.version
        if behaviour_of(service) is None or version < MODEL_FROM:
            return
        for rights in roles_in(service.permissions, version):
            member = rights.permissions
            if member is not None and (member.value.kind != "array" or member.value.items):
                continue
            if not any(meant_key(other.key, version) == PERMISSIONS for other in rights.node.members):
                yield self._role(rights)

    def _role(self, rights: Rights) -> Finding:
        member = rights.permissions
        labels = rights.label_texts
        also = " Its labels widen the other roles of its holders." if labels else ""
        return self.finding(
            rights.source.place(member.key_span) if member is not None else rights.location,
            f"Who has {rights.who} alone may do nothing: it gives no permission.{also}",
            "Name its permissions, or leave the role out.",
            facts={"subject": rights.name, "missing": member is None, "labels": len(labels)},
        )
