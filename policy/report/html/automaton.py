"""First matches in a compact form that a page can walk: one automaton for many rules, made in full beforehand.

The walk is that of :class:`policy.patterns.FirstMatch`.
What it decides with Boost's own machine, which no page has, is named so that the page can say that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from policy.patterns.expressions import EDGE
from policy.patterns.joint import Joint, Overflow, State

if TYPE_CHECKING:
    from policy.engine import Rule
    from policy.patterns.pattern import QuickCount

_STATES_EACH = 400
"""States for each rule of a block, beside :data:`_STATES`; a block that needs more is cut in two."""
_STATES = 4_000
_POSITIONS = 3_000
"""A count with more positions is not worth its place in the page."""
_NO = -1


class _TooMany(Exception):
    pass


class Sets:
    """Sets of bytes by number, each written once: pairs of the first and the last byte of a run."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}

    def number(self, mask: int) -> int:
        """The number of a set."""
        return self.numbers.setdefault(mask, len(self.numbers))

    def plain(self) -> list[list[int]]:
        """All of them, in the order of their numbers."""
        return [_runs(mask) for mask in self.numbers]


def _runs(mask: int) -> list[int]:
    runs: list[int] = []
    start = 0
    while mask >> start:
        low = mask >> start
        start += (low & -low).bit_length() - 1
        run = mask >> start
        length = (~run & (run + 1)).bit_length() - 1
        runs += (start, start + length - 1)
        start += length
    return runs


def first_matches(rules: Sequence[Rule], sets: Sets) -> dict[str, Any]:
    """The rules of one method, in order: ``blocks`` to be walked one after the other, and what stands beside them.

    A block is ``{"arcs": [[set, state, set, state, ...], ...], "accept": [rule or -1, ...]}``, by state from 0, which is
    the start; a byte without an arc ends the walk.  ``beside`` are rules that the walk alone does not decide, each with
    the bytes that its paths begin with, and with the count that may show that Boost does not give up, or None.
    """
    large: set[int] = set()
    blocks = list(_blocks(rules, range(len(rules)), sets, large))
    beside = [
        {
            "rule": rule.index,
            "prefix": rule.compiled.prefix.decode("latin-1"),
            "count": count(rule.compiled.quick_count, sets)
            if rule.compiled.analysable and place not in large
            else None,
        }
        for place, rule in enumerate(rules)
        if place in large or not rule.compiled.analysable or not rule.compiled.tame
    ]
    return {"blocks": blocks, "beside": beside}


def _blocks(rules: Sequence[Rule], places: range, sets: Sets, large: set[int]) -> Iterator[dict[str, Any]]:
    """Blocks for the rules at these places; one that is too large alone is noted in ``large``."""
    if not places:
        return
    own = [rules[place] for place in places]
    try:
        block = _block(own, sets)
    except (Overflow, _TooMany):
        if len(places) == 1:
            large.add(places[0])
            return
        half = len(places) // 2
        yield from _blocks(rules, places[:half], sets, large)
        yield from _blocks(rules, places[half:], sets, large)
        return
    yield block


def _block(rules: Sequence[Rule], sets: Sets) -> dict[str, Any]:
    joint = Joint([rule.compiled for rule in rules])
    most = _STATES + _STATES_EACH * len(rules)
    numbers: dict[State, int] = {joint.start(): 0}
    order = [joint.start()]
    arcs: list[list[int]] = []
    accept: list[int] = []
    for state in order:  # grows while it is walked
        accepted = joint.accepted(state)
        accept.append(rules[accepted[0]].index if accepted else _NO)
        row: list[int] = []
        for mask, target in joint.arcs(state):
            if target not in numbers:
                if len(order) > most:
                    raise _TooMany
                numbers[target] = len(order)
                order.append(target)
            row += (sets.number(mask), numbers[target])
        arcs.append(row)
    return {"arcs": arcs, "accept": accept}


def count(quick: QuickCount | None, sets: Sets) -> dict[str, Any] | None:
    """What the ways of reading a path are counted with, as data; None where there is nothing, or too much of it."""
    if quick is None or len(quick.source.symbols) > _POSITIONS:
        return None
    source = quick.source
    return {
        "size": quick.size,
        "each": quick.each,
        "starts": [number for mask, number in source.starts if mask & EDGE],
        "symbols": [sets.number(mask) for mask in source.symbols],
        "steps": [[number for step in row for number in (step.target, step.ways)] for row in source.steps],
    }
