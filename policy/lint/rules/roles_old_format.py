"""Rule ``roles-old-format``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, MODEL_FROM, behaviour_of
from policy.lint.views.node_fixes import replace_node
from policy.lint.views.written import LABELS, LABELS_OLD, PERMISSIONS, STAR, role_members

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.knowledge.versions import Version
    from policy.lint.context import Context
    from policy.text import Member


class RolesOldFormat(Rule):
    r"""A role in the format of another version.

    ## What it checks

    Up to 23.6.1 a role was a bare list of permissions; since 23.9.0 it is an object with permissions and labels.

    ## Why it matters

    The auth service does not start with the old format, and Orthanc refuses everybody.
    An old service fails with the new one, whenever a holder of the role sends a request.

    ## Example

    ```json permissions.json line=3
    {
      "roles": {
        "admin": ["all"]
      }
    }
    ```
    ---
    ```json permissions.json line=3 auth-service=23.6.1
    {
      "roles": {
        "admin": {"permissions": ["all"], "authorized_labels": ["*"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "admin": {"permissions": ["all"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    ```json permissions.json auth-service=23.6.1
    {
      "roles": {
        "admin": ["all"]
      }
    }
    ```
    """

    code: ClassVar[str] = "ROL004"
    name: ClassVar[str] = "roles-old-format"
    title: ClassVar[str] = "Role in the format of another version"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-2")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        if source is None or behaviour_of(service) is None:
            return
        version = service.version.version
        for member in role_members(source):
            if version >= LABELS_FROM and member.value.kind == "array":
                yield self._old(source, member, version)
            elif version < LABELS_FROM and member.value.kind == "object" and member.value.members:
                yield self.finding(
                    source.place(member.key_span),
                    f"The auth service {version} wants a bare list of permissions: each request of a holder of the role "
                    f"{member.key} ends in HTTP 400, and Orthanc refuses it.",
                    f"Write the list alone, or use the auth service {LABELS_FROM} or later.",
                    facts={"subject": member.key, "kind": "new"},
                )

    def _old(self, source: Source, member: Member, version: Version) -> Finding:
        key = LABELS if version >= MODEL_FROM else LABELS_OLD
        new = {PERMISSIONS: member.value.python(), key: [STAR]}
        return self.finding(
            source.place(member.key_span),
            f"The auth service {version} does not start, and Orthanc refuses everybody: the role {member.key} is a bare "
            f"list, as it was before {LABELS_FROM}.",
            f'Write {{"{PERMISSIONS}": [...], "{key}": ["*"]}}; the star is what the old format meant.',
            fix=replace_node(source, member.value, new, "Write it in the new format, for all labels"),
            facts={"subject": member.key, "kind": "old"},
        )
