"""Rules on which Boost may give up, as far as that tells policies apart: no automaton of a class shows it."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.engine import Policy, Rule
    from policy.questions.classes import Partition, Side

_NEVER = sys.maxsize - 1
"""The place after all rules."""


def ambiguous(partition: Partition) -> tuple[Rule, ...]:
    """The rules on which Boost may give up, so that requests are refused, and which not all policies try alike.

    What all policies try before they decide refuses the same requests everywhere.
    """
    found: dict[str, Rule] = {}
    for method, each in _by_method(partition).items():
        lists = [_Tried(policy, method) for policy in partition.policies]
        for sides in each:
            for own, side in zip(lists, sides, strict=True):
                if not side.unchecked:
                    others = [(one, other) for one, other in zip(lists, sides, strict=True) if one is not own]
                    found.update((rule.pattern, rule) for rule in own.apart(side, others) if rule.pattern not in found)
    return tuple(rule for rule in found.values() if rule.compiled.pump is not None)


def _by_method(partition: Partition) -> dict[str, list[tuple[Side, ...]]]:
    """What the policies try before they decide, each combination of ends once."""
    found: dict[str, dict[object, tuple[Side, ...]]] = {}
    for one in partition.classes:
        key = tuple((side.unchecked, None if side.rule is None else side.rule.index) for side in one.sides)
        found.setdefault(one.method, {}).setdefault(key, one.sides)
    return {method: list(each.values()) for method, each in found.items()}


class _Tried:
    """The rules of one method in the order in which a policy tries them, each pattern once."""

    def __init__(self, policy: Policy, method: str) -> None:
        first: dict[str, Rule] = {}
        for rule in policy.rules:
            if rule.method == method:
                first.setdefault(rule.pattern, rule)
        self.places = {pattern: rule.index for pattern, rule in first.items()}
        self._rules = list(first.values())
        self._indices = [rule.index for rule in self._rules]
        self._told = 0
        self._latest: dict[int, list[int]] = {}

    def apart(self, side: Side, others: Sequence[tuple[_Tried, Side]]) -> Iterable[Rule]:
        """The rules that are tried up to the one that decides, and that not all others try as well."""
        end = len(self._rules) if side.rule is None else bisect_right(self._indices, side.rule.index)
        if not others or any(other.unchecked for _, other in others):
            told, self._told = self._told, max(self._told, end)
            return self._rules[told:end]
        found: dict[str, Rule] = {}
        for one, other in others:
            last = _NEVER if other.rule is None else other.rule.index
            if end and self._latest_in(one)[end - 1] > last:
                for rule in self._rules[:end]:
                    if one.places.get(rule.pattern, _NEVER + 1) > last:
                        found[rule.pattern] = rule
        return found.values()

    def _latest_in(self, other: _Tried) -> list[int]:
        """For each rule the latest place that it, or one before it, has in another list."""
        latest = self._latest.get(id(other))
        if latest is None:
            places = (other.places.get(rule.pattern, _NEVER + 1) for rule in self._rules)
            latest = self._latest[id(other)] = list(accumulate(places, max))
        return latest
