"""Patterns side by side, without those that can no longer make a difference to any policy.

A rule that matches however the path goes on decides it, unless an earlier rule comes to match: later ones are dropped.
Without this, rules such as ``^/(.*)/word(/.*)?$`` would make a set of matching rules for each subset of the words.
Paths that cannot reach the filter are dropped as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policy.patterns.joint import DEAD, Joint, State
from policy.patterns.pattern import Pattern

Ranks = tuple[int | None, ...]
"""For each policy the place of a pattern in its order, lower ones win; None: the pattern says nothing to it."""
UNCHECKED = -1
"""The place of unchecked paths, before all rules."""


class PrunedJoint(Joint):
    """A joint in which every path matches ``reachable``, and only patterns of ``ranks`` are dropped.

    Patterns that are not in ``ranks`` are kept, as it matters in any case whether they match.
    """

    def __init__(self, patterns: Sequence[Pattern], reachable: Pattern, ranks: Mapping[Pattern, Ranks]) -> None:
        super().__init__(patterns)
        self._reachable = next(index for index, pattern in enumerate(self.patterns) if pattern == reachable)
        self._ranks = [ranks.get(pattern) for pattern in self.patterns]
        self._universal: dict[tuple[int, int], bool] = {}

    def move(self, state: State, byte: int) -> State:
        """The state after one more byte, without what no longer matters."""
        waiting, alive = super().move(state, byte)
        if not any(index == self._reachable for index, _ in alive):
            return DEAD
        best: list[int | None] | None = None
        for entry in alive:
            ranks = self._ranks[entry[0]]
            if ranks is None:
                continue
            universal = self._universal.get(entry)
            if universal is None:
                universal = self._universal[entry] = self._is_universal(*entry)
            if universal:
                best = list(ranks) if best is None else [_lower(one, two) for one, two in zip(best, ranks, strict=True)]
        if best is None:
            return waiting, alive
        return waiting, tuple([entry for entry in alive if not self._dominated(entry[0], best)])

    def _dominated(self, index: int, best: Sequence[int | None]) -> bool:
        """Whether in every policy to which the pattern says something an earlier one has matched for good."""
        ranks = self._ranks[index]
        if ranks is None:
            return False
        return all(own is None or (first is not None and first < own) for own, first in zip(ranks, best, strict=True))

    def _is_universal(self, index: int, state: int) -> bool:
        """Whether the pattern matches from this state on, however the path goes on."""
        automaton = self.automaton(index)
        return automaton is not None and automaton.is_universal(state)


def _lower(one: int | None, two: int | None) -> int | None:
    if one is None or two is None:
        return two if one is None else one
    return min(one, two)
