"""A three-way merge of rule lists: an own list, the built-in list that it was copied from, and a newer built-in one.

What somebody changed is kept; what merely stood in the copy gives way to what is built in now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policy.records import dataclass


class Row(NamedTuple):
    """One row of a list; the method in small letters."""

    method: str
    pattern: str
    permissions: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes two rows the same rule, whatever they ask for."""
        return self.method, self.pattern

    @property
    def names(self) -> frozenset[str]:
        """What it asks for."""
        return frozenset(self.permissions.split("|")) if self.permissions else frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.pattern} {self.permissions!r}"


class Local(NamedTuple):
    """Something that the own list has changed: ``kind`` is added, changed or removed."""

    kind: str
    row: Row
    why: str = ""
    """For a change that is dropped: the reason."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.row}" + (f" ({self.why})" if self.why else "")


class Insertion(NamedTuple):
    """A row that comes in before the own row with this index (their number: at the end)."""

    before: int
    row: Row


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome, as operations on the own list.

    ``removed`` are indices of own rows; ``asks`` are own rows that ask for something else now; ``inserted`` are new rows.
    """

    own: tuple[Row, ...]
    removed: frozenset[int]
    asks: tuple[tuple[int, str], ...]
    inserted: tuple[Insertion, ...]
    kept: tuple[Local, ...]
    dropped: tuple[Local, ...]
    local: frozenset[int]
    """Own rows that are local changes: additions and changed permissions."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The merged list."""
        asks = dict(self.asks)
        found: list[Row] = []
        for index in range(len(self.own) + 1):
            found += [one.row for one in self.inserted if one.before == index]
            if index < len(self.own) and index not in self.removed:
                row = self.own[index]
                found.append(row._replace(permissions=asks.get(index, row.permissions)))
        return tuple(found)

    @property
    def additions_only(self) -> bool:
        """Whether nothing but whole rows of one's own is kept, so that they may stand apart."""
        return all(one.kind == "added" for one in self.kept)


def merge(own: Sequence[Row], base: Iterable[Row], newer: Iterable[Row], *, restore_removed: bool = False) -> Merge:
    """Merge the changes from ``base`` to ``own`` with those from ``base`` to ``newer``; own rows keep their order.

    ``restore_removed`` takes rows that ``own`` lacks for forgotten, not for removed: they come back.

    >>> old, new = [Row("get", "^/a$", "x")], [Row("get", "^/a$", "x"), Row("get", "^/b$", "x")]
    >>> [row.pattern for row in merge([Row("put", "^/mine$", "x"), *old], old, new).rows]
    ['^/mine$', '^/a$', '^/b$']
    """
    before, after = {row.key: row for row in base}, {row.key: row for row in newer}
    removed: set[int] = set()
    asks: list[tuple[int, str]] = []
    kept: list[Local] = []
    dropped: list[Local] = []
    local: set[int] = set()
    seen: dict[tuple[str, str], int] = {}
    for index, row in enumerate(own):
        if row.key in seen:  # it never applies: the first one is met
            removed.add(index)
            dropped.append(Local("added", row, "it stands in the list twice"))
            continue
        seen[row.key] = index
        old, new = before.get(row.key), after.get(row.key)
        changed = old is None or old.names != row.names
        if not changed and new is None:
            removed.add(index)
        elif not changed and new is not None:
            if new.names != row.names:
                asks.append((index, new.permissions))
        elif new is not None and new.names == row.names:
            dropped.append(Local("added" if old is None else "changed", row, "the built-in list has it now"))
        else:
            local.add(index)
            kept.append(Local("added" if old is None and new is None else "changed", row))
    gone = [row for key, row in before.items() if key not in seen]
    for row in gone:
        if restore_removed:
            dropped.append(Local("removed", row, "it comes back, as was asked for"))
        elif row.key in after:
            kept.append(Local("removed", row))
        else:
            dropped.append(Local("removed", row, "the built-in list has other rules in its place, which may open it"))
    missing = set() if restore_removed else {row.key for row in gone}
    inserted = tuple(_insertions(own, removed, local, [row for row in after.values() if row.key not in missing], seen))
    return Merge(
        tuple(own), frozenset(removed), tuple(asks), inserted, tuple(kept), tuple(dropped), frozenset(local)
    )  # fmt: skip


def _insertions(
    own: Sequence[Row],
    removed: set[int],
    local: set[int],
    newer: Sequence[Row],
    seen: dict[tuple[str, str], int],
) -> Iterable[Insertion]:
    """New rows: each behind the built-in row before it, and behind local rows whose paths it could take."""
    at = 0
    for row in newer:
        index = seen.get(row.key)
        if index is not None and index not in removed:
            at = max(at, index + 1)
        else:
            after = max((place + 1 for place in local if _overlap(own[place], row)), default=0)
            at = max(at, after)
            yield Insertion(at, row)


def _overlap(one: Row, other: Row) -> bool:
    """Whether some path is matched by both; what cannot be told counts as yes."""
    if one.method != other.method:
        return False
    from policy.errors import PolicyError
    from policy.knowledge import plugin
    from policy.patterns import compile as compiled
    from policy.patterns.language import intersection

    def texts(row: Row) -> list[str]:
        if row.pattern == plugin.alias().name:
            return [known.text() for known in plugin.newest().single_resource_patterns]
        return [row.pattern.replace("DICOM_WEB_ROOT", plugin.DICOM_WEB_ROOT.strip("/"), 1)]

    try:
        return any(
            intersection(compiled(left), compiled(right)) is not None for left in texts(one) for right in texts(other)
        )
    except PolicyError:
        return True
