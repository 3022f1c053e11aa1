"""Rule ``profile-wire-names``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import behaviour_of
from policy.lint.views.names import very_near
from policy.lint.views.node_fixes import rename_member
from policy.lint.views.written import LABELS, LABELS_OLD, PERMISSIONS, profile_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context
    from policy.lint.views.written import Rights
    from policy.text import Member

_KEYS = ("name", "validity", PERMISSIONS, LABELS, LABELS_OLD, "user-id", "user_id", "groups")
_WORDS = {"labels": LABELS, "label": LABELS, "allowed-labels": LABELS, "rights": PERMISSIONS, "uid": "user-id"}
_ROLES = ("role", "roles", "role-name")
_FOR_PEOPLE = ("_", "//", "#", "$", "comment", "description", "note")


class ProfileWireNames(Rule):
    r"""A key in the anonymous profile that nothing reads.

    ## What it checks

    Keys of anonymous-profile.json are compared letter by letter, case included; others are ignored.
    Near names, and `roles`, are told apart from what is merely superfluous.

    ## Why it matters

    The list that was meant is then empty, and visitors have fewer rights than intended, without a word.
    A profile cannot point to a role.

    ## Example

    ```json anonymous-profile.json line=4
    {
      "name": "Anonymous",
      "permissions": ["view"],
      "labels": ["public"],
      "validity": 60
    }
    ```
    ---
    ```json anonymous-profile.json line=1
    {"name": "Anonymous", "roles": ["doctor-role"], "permissions": [], "validity": 60}
    ```
    ---
    ```json anonymous-profile.json line=1 severity=info persona=pedantic
    {"name": "Anonymous", "permissions": [], "expires": 5, "validity": 60}
    ```

    ## Use instead

    ```json anonymous-profile.json
    {
      "name": "Anonymous",
      "user-id": null,
      "permissions": ["upload"],
      "authorized_labels": [],
      "groups": [],
      "validity": 60
    }
    ```
    """

    code: ClassVar[str] = "ANO004"
    name: ClassVar[str] = "profile-wire-names"
    title: ClassVar[str] = "Key in a profile that nothing reads"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "nist:AC-14")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        rights = profile_in(service.anonymous, service.version.version)
        if behaviour is None or not behaviour.reads_anonymous_profile or rights is None:
            return
        for member in rights.node.members:
            if member.key not in _KEYS and not member.key.lower().startswith(_FOR_PEOPLE) and member.key.strip():
                yield self._member(rights, member)

    def _member(self, rights: Rights, member: Member) -> Finding:
        meant = meant_key(member.key)
        ignored = f"The auth service {rights.version} ignores {member.key}"
        severity, persona = self.severity, Persona.REGULAR
        present = meant is not None and rights.node.get(meant) is not None
        if member.key.lower() in _ROLES:
            message = f"{ignored}: a profile cannot point to roles, and visitors get nothing by it."
            help_ = "Write the permissions and labels out."
        elif meant is None:
            message = f"{ignored}."
            help_ = f"Remove it; the keys are {', '.join(key for key in _KEYS if '_' not in key)}."
            severity, persona = Severity.INFO, Persona.PEDANTIC
        elif present:
            message = f"{ignored}: {meant} beside it counts."
            help_ = "Remove it."
        else:
            message = f"{ignored}: {_lost(meant)}."
            help_ = f"Did you mean {meant}?"
            if meant in ("user-id", "user_id", "groups"):
                severity = Severity.INFO
        return self.finding(
            rights.source.place(member.key_span),
            message,
            help_,
            severity=severity,
            persona=persona,
            fix=rename_member(rights.source, member, meant) if meant is not None and not present else None,
            facts={"subject": member.key, "meant": meant},
        )


def meant_key(key: str) -> str | None:
    """The key of a profile that was probably meant by ``key``, or None."""
    plain = key.lower()
    if plain in _ROLES:
        return None
    if plain in _WORDS:
        return _WORDS[plain]
    near = very_near(key, [name for name in _KEYS if "_" not in name])
    return near[0] if near else None


def _lost(meant: str) -> str:
    return {
        PERMISSIONS: "visitors have no permission",
        LABELS: "visitors have no label",
        "name": "without a name the whole profile is dropped",
        "validity": "without a validity the whole profile is dropped",
    }.get(meant, f"{meant} stays empty")
