"""The rows of Permissions and ExtraPermissions as they are written, where the plugin reads them at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policy.knowledge.versions import Version
from policy.lint.views.options import filter_of, option, place
from policy.lint.views.policies import usable_policy
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.setting import Entry, Setting
    from policy.configuration.source import Location
    from policy.engine.rules import Rule
    from policy.lint.context import Context

_EXTRA_FROM = Version.parse("0.10.0")
METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``option`` is the list that it stands in, ``index`` counts from 0 there."""

    server: OrthancServer
    option: str
    index: int
    setting: Setting
    location: Location

    def cell(self, number: int) -> Setting | None:
        """The element ``number`` of the row, or None where there is none."""
        return self.setting.items[number] if number < len(self.setting.items) else None

    def text(self, number: int) -> str:
        """The element as JsonCpp makes a text of it; empty for null, and for what is no scalar."""
        cell = self.cell(number)
        if cell is None or cell.value is None:
            return ""
        if isinstance(cell.value, bool):
            return "true" if cell.value else "false"
        return str(cell.value)

    @property
    def complete(self) -> bool:
        """Whether it has three elements that are texts or can be made texts."""
        cells = self.setting.items[:3]
        return len(cells) == 3 and all(cell.kind not in ("array", "object", "missing") for cell in cells)

    @property
    def method(self) -> str:
        """The method in small letters, as it is compared."""
        return self.text(0).lower()

    @property
    def pattern(self) -> str:
        """The pattern as it is written."""
        return self.text(1)

    @property
    def asked(self) -> str:
        """The third element: names between bars."""
        return self.text(2)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, any one of which is enough; none: everybody."""
        return tuple(self.asked.split("|")) if self.asked else ()

    def place(self, number: int) -> Location:
        """Where the element is written, else the row."""
        cell = self.cell(number)
        return (cell.origin.location if cell is not None else None) or self.location

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.pattern}"


def lists(server: OrthancServer) -> Iterator[tuple[str, Entry]]:
    """The lists of rules that the plugin of this version reads, each with its entry."""
    if not filter_of(server).profiles:
        return
    for name in ("Permissions", "ExtraPermissions"):
        entry = option(server, name)
        if entry is not None and (name == "Permissions" or server.plugin.version >= _EXTRA_FROM):
            yield name, entry


def rows(server: OrthancServer) -> Iterator[Row]:
    """All rows of both lists, in their order, also those with which the server does not start."""
    for name, entry in lists(server):
        for index, setting in enumerate(entry.setting.items):
            location = place((setting.origin, entry.setting.origin, entry.key_origin), server)
            if location is not None:
                yield Row(server, name, index, setting, location)


def effective(server: OrthancServer, context: Context) -> tuple[Rule, ...]:
    """The rules that count on ``server``, built-in ones included; see :func:`.policies.usable_policy`."""
    policy = usable_policy(server, context)
    return policy.rules if policy is not None else ()


def effective_of(row: Row, context: Context) -> tuple[Rule, ...]:
    """The effective rules that ``row`` became: one, or several where it holds the alias."""
    key = ("effective rules by row", id(row.server))
    by_row = context.once(key, lambda: _by_row(effective(row.server, context)))
    return by_row.get((row.option, row.index), ())


def _by_row(rules: Iterable[Rule]) -> dict[tuple[str | int, ...], tuple[Rule, ...]]:
    found: dict[tuple[str | int, ...], tuple[Rule, ...]] = {}
    for rule in rules:
        path = tuple(rule.origin.path[1:])
        found[path] = (*found.get(path, ()), rule)
    return found
