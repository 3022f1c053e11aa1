"""A value of the effective configuration that knows where it comes from.

Files, variables and defaults are merged into one tree of settings.
Each setting keeps its :class:`Origin`, so that a finding about the merged whole still points to the line, or names the
variable, that caused it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy.configuration.source import Location, Source
from policy.text import Node, Span

Scalar = str | int | float | bool | None

_NO_MEMBERS: Mapping[str, Entry] = MappingProxyType({})


class Means(enum.StrEnum):
    """By which means a value reached the configuration."""

    FILE = "file"
    VARIABLE = "variable"
    SECRET = "secret"
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
    members: Mapping[str, Entry] = field(default=_NO_MEMBERS)
    items: tuple[Setting, ...] = ()

    @classmethod
    def from_node(cls, source: Source, node: Node, means: Means = Means.FILE, name: str | None = None) -> Setting:
        """The setting that ``node`` of ``source`` stands for; of equal keys the last one counts, as for every reader.

        The depth of what is converted is that of the text; readers refuse texts deeper than 1,000 levels before this.
        """
        origin = Origin(means, source, node.span, name)
        if node.kind == "object":
            members: dict[str, Entry] = {}
            for member in node.members:
                entry = Entry(
                    member.key,
                    Origin(means, source, member.key_span, name),
                    cls.from_node(source, member.value, means, name),
                    members.get(member.key),
                )
                members[member.key] = entry
            return cls("object", origin, members=MappingProxyType(members))
        if node.kind == "array":
            items = tuple(cls.from_node(source, item, means, name) for item in node.items)
            return cls("array", origin, items=items)
        return cls(node.kind, origin, value=node.value)

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
        """This setting and all below it."""
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
