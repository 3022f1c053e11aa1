"""Patterns that differ only in the bytes that they read: one count of readings shows for all of them that Boost is
patient enough.

Long lists are mostly made of few shapes, such as ``^/(.*)/word-1/(.*)$`` with other words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policy.patterns.machine import patience
from policy.patterns.pattern import Pattern, QuickCount

#: Where a byte leads from a position, and in how many ways.
_Moves = tuple[tuple[int, int], ...]


class Alike:
    """Patterns with the same positions and steps; at each position they read at least what one of them reads."""

    __slots__ = ("_each", "_moves", "_rows", "_size", "_starts", "_symbols")

    def __init__(self, counts: Sequence[QuickCount]) -> None:
        first = counts[0].source
        self._size = min(count.size for count in counts)
        self._each = max(count.each for count in counts)
        self._rows = [[(step.target, step.ways) for step in row] for row in first.steps]
        self._starts = {number: 1 for mask, number in first.starts if mask >> 256}
        self._symbols = list(first.symbols)
        for count in counts[1:]:
            self._symbols = [one | two for one, two in zip(self._symbols, count.source.symbols, strict=True)]
        self._moves: dict[tuple[int, int], _Moves] = {}

    def cannot_give_up(self, data: bytes) -> bool:
        """Whether the count already shows that Boost gives up on none of the patterns."""
        enough = patience(self._size, len(data)) // self._each
        moves = self._moves
        counts = self._starts
        total = 1
        for byte in data:
            moved: dict[int, int] = {}
            for place, count in counts.items():
                known = moves.get((place, byte))
                for target, ways in self._move(place, byte) if known is None else known:
                    moved[target] = moved.get(target, 0) + count * ways
            if not moved:
                break
            counts = moved
            total += sum(counts.values())
            if total > enough:
                return False
        return True

    def _move(self, place: int, byte: int) -> _Moves:
        found = tuple(step for step in self._rows[place] if self._symbols[step[0]] >> byte & 1)
        self._moves[place, byte] = found
        return found


def alike(patterns: Mapping[int, Pattern]) -> dict[int, Alike]:
    """For each pattern of which a count may show something the ones that are alike; keys as given."""
    groups: dict[object, list[tuple[int, QuickCount]]] = {}
    for index, pattern in patterns.items():
        count = pattern.quick_count
        if count is not None:
            steps = tuple(tuple((step.target, step.ways) for step in row) for row in count.source.steps)
            groups.setdefault((steps, tuple(count.source.starts)), []).append((index, count))
    found: dict[int, Alike] = {}
    for members in groups.values():
        group = Alike([count for _, count in members])
        found.update((index, group) for index, _ in members)
    return found
