"""permissions.json and anonymous-profile.json as they are written, whatever the service makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.lint.views.auth import MODEL_FROM
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.source import Location, Source
    from policy.knowledge.versions import Version
    from policy.text import Member, Node

LABELS = "authorized-labels"
LABELS_OLD = "authorized_labels"
PERMISSIONS = "permissions"
LABEL_KEYS = (LABELS, LABELS_OLD)
ROLE_KEYS = (PERMISSIONS, LABELS, LABELS_OLD)
STAR = "*"
ALL = "all"


def label_keys_read(version: Version) -> tuple[str, ...]:
    """The spellings of the labels of a role that the service of ``version`` reads, the one that wins first.

    Source: 24.6.0 and later read both and prefer the hyphen; before only the underscore is known.
    """
    return LABEL_KEYS if version >= MODEL_FROM else (LABELS_OLD,)


@dataclass(frozen=True, slots=True)
class Rights:
    """Permissions and labels in one object: a role, or the anonymous profile.

    ``name`` is the role's name, empty for the profile; ``member`` the role's entry, None for the profile.
    """

    source: Source
    node: Node
    version: Version
    name: str = ""
    member: Member | None = None

    @property
    def who(self) -> str:
        """The holder in words, for the middle of a message."""
        return f"the role {self.name}" if self.member is not None else "the anonymous profile"

    @property
    def location(self) -> Location:
        """Where the name of the role is written; for the profile the whole file."""
        return self.source.place(self.member.key_span if self.member is not None else self.node.span)

    @property
    def labels(self) -> Member | None:
        """The member with the labels that counts in this version; a null counts as it stands there."""
        for key in label_keys_read(self.version):
            member = self.node.member(key)
            if member is not None:
                return member
        return None

    @property
    def permissions(self) -> Member | None:
        """The member with the permissions."""
        return self.node.member(PERMISSIONS)

    @property
    def permission_names(self) -> tuple[str, ...]:
        """The permissions that are texts."""
        return tuple(str(node.value) for node in texts(self.permissions))

    @property
    def label_texts(self) -> tuple[str, ...]:
        """The labels that are texts."""
        return tuple(str(node.value) for node in texts(self.labels))

    @property
    def limited(self) -> bool:
        """Whether the labels leave anything out."""
        return STAR not in self.label_texts

    def holds(self, permission: str) -> bool:
        """Whether ``permission`` is among its permissions, by its own name."""
        return permission in self.permission_names


def texts(member: Member | None) -> Iterator[Node]:
    """The texts in the list of ``member``."""
    if member is not None and member.value.kind == "array":
        yield from (item for item in member.value.items if item.kind == "string")


def role_members(source: Source) -> tuple[Member, ...]:
    """The entries of ``roles``, of equal names the last one, which counts."""
    root = source.document.root
    section = root.get("roles") if root is not None and root.kind == "object" else None
    if section is None or section.kind != "object":
        return ()
    return tuple({member.key: member for member in section.members}.values())


def roles_in(source: Source | None, version: Version) -> tuple[Rights, ...]:
    """The roles of a permissions.json that are objects."""
    if source is None:
        return ()
    return tuple(
        Rights(source, member.value, version, member.key, member)
        for member in role_members(source)
        if member.value.kind == "object"
    )


def profile_in(source: Source | None, version: Version) -> Rights | None:
    """The anonymous profile, where the file holds an object."""
    root = source.document.root if source is not None else None
    if source is None or root is None or root.kind != "object":
        return None
    return Rights(source, root, version)


def covers(permissions: frozenset[str], name: str) -> bool:
    """Whether a holder of ``permissions`` may do what ``name`` allows, by the default rules.

    ``all`` stands for every other name but ``admin-permissions``, which those rules ask for alone.
    """
    return name in permissions or (ALL in permissions and name != "admin-permissions")
