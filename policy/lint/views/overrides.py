"""Values of a configuration that were given more than once: which one counts, which ones are lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.configuration.setting import Means
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.setting import Entry, Origin

_GATES = ("AuthenticationEnabled", "RemoteAccessAllowed", "RegisteredUsers", "Authorization")


@dataclass(frozen=True, slots=True)
class Override:
    """One option: ``entry`` counts, ``earlier`` is what it replaced."""

    path: tuple[str, ...]
    entry: Entry
    earlier: Entry

    @property
    def dotted(self) -> str:
        """The path with dots between."""
        return ".".join(self.path)

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return bool(self.entry.setting.python() == self.earlier.setting.python())

    @property
    def gate(self) -> bool:
        """Whether the option decides who gets in."""
        return self.path[0] in _GATES

    @property
    def lost(self) -> int:
        """How many items of a list are replaced and do not come back."""
        kept = [item.python() for item in self.entry.setting.items]
        return sum(item.python() not in kept for item in self.earlier.setting.items)


def overrides(server: OrthancServer) -> Iterator[Override]:
    """Every value of ``server`` that replaced another one, each pair once."""
    pending: list[tuple[tuple[str, ...], Entry]] = [
        ((key,), entry) for key, entry in server.configuration.members.items()
    ]
    while pending:
        path, entry = pending.pop(0)
        if entry.replaced is not None:
            yield Override(path, entry, entry.replaced)
        pending.extend(((*path, key), member) for key, member in entry.setting.members.items())


def from_file(origin: Origin) -> bool:
    """Whether a value stands in a file that is read as a configuration."""
    return origin.means is Means.FILE


def from_variable(origin: Origin) -> bool:
    """Whether a variable or a secret carried a value."""
    return origin.means in (Means.VARIABLE, Means.SECRET)
