"""A profile: what the service tells the plugin about the sender of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

from policy.auth_service.behaviour import Behaviour
from policy.knowledge.versions import Version
from policy.records import dataclass, field

Source = Literal["roles", "claims", "api-key", "file", "image", "built-in", "given"]
"""Where a profile comes from.

``roles``: role names; ``claims``: a JWT; ``api-key``: a user found by a key; ``file``: anonymous-profile.json;
``image``: the file that lies in the service's image; ``built-in``: the fixed one in the program; ``given``: a caller.
"""

_LISTS = ("permissions", "labels")


@dataclass(frozen=True, slots=True)
class Profile:
    """What the service answers about somebody: permissions, and labels of resources that they hold for.

    ``permissions`` and ``labels`` keep the order of the answer (sets are taken and sorted).
    ``groups`` is None where the answer has none, which is not the empty list.
    ``validity`` is in seconds.
    ``labels_as_written`` is the value that versions up to 24.5.1 hand on unchecked where the file holds something else
    than a list of text; it is None in the usual case, and :attr:`well_formed` is then true.
    """

    name: str = ""
    permissions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    user_id: str | None = None
    groups: tuple[str, ...] | None = None
    validity: int = 60
    source: Source = "given"
    labels_as_written: Any = field(default=None, hash=False)

    def __post_init__(self) -> None:
        for name in _LISTS:
            object.__setattr__(self, name, in_order(getattr(self, name)))
        if self.groups is not None:
            object.__setattr__(self, "groups", in_order(self.groups))

    @property
    def well_formed(self) -> bool:
        """Whether the answer has the shape that the plugin expects."""
        return self.labels_as_written is None

    def wire(self, auth_service: str | Version | None = None) -> dict[str, Any]:
        """The JSON object that ``POST /user/get-profile`` of this version of the service answers.

        ``authorized-labels`` is there since 23.9.0, ``user-id`` and ``groups`` since 25.8.0.
        """
        behaviour = Behaviour.of(auth_service)
        answer: dict[str, Any] = {}
        if not behaviour.roles_are_lists:
            answer["authorized-labels"] = list(self.labels) if self.well_formed else self.labels_as_written
        answer["permissions"] = list(self.permissions)
        answer["name"] = self.name
        if behaviour.profiles_have_groups:
            answer["user-id"] = self.user_id
        answer["validity"] = self.validity
        if behaviour.profiles_have_groups:
            answer["groups"] = None if self.groups is None else list(self.groups)
        return answer


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """``names`` as a tuple; a set or the keys of a mapping have no order of their own and are sorted."""
    if isinstance(names, tuple):
        return cast("tuple[str, ...]", names)
    if isinstance(names, str):
        return (names,)
    return tuple(sorted(names) if isinstance(names, set | frozenset | Mapping) else names)


def union(*lists: Iterable[str]) -> tuple[str, ...]:
    """All entries of the lists in order, each once."""
    return tuple(dict.fromkeys(entry for entries in lists for entry in entries))


NOBODY = Profile("Anonymous", groups=(), source="built-in")
"""The profile that is fixed in the program: it gives nothing."""
