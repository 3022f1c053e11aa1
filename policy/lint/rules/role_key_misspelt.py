"""Rule ``role-key-misspelt``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, MODEL_FROM, behaviour_of
from policy.lint.views.names import very_near
from policy.lint.views.node_fixes import rename_member
from policy.lint.views.written import LABELS, LABELS_OLD, PERMISSIONS, ROLE_KEYS, Rights, roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.knowledge.versions import Version
    from policy.lint.context import Context
    from policy.text import Member

_LABEL_WORDS = ("labels", "label", "allowed-labels", "allowed_labels", "study-labels", "tags")
_DENYING = ("un", "non", "not")
_PERMISSION_WORDS = ("rights", "perms", "allowed-permissions", "authorized-permissions", "authorized_permissions")


class RoleKeyMisspelt(Rule):
    r"""A misspelt key inside a role.

    ## What it checks

    Keys of roles that are nearly `permissions` or `authorized-labels`, wrong case, singular and British spelling included.

    ## Why it matters

    The auth service ignores keys that it does not know, without a word.
    The list that was meant is then empty: the holders of the role have no permission, or see no study at all, since no
    labels means none and not all of them.
    Up to 24.5.1 the service does not start.

    ## Example

    ```json permissions.json line=5,9
    {
      "roles": {
        "doctor-role": {
          "permissions": ["view", "download"],
          "authorised-labels": ["external"]
        },
        "external-role": {
          "authorized-labels": ["external"],
          "permission": ["view"]
        }
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {
          "permissions": ["view", "download"],
          "authorized-labels": ["external"]
        },
        "external-role": {
          "authorized_labels": ["external"],
          "permissions": ["view"]
        }
      }
    }
    ```

    ## Exceptions

    Keys that are near nothing are the business of `role-key-ignored`.
    """

    code: ClassVar[str] = "ROL001"
    name: ClassVar[str] = "role-key-misspelt"
    title: ClassVar[str] = "Misspelt key in a role"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:863", "nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        version = service.version.version
        if behaviour_of(service) is None or version < LABELS_FROM:
            return
        for rights in roles_in(service.permissions, version):
            for member in rights.node.members:
                meant = meant_key(member.key, version)
                if meant is not None:
                    yield self._member(rights, member, meant)

    def _member(self, rights: Rights, member: Member, meant: str) -> Finding:
        labels = meant != PERMISSIONS
        counting = rights.labels if labels else rights.permissions
        if counting is not None:
            then = f"{counting.key} beside it counts"
        elif rights.version < MODEL_FROM:
            then = f"without {meant} the service does not start, and Orthanc refuses everybody"
        elif labels:
            then = "the role has no label, and its holders see no study by it"
        else:
            then = "the role gives no permission"
        return self.finding(
            rights.source.place(member.key_span),
            f"The auth service {rights.version} ignores {member.key} in {rights.who}: {then}.",
            f"Did you mean {meant}?",
            severity=Severity.WARNING if counting is not None else Severity.ERROR,
            fix=rename_member(rights.source, member, meant) if counting is None else None,
            facts={"subject": member.key, "role": rights.name, "meant": meant},
        )


def meant_key(key: str, version: Version) -> str | None:
    """The key of a role that was probably meant by ``key``; None for a right one, and for what is near nothing."""
    if key in ROLE_KEYS:
        return None
    if key.lower().startswith(_DENYING):
        return None  # the contrary of the name that it is near to
    labels = LABELS if version >= MODEL_FROM and "_" not in key else LABELS_OLD
    plain = key.lower()
    if plain in _LABEL_WORDS:
        return labels
    if plain in _PERMISSION_WORDS:
        return PERMISSIONS
    near = very_near(key, (PERMISSIONS, LABELS))
    if not near:
        return None
    return PERMISSIONS if near[0] == PERMISSIONS else labels
