"""Runs Boost's machine on a path: whether the whole path matches, after how many states, or that Boost gives up.

This follows Boost's backtracking step for step, since the number of states visited decides whether Boost gives up,
and since constructs such as independent groups, recursion and backtracking verbs are defined by it.
Source: the behaviour of Boost.Regex 1.74 (``perl_matcher``, the form without recursion on the C++ stack).
"""

from __future__ import annotations

from policy.patterns import states as p
from policy.patterns.backtracking import GaveUp, OutOfBudget
from policy.patterns.program import Program
from policy.patterns.running import Run
from policy.patterns.states import State
from policy.tuples import NamedTuple

#: Boost visits at most this many states, whatever the sizes.
_CEILING = 100_000_000
_FLOOR = 100_000


def patience(size: int, length: int) -> int:
    """How many states Boost visits before it gives up.

    ``size`` is the length of the pattern and ``length`` that of the path, both in bytes.

    >>> patience(8, 30)
    101920
    """
    length = length or 1
    size = size or 1
    return max(size * size * length + _FLOOR, min(length * length + _FLOOR, _CEILING))


class Outcome(NamedTuple):
    """What came out: whether the whole path matches, and how many states were visited."""

    matched: bool
    states: int


class Machine:
    """A program made ready to run."""

    __slots__ = ("_skips", "_tables", "_takes", "program")

    def __init__(self, program: Program) -> None:
        self.program = program
        tables: dict[int, bytes] = {}

        def table(mask: int) -> bytes:
            found = tables.get(mask)
            if found is None:
                found = bytes(mask >> byte & 1 for byte in range(256))
                tables[mask] = found
            return found

        self._tables: dict[State, bytes] = {}
        self._takes: dict[State, bytes] = {}
        self._skips: dict[State, bytes] = {}
        for state in program.states:
            if state.kind in (p.SET, p.WILD):
                self._tables[state] = table(state.members)
            elif state.kind == p.ALT or state.kind in p.REPEATS:
                self._takes[state] = table(state.take)
                self._skips[state] = table(state.skip)

    def run(self, data: bytes, budget: int | None = None) -> Outcome:
        """Match the whole path.

        Raises :class:`GaveUp` where Boost gives up, and :class:`OutOfBudget` if more than ``budget`` states would be
        visited before that is known.
        """
        limit = patience(self.program.size, len(data))
        run = Run(self.program, self._tables, self._takes, self._skips, data)
        run.limit = limit
        run.budget = limit if budget is None else min(budget, limit)
        return Outcome(run.match(), run.states)


__all__ = ["GaveUp", "Machine", "OutOfBudget", "Outcome", "patience"]
