"""Rule ``role-name-special``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import PROFILE_FROM, behaviour_of
from policy.lint.views.realm import realm_of
from policy.lint.views.written import role_members
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.knowledge.versions import Version
    from policy.lint.context import Context
    from policy.text import Member

_VISITORS = regex(r"(anonymous|unauthenticated|nobody)([-_ ]?(role|user|users|profile))?", re.IGNORECASE)
_FALLBACK = regex(r"\*|(default|everyone|everybody|any|fallback)([-_ ]?role)?|.*\*.*", re.IGNORECASE)


class RoleNameSpecial(Rule):
    r"""A role with a name that looks special.

    ## What it checks

    Roles called `anonymous`, `default`, `*` and the like.

    ## Why it matters

    No name of a role is special, and names are no patterns.
    Requests without a login get the anonymous profile and never a role; users without a known role get nothing.
    Who relies on such a role believes that rights are given which are not.

    ## Example

    ```json permissions.json line=3,4
    {
      "roles": {
        "anonymous": {"permissions": ["view"], "authorized-labels": ["public"]},
        "*": {"permissions": ["view"], "authorized-labels": ["internal"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "default-roles-orthanc": {"permissions": ["view"], "authorized-labels": ["internal"]}
      }
    }
    ```

    ## Exceptions

    `default-roles-REALM` is a role that Keycloak gives to everybody: it works for logins, not for api-keys.
    A role that an export of the realm has is one like any other:

    ```json permissions.json
    {
      "roles": {
        "default": {"permissions": ["view"], "authorized-labels": ["internal"]}
      }
    }
    ```
    ```json realm.json
    {
      "realm": "orthanc",
      "clients": [],
      "roles": {"realm": [{"name": "default"}]}
    }
    ```
    """

    code: ClassVar[str] = "ROL013"
    name: ClassVar[str] = "role-name-special"
    title: ClassVar[str] = "Role with a name that looks special"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.LIKELY
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "what was meant is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        if source is None or behaviour_of(service) is None:
            return
        realm = realm_of(context)
        for member in role_members(source):
            if realm is not None and member.key in realm.roles:
                continue
            if _VISITORS.fullmatch(member.key):
                yield self._visitors(source, member, service.version.version)
            elif _FALLBACK.fullmatch(member.key):
                yield self.finding(
                    source.place(member.key_span),
                    f"The role {member.key} is one like any other: it is given to nobody who has no realm role of exactly this "
                    "name. Users without a known role have no rights.",
                    "Give the role its real name, or call it default-roles-REALM with the name of the realm: Keycloak gives "
                    "that one to everybody.",
                    facts={"subject": member.key, "kind": "fallback"},
                )

    def _visitors(self, source: Source, member: Member, version: Version) -> Finding:
        if version >= PROFILE_FROM:
            advice = "Write what visitors may do into anonymous-profile.json."
        else:
            advice = (
                f"Visitors have no rights before the auth service {PROFILE_FROM}, which reads anonymous-profile.json."
            )
        return self.finding(
            source.place(member.key_span),
            f"The role {member.key} is one like any other: requests without a login get the anonymous profile, never a role.",
            advice,
            facts={"subject": member.key, "kind": "visitors"},
        )
