"""Rule ``role-name-mismatch``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.permissions import permission
from policy.lint.finding import Confidence, Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import behaviour_of
from policy.lint.views.names import very_near
from policy.lint.views.node_fixes import rename_member
from policy.lint.views.realm import Realm, realm_of
from policy.lint.views.written import role_members

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.lint.context import Context
    from policy.text import Member

_ENDINGS = ("-role", "_role", " role")


class RoleNameMismatch(Rule):
    r"""A role whose name nobody has.

    ## What it checks

    Names of roles are compared with the realm roles in the token, letter by letter.
    Reported are empty names, names with blanks at an end, names that are one but for case and separators, and names that
    break the pattern of the others, are those of a permission, or lack the ending that the same role has in the images of the
    Orthanc team.
    Where an export of the Keycloak realm is given, each name is looked up there.

    ## Why it matters

    Who has a role under another name logs in and sees nothing: the profile is empty, not even that of a visitor.
    Groups and roles of a client are never looked at.

    ## Example

    ```json permissions.json line=3
    {
      "roles": {
        "doctor-role ": {"permissions": ["view"], "authorized-labels": ["*"]}
      }
    }
    ```
    ---
    ```json permissions.json line=3
    {
      "roles": {
        "doctor": {"permissions": ["view"], "authorized-labels": ["*"]}
      }
    }
    ```
    ```json realm.json
    {
      "realm": "orthanc",
      "clients": [],
      "roles": {"realm": [{"name": "doctor-role"}]}
    }
    ```
    ---
    ```json permissions.json line=5 severity=info persona=pedantic
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "nurse-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "upload": {"permissions": ["upload"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "upload-role": {"permissions": ["upload"], "authorized-labels": ["*"]}
      }
    }
    ```
    ```json realm.json
    {
      "realm": "orthanc",
      "clients": [],
      "roles": {"realm": [{"name": "doctor-role"}, {"name": "upload-role"}, {"name": "offline_access"}]}
    }
    ```

    ## Exceptions

    Without an export of the realm it cannot be known which names are right; patterns in names are then a hint only.
    """

    code: ClassVar[str] = "ROL012"
    name: ClassVar[str] = "role-name-mismatch"
    title: ClassVar[str] = "Role whose name nobody has"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        if source is None or behaviour_of(service) is None:
            return
        realm = realm_of(context)
        members = role_members(source)
        told: set[str] = set()
        meant: set[str] = set()
        for member in members:
            if member.key != member.key.strip() or not member.key:
                told.add(member.key)
                yield self._blank(source, member)
            elif realm is not None and member.key not in realm.roles:
                told.add(member.key)
                near = _near(source, member.key, realm)
                meant.update(near)
                yield self._not_in_realm(source, member, realm, near)
        if realm is not None:
            yield from self._only_in_realm({member.key for member in members} | meant, realm)
            return
        left = [member for member in members if member.key not in told]
        yield from self._alike(source, left)
        yield from self._pattern(source, left)

    def _blank(self, source: Source, member: Member) -> Finding:
        name = member.key
        what = f"The name {name!r} has blanks at an end" if name.strip() else "The name is empty"
        return self.finding(
            source.place(member.key_span),
            f"{what}, and names are compared letter by letter: no user can have this role.",
            "Write the name of the realm role as it is.",
            fix=rename_member(source, member, name.strip()) if name.strip() else None,
            facts={"subject": name, "kind": "blank" if name.strip() else "empty"},
        )

    def _not_in_realm(self, source: Source, member: Member, realm: Realm, near: tuple[str, ...]) -> Finding:
        name = member.key
        if name in realm.client_roles:
            why = f"it is a role of the client {realm.client_roles[name]}, and only roles of the realm count"
        elif name in realm.groups:
            why = "it is a group, and only roles of the realm count"
        else:
            why = "the realm has no role of this name"
        related = [Related(realm.roles[near[0]].location, "the role that is probably meant")] if near else []
        return self.finding(
            source.place(member.key_span),
            f"Nobody has the role {name}: {why}.",
            f"Did you mean {near[0]}?" if near else "Make it a role of the realm, or remove it.",
            related=related,
            fix=rename_member(source, member, near[0]) if len(near) == 1 else None,
            facts={"subject": name, "kind": "not-in-realm", "near": near},
        )

    def _only_in_realm(self, written: set[str], realm: Realm) -> Iterator[Finding]:
        for role in realm.roles.values():
            if role.own and not role.composite and role.name not in written:
                yield self.finding(
                    role.location,
                    f"permissions.json has no role {role.name}: who has it alone logs in with no permission and no label, "
                    "and may do less than a visitor without a login.",
                    "Add it to permissions.json if its holders are to work with Orthanc.",
                    severity=Severity.INFO,
                    persona=Persona.PEDANTIC,
                    facts={"subject": role.name, "kind": "only-in-realm"},
                )

    def _alike(self, source: Source, members: list[Member]) -> Iterator[Finding]:
        first: dict[str, Member] = {}
        for member in members:
            folded = member.key.casefold().replace("_", "").replace("-", "").replace(" ", "")
            earlier = first.setdefault(folded, member)
            if earlier is not member:
                yield self.finding(
                    source.place(member.key_span),
                    f"The names {member.key} and {earlier.key} are two roles: case and separators count, and who has one has not the "
                    "other.",
                    "Keep the name of the realm role.",
                    severity=Severity.INFO,
                    confidence=Confidence.LIKELY,
                    related=[Related(source.place(earlier.key_span), "the other one")],
                    facts={"subject": member.key, "kind": "alike", "near": (earlier.key,)},
                )

    def _pattern(self, source: Source, members: list[Member]) -> Iterator[Finding]:
        """Hints for the pedantic: names unlike the others, names that differ from those of the images by their ending."""
        ending = next((one for one in _ENDINGS if sum(member.key.endswith(one) for member in members) > 1), None)
        odd = [member for member in members if not member.key.lower().endswith(_ENDINGS)]
        usual = ending is not None and len(odd) * 2 < len(members)
        for member in odd:
            name = member.key
            if name.startswith("default-roles-"):
                continue
            if f"{name}-role" in _shipped_names():
                other = f"{name}-role"
                message = f"The images of the Orthanc team call this role {other}: if the realm does so too, nobody has {name}."
                kind = "shipped"
            elif usual:
                other = f"{name}{ending}"
                message = f"The other roles end in {ending}, {name} does not: if the realm role is {other}, nobody has this one."
                kind = "pattern"
            elif permission(name) is not None:
                other = ""
                message = (
                    f"The name {name} is that of a permission: what counts here is the name of a role in the realm."
                )
                kind = "permission"
            else:
                continue
            yield self.finding(
                source.place(member.key_span),
                message,
                "Compare the name with the roles of the realm.",
                severity=Severity.INFO,
                confidence=Confidence.LIKELY,
                persona=Persona.PEDANTIC,
                facts={"subject": name, "kind": kind, "near": (other,) if other else ()},
            )


@cache
def _shipped_names() -> frozenset[str]:
    """The names of the roles in the files of the service's images, which are those of its sample realm."""
    from policy.knowledge import service

    files = [shipped.content for shipped in service.shipped_files() if shipped.file == "permissions.json"]
    return frozenset(name for content in files for name in content["roles"] if name.endswith(_ENDINGS))


def _near(source: Source, name: str, realm: Realm) -> tuple[str, ...]:
    """The realm roles that were probably meant, of those that the file has not."""
    written = {member.key for member in role_members(source)}
    return very_near(name, sorted(role for role in realm.roles if role not in written)) or _with_ending(name, realm)


def _with_ending(name: str, realm: Realm) -> tuple[str, ...]:
    """``doctor-role`` for ``doctor``, and the other way round."""
    candidates = [f"{name}{ending}" for ending in _ENDINGS]
    candidates += [name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)]
    return tuple(candidate for candidate in candidates if candidate in realm.roles)[:1]
