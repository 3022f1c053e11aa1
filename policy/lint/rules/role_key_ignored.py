"""Rule ``role-key-ignored``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.rules.role_key_misspelt import meant_key
from policy.lint.views.auth import LABELS_FROM, behaviour_of
from policy.lint.views.written import ROLE_KEYS, Rights, roles_in
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context
    from policy.text import Member

_DENIES = regex(r"(forbid|den[yi]|exclu|except|block|disallow|not[-_]|un)", re.IGNORECASE)
_INHERITS = regex(r"(inherit|extend|parent|include|composite|based?[-_]?on|role)", re.IGNORECASE)
_PROFILE = ("name", "validity", "groups", "user-id", "user_id")
_FOR_PEOPLE = ("_", "//", "#", "$", "comment", "description", "note", "title")


class RoleKeyIgnored(Rule):
    r"""A key in a role that nothing reads.

    ## What it checks

    A role has permissions and labels; every other key is ignored.
    Lists of what is forbidden, references to other roles, and the keys of a profile are looked for by name.

    ## Why it matters

    There is no list of what is denied and no inheritance: who writes one believes that it limits, or gives, rights.
    The keys of a profile (`name`, `validity`, `groups`) come from the token and cannot be set by a role.

    ## Example

    ```json permissions.json line=6
    {
      "roles": {
        "doctor-role": {
          "permissions": ["view", "download"],
          "authorized-labels": ["*"],
          "forbidden-labels": ["vip"]
        }
      }
    }
    ```
    ---
    ```json permissions.json line=3 severity=info persona=pedantic
    {
      "roles": {
        "doctor-role": {"validity": 5, "permissions": ["view"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {
          "description": "everything but what is labelled vip alone",
          "permissions": ["view", "download"],
          "authorized-labels": ["internal", "external"]
        }
      }
    }
    ```

    ## Exceptions

    Descriptions and comments are for people.
    Keys that are nearly right are the business of `role-key-misspelt`.
    """

    code: ClassVar[str] = "ROL014"
    name: ClassVar[str] = "role-key-ignored"
    title: ClassVar[str] = "Key in a role that nothing reads"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "nist:AC-3(7)", "nist:CM-6")
    fixable: ClassVar[str] = "what was meant has no counterpart"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        version = service.version.version
        if behaviour_of(service) is None or version < LABELS_FROM:
            return
        for rights in roles_in(service.permissions, version):
            for member in rights.node.members:
                if member.key in ROLE_KEYS or meant_key(member.key, version) is not None:
                    continue
                if not member.key.lower().startswith(_FOR_PEOPLE) and member.key.strip():
                    yield self._member(rights, member)

    def _member(self, rights: Rights, member: Member) -> Finding:
        ignored = f"The auth service {rights.version} ignores {member.key} in {rights.who}"
        severity, persona = Severity.INFO, Persona.PEDANTIC
        if _DENIES.match(member.key):
            message = f"{ignored}: there is no list of what is denied, and the role reaches all that its labels name."
            help_ = "List the labels that the role may see; give what nobody else may see a label of its own."
            severity, persona = Severity.WARNING, Persona.REGULAR
            kind = "denies"
        elif member.key in _PROFILE:
            message = f"{ignored}: name and groups come from the token, and a profile is valid for 60 seconds."
            help_ = "Remove it."
            kind = "profile"
        elif _INHERITS.match(member.key):
            message = f"{ignored}: no role takes anything over from another."
            help_ = "Write out the permissions and labels, or give the users both roles."
            severity, persona = Severity.WARNING, Persona.REGULAR
            kind = "inherits"
        else:
            message = f"{ignored}."
            help_ = "Remove it; the keys of a role are permissions and authorized-labels."
            kind = "other"
        return self.finding(
            rights.source.place(member.key_span),
            message,
            help_,
            severity=severity,
            persona=persona,
            facts={"subject": member.key, "role": rights.name, "kind": kind},
        )
