"""A value of the effective configuration that knows where it comes from.

Files, variables and defaults are merged into one tree of settings.
Each setting keeps its :class:`Origin`, so that a finding about the merged whole still points to the line, or names the
variable, that caused it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from policy.configuration.source import Location, Source
from policy.errors import ShapeError
from policy.records import dataclass, field
from policy.text import Node, Span

Scalar = str | int | float | bool | None

_NO_MEMBERS: Mapping[str, Entry] = MappingProxyType({})


class Means(enum.StrEnum):
    """By which means a value reached the configuration."""

    FILE = "file"
    VARIABLE = "variable"
    SECRET = "secret"  # noqa: S105 - a word, not a password
    IMAGE_DEFAULT = "image default"
    PLUGIN_DEFAULT = "plugin default"
    CORE_DEFAULT = "core default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from.

    ``source`` and ``span`` say where it is written, and are None for a default and for a value from the process
    environment; ``name`` is the variable or secret that carried it.
    """

    means: Means
    source: Source | None = None
    span: Span | None = None
    name: str | None = None

    @property
    def location(self) -> Location | None:
        """The place in a file, or None where no file holds the value."""
        return Location(self.source, self.span) if self.source is not None and self.span is not None else None

    def __str__(self) -> str:
        place = self.location
        told = f"{self.means} {self.name}" if self.name else str(self.means)
        return f"{place} ({told})" if place and self.means is not Means.FILE else str(place or told)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One value: ``kind`` is the JSON type; ``value`` a scalar; ``members`` of an object; ``items`` of an array."""

    kind: str
    origin: Origin
    value: Scalar = None
    members: Mapping[str, Entry] = field(default_factory=lambda: _NO_MEMBERS)
    items: tuple[Setting, ...] = ()
    node: Node | None = field(default=None, repr=False)
    """What stands in the file, where the value was taken from there as it is."""
    known: bool = True
    """False where only the kind is known: a secret whose file was not given, a variable that the host sets."""

    @classmethod
    def from_node(
        cls,
        source: Source,
        node: Node,
        means: Means = Means.FILE,
        name: str | None = None,
        place: Callable[[Span], Span] = lambda span: span,
    ) -> Setting:
        """The setting that ``node`` of ``source`` stands for; of equal keys the last one counts, as for every reader.

        ``place`` turns a span of the node into a span of the source, where the text that was read is not the one that
        is written (variables were replaced).
        What lies deeper than 200 levels is left out: no program reads a configuration there.
        """
        return _Conversion(source, means, name, place).setting(node, 0)

    def get(self, *path: str) -> Setting | None:
        """The setting at ``path`` below this one, or None."""
        setting: Setting | None = self
        for key in path:
            if setting is None:
                return None
            entry = setting.members.get(key)
            setting = entry.setting if entry else None
        return setting

    def entry(self, *path: str) -> Entry | None:
        """The member at ``path``, key and value, or None."""
        parent = self.get(*path[:-1])
        return parent.members.get(path[-1]) if parent is not None else None

    def python(self) -> Any:
        """The plain value: dict, list, str, int, float, bool or None."""
        if self.kind == "object":
            return {key: entry.setting.python() for key, entry in self.members.items()}
        if self.kind == "array":
            return [item.python() for item in self.items]
        return self.value

    def walk(self) -> Iterator[Setting]:
        """The setting itself and all below it."""
        pending = [self]
        while pending:
            setting = pending.pop()
            yield setting
            pending.extend(entry.setting for entry in setting.members.values())
            pending.extend(setting.items)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A member of an object: the key, where the key is written, the value, and the member that it replaced if any."""

    key: str
    key_origin: Origin
    setting: Setting
    replaced: Entry | None = None
    undetermined: bool = False
    """Whether the order of the two is not determined, so that ``replaced`` may win at the next start."""


_DEEPEST = 200
_FREE = 100_000


class _Conversion:
    """Nodes to settings; counts them, because aliases of YAML may let a small text stand for an endless tree."""

    def __init__(self, source: Source, means: Means, name: str | None, place: Callable[[Span], Span]) -> None:
        self._source = source
        self._means = means
        self._name = name
        self._place = place
        self._left = len(source.document.text) + _FREE

    def setting(self, node: Node, depth: int) -> Setting:
        self._left -= 1
        if self._left < 0:
            position = self._source.document.position(node.span.start)
            raise ShapeError(
                "the aliases of this file stand for far more values than the file is long",
                file=self._source.path,
                line=position.line,
                column=position.column,
                help="Write the values out, or use fewer aliases of aliases.",
            )
        origin = self._origin(node.span)
        if depth > _DEEPEST:
            return Setting("missing", origin, node=node)
        if node.kind == "object":
            return Setting("object", origin, members=MappingProxyType(self._members(node, depth)), node=node)
        if node.kind == "array":
            return Setting(
                "array", origin, items=tuple(self.setting(item, depth + 1) for item in node.items), node=node
            )
        return Setting(node.kind, origin, value=node.value, node=node)

    def _members(self, node: Node, depth: int) -> dict[str, Entry]:
        members: dict[str, Entry] = {}
        for member in node.members:
            setting = self.setting(member.value, depth + 1)
            members[member.key] = Entry(member.key, self._origin(member.key_span), setting, members.get(member.key))
        return members

    def _origin(self, span: Span) -> Origin:
        return Origin(self._means, self._source, self._place(span), self._name)
