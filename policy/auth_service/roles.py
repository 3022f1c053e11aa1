"""permissions.json: the roles that a version of the service reads in it, and what they make of a user."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from policy.auth_service.behaviour import Behaviour
from policy.auth_service.errors import RequestFails
from policy.auth_service.profile import Profile, Source, in_order, union
from policy.auth_service.reading import REFUSED, refusal_of_shape, strict_value, value_of
from policy.auth_service.shapes import Misshapen, RoleLists, Shape, roles_shape
from policy.knowledge import service
from policy.knowledge.versions import Version
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.text import Document, Member, Node, Span


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """One role: what it gives to a user who has it in Keycloak.

    ``permissions`` and ``labels`` are as the service takes them.
    ``fails`` (up to 24.5.1) says why every request of a holder ends in HTTP 400; it is empty otherwise.
    ``member`` is the role's entry in the document, or None if the roles were not read from a document.
    """

    name: str
    permissions: tuple[str, ...]
    labels: tuple[str, ...]
    fails: str = ""
    labels_as_written: Any = None
    member: Member | None = field(default=None, repr=False)

    @property
    def key_span(self) -> Span | None:
        """Where the name of the role stands."""
        return None if self.member is None else self.member.key_span

    @property
    def node(self) -> Node | None:
        """What stands after the name."""
        return None if self.member is None else self.member.value


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """What the auth service of one version makes of permissions.json.

    ``roles`` maps names to roles, in the order of the file; of equal names the last one counts.
    ``available_labels`` is for the editor of labels in the user interface; no check looks at it.
    """

    roles: Mapping[str, Role]
    available_labels: tuple[str, ...] = ()
    behaviour: Behaviour = field(default_factory=lambda: Behaviour.of(None), repr=False)

    @staticmethod
    def from_bytes(data: bytes | str, *, auth_service: str | Version | None = None, file: str | None = None) -> Roles:
        """The roles of a file, without places in the text (see :meth:`from_document`).

        ``auth_service`` is a tag such as ``"25.9.0"``, None the newest one known; ``file`` is a name for messages.
        Raises :class:`policy.errors.ServerRefuses` (a :class:`FileRefused` with line and column) where the service
        does not start with this file.
        """
        behaviour = Behaviour.of(auth_service)
        try:
            return _build(roles_shape(strict_value(data), behaviour), behaviour, {})
        except (ValueError, RecursionError, Misshapen):
            from policy import text

            return Roles.from_document(text.parse(data), auth_service=auth_service, file=file)

    @staticmethod
    def from_document(
        document: Document, *, auth_service: str | Version | None = None, file: str | None = None
    ) -> Roles:
        """The roles of a parsed file; each :class:`Role` then knows its place. Raises as :meth:`from_bytes`."""
        behaviour = Behaviour.of(auth_service)
        value = value_of(document, behaviour, REFUSED, file)
        try:
            shape = roles_shape(value, behaviour)
        except Misshapen as wrong:
            raise refusal_of_shape(wrong, document, behaviour, REFUSED, file) from None
        section = None if document.root is None else document.root.get("roles")
        # Of equal keys the last one counts, here as in the service.
        return _build(shape, behaviour, {member.key: member for member in section.members} if section else {})

    @staticmethod
    def of_image(*, auth_service: str | Version | None = None) -> Roles:
        """The roles of the file in the service's image, which counts where nothing is mounted over it."""
        behaviour = Behaviour.of(auth_service)
        for shipped in service.shipped_files():
            if shipped.file == "permissions.json" and behaviour.version in shipped.versions:
                return _build(roles_shape(shipped.content, behaviour), behaviour, {})
        return Roles(MappingProxyType({}), (), behaviour)

    def profile(
        self,
        names: Iterable[str],
        *,
        name: str = "",
        user_id: str | None = None,
        groups: Iterable[str] | None = None,
        source: Source = "roles",
    ) -> Profile:
        """What a signed-in user with these realm roles gets; names that the file does not have are passed over.

        Since 24.6.0: the union of the permissions and, apart from it, the union of the labels, in the order of
        ``names`` and then of the file; a user without any configured role gets empty lists (not the anonymous
        profile).
        23.9.0 to 24.5.1: raises :class:`RequestFails` (HTTP 400) unless exactly one of the names is configured.
        Before: the union of the permissions.
        All versions up to 24.5.1 also raise it for a role whose permissions they cannot read.
        """
        held = [self.roles[role] for role in union(in_order(names)) if role in self.roles]
        if self.behaviour.one_role_only and len(held) != 1:
            raise RequestFails(
                400,
                "the user has several configured roles" if held else "the user has no configured role",
                help="Give the user exactly one of the roles in the file, or use the service 24.6.0 or later.",
            )
        for role in held:
            if role.fails:
                raise RequestFails(400, f"role {role.name!r} cannot be used: {role.fails}")
        as_written = self.behaviour.one_role_only
        return Profile(
            name=name,
            permissions=union(*(role.permissions for role in held)),
            labels=held[0].labels if as_written else union(*(role.labels for role in held)),
            user_id=user_id,
            groups=None if groups is None else tuple(groups),
            source=source,
            labels_as_written=held[0].labels_as_written if as_written else None,
        )

    def __getitem__(self, name: str) -> Role:
        return self.roles[name]

    def __contains__(self, name: object) -> bool:
        return name in self.roles

    def __iter__(self) -> Iterator[Role]:
        return iter(self.roles.values())

    def __len__(self) -> int:
        return len(self.roles)


def _build(shape: Shape, behaviour: Behaviour, members: Mapping[str, Member]) -> Roles:
    def role(name: str, lists: RoleLists) -> Role:
        return Role(name, lists.permissions, lists.labels, lists.fails, lists.labels_as_written, members.get(name))

    roles = {name: role(name, lists) for name, lists in shape.roles.items()}
    return Roles(MappingProxyType(roles), shape.available_labels, behaviour)
