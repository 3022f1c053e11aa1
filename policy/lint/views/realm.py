"""What an export of a Keycloak realm tells about roles and who has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.configuration.source import Kind
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.source import Location, Source
    from policy.lint.context import Context
    from policy.text import Node

_KEYCLOAKS_OWN = frozenset({"offline_access", "uma_authorization", "admin", "create-realm"})


@dataclass(frozen=True, slots=True)
class RealmRole:
    """A role of the realm; ``composite`` where it holds others."""

    name: str
    composite: bool
    location: Location

    @property
    def own(self) -> bool:
        """Whether somebody made it: Keycloak makes some in each realm."""
        return self.name not in _KEYCLOAKS_OWN and not self.name.startswith("default-roles-")


@dataclass(frozen=True, slots=True)
class Holder:
    """A user or a group with realm roles of its own; ``kind`` is ``user`` or ``group``."""

    kind: str
    name: str
    roles: frozenset[str]
    location: Location


@dataclass(frozen=True, slots=True)
class Realm:
    """All realms that were given, taken together."""

    roles: dict[str, RealmRole]
    client_roles: dict[str, str]
    """Names of client roles, each with a client that has it."""
    groups: frozenset[str]
    holders: tuple[Holder, ...]


def realm_of(context: Context) -> Realm | None:
    """The realm; None where no export with roles was given."""
    roles: dict[str, RealmRole] = {}
    client_roles: dict[str, str] = {}
    groups: set[str] = set()
    holders: list[Holder] = []
    for source in context.deployment.sources_of(Kind.REALM):
        root = source.document.root
        if root is None:
            continue
        for role in _realm_roles(source, root):
            roles.setdefault(role.name, role)
        for client, name in _client_roles(root):
            client_roles.setdefault(name, client)
        for holder in _holders(source, root):
            holders.append(holder)
            if holder.kind == "group":
                groups.add(holder.name)
    return Realm(roles, client_roles, frozenset(groups), tuple(holders)) if roles else None


def _realm_roles(source: Source, root: Node) -> Iterator[RealmRole]:
    section = root.get("roles")
    listed = section.get("realm") if section is not None else None
    for item in listed.items if listed is not None else ():
        name, composite = item.get("name"), item.get("composite")
        if name is not None and isinstance(name.value, str):
            holds = composite is not None and composite.value is True
            yield RealmRole(name.value, holds, source.place(name.span))


def _client_roles(root: Node) -> Iterator[tuple[str, str]]:
    section = root.get("roles")
    clients = section.get("client") if section is not None else None
    for member in clients.members if clients is not None else ():
        for item in member.value.items:
            name = item.get("name")
            if name is not None and isinstance(name.value, str):
                yield member.key, name.value


def _holders(source: Source, root: Node) -> Iterator[Holder]:
    for kind, section, key in (("user", "users", "username"), ("group", "groups", "name")):
        listed = root.get(section)
        for item in listed.items if listed is not None else ():
            name, held = item.get(key), item.get("realmRoles")
            if name is None or not isinstance(name.value, str):
                continue
            names = frozenset(str(one.value) for one in held.items) if held is not None else frozenset()
            yield Holder(kind, name.value, names, source.place(name.span))
