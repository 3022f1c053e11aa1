"""Automata that are made deterministic while they are walked.

A state is a number; 0 is the dead state, from which nothing matches any more.
Bytes that an automaton never tells apart form a class; a state's row says where each class leads.
"""

from __future__ import annotations

from _thread import RLock  # of the module threading, which start-up can do without
from collections.abc import Iterable

from policy.patterns import classes
from policy.patterns.expressions import EDGE
from policy.patterns.positions import Positions

#: How many states one automaton may have.
MOST_STATES = 20_000

#: How many steps of positions one automaton may take to make its states: it ends in less than a second.
MOST_WORK = 3_000_000

#: Held while a state gets its number, so that threads that share an automaton never give one number to two states.
#: One lock for all, since an automaton with looks asks others on the way.
MAKING = RLock()

#: How many states are looked at to tell whether an automaton matches however the path goes on.
_MOST_UNIVERSAL = 300

Arc = tuple[int, int]


class TooManyStates(Exception):
    """An automaton that would need more states, or more work, than it may."""


def partition(masks: Iterable[int]) -> list[int]:
    """The coarsest partition of the bytes that every one of the sets is a union of.

    >>> [len(classes.members(part)) for part in partition([classes.DIGIT, classes.WORD])]
    [10, 53, 193]
    """
    parts = [classes.ALL]
    for mask in dict.fromkeys(masks):
        if mask == classes.ALL or not mask:
            continue
        cut = []
        for part in parts:
            inside = part & mask
            if inside and inside != part:
                cut.append(inside)
                cut.append(part & ~mask)
            else:
                cut.append(part)
        parts = cut
    return parts


class Automaton:
    """The deterministic automaton of an expression without looks, made state by state."""

    def __init__(self, source: Positions, cuts: Iterable[int] = ()) -> None:
        useful = _useful(source)
        self.source = source
        count = len(source.symbols)
        follow = [0] * count
        for place, row in enumerate(source.steps):
            for step in row:
                if useful >> step.target & 1:
                    follow[place] |= 1 << step.target
        self._follow = follow
        self._after = [self._all_after(row) for row in source.ends]
        masks = [mask for place, mask in enumerate(source.symbols) if useful >> place & 1]
        self.parts = partition([*masks, *cuts])
        table = bytearray(256)
        for number, part in enumerate(self.parts):
            for byte in classes.members(part):
                table[byte] = number
        self.table = bytes(table)
        places: dict[int, int] = {}
        for place, mask in enumerate(source.symbols):
            if useful >> place & 1:
                places[mask] = places.get(mask, 0) | 1 << place
        self._bits = [sum(bits for mask, bits in places.items() if mask & part) for part in self.parts]
        self._work = 0
        self._begin_states()

    def _begin_states(self) -> None:
        self._sets: list[int] = [0]
        self._numbers: dict[int, int] = {0: 0}
        self._rows: list[list[int] | None] = [[0] * len(self.parts)]
        self._arcs: list[list[Arc] | None] = [[]]
        self.final: list[bool] = [False]
        self.start = self._number(1 << next(number for mask, number in self.source.starts if mask & EDGE))

    @staticmethod
    def _all_after(ends: list[tuple[int, frozenset[int]]]) -> int:
        mask = 0
        for after, looks in ends:
            if not looks:
                mask |= after
        return mask

    def _number(self, positions_: int) -> int:
        number = self._numbers.get(positions_)
        return self._new_number(positions_) if number is None else number

    def _new_number(self, positions_: int) -> int:
        with MAKING:
            number = self._numbers.get(positions_)
            if number is None:
                number = len(self._sets)
                if number > MOST_STATES:
                    raise TooManyStates
                self._sets.append(positions_)
                self._rows.append(None)
                self._arcs.append(None)
                self.final.append(bool(self.ends(number) & EDGE))
                # Last, since whoever finds the number uses all the rest.
                self._numbers[positions_] = number
            return number

    def start_before(self, byte: int | None) -> int:
        """The start where this byte stands before; None for the start of the path."""
        bit = EDGE if byte is None else 1 << byte
        found = 0
        for mask, number in self.source.starts:
            if mask & bit:
                found |= 1 << number
        return self._number(found)

    def ends(self, state: int) -> int:
        """What may follow where a match ends in this state: bytes, and the end of the path."""
        mask = 0
        rest = self._sets[state]
        while rest:
            low = rest & -rest
            mask |= self._after[low.bit_length() - 1]
            rest ^= low
        return mask

    def row(self, state: int) -> list[int]:
        """Where each class of bytes leads."""
        row = self._rows[state]
        if row is None:
            union = 0
            rest = self._sets[state]
            self._work += rest.bit_count()
            if self._work > MOST_WORK:
                raise TooManyStates
            follow = self._follow
            while rest:
                low = rest & -rest
                union |= follow[low.bit_length() - 1]
                rest ^= low
            number = self._numbers.get
            row = [0] * len(self.parts)
            for part, bits in enumerate(self._bits):
                reached = union & bits
                if reached:
                    known = number(reached)
                    row[part] = self._number(reached) if known is None else known
            self._rows[state] = row
        return row

    def step(self, state: int, byte: int) -> int:
        """Where a byte leads."""
        return self.row(state)[self.table[byte]]

    def arcs(self, state: int) -> list[Arc]:
        """The ways on: sets of bytes, each with the state that it leads to; the dead state is left out."""
        arcs = self._arcs[state]
        if arcs is None:
            merged: dict[int, int] = {}
            for part, target in zip(self.parts, self.row(state), strict=True):
                if target:
                    merged[target] = merged.get(target, 0) | part
            arcs = [(mask, target) for target, mask in merged.items()]
            self._arcs[state] = arcs
        return arcs

    def accepts(self, data: bytes) -> bool:
        """Whether the whole path is in the language.

        Raises :class:`TooManyStates` if that needs more states than there may be.
        """
        rows = self._rows
        state = self.start
        for part in data.translate(self.table):
            row = rows[state]
            state = (self.row(state) if row is None else row)[part]
            if not state:
                return False
        return self.final[state]

    def is_universal(self, state: int) -> bool:
        """Whether it matches from this state on, however the path goes on; False where that takes too long to tell."""
        pending, seen = [state], {state}
        try:
            for current in pending:
                if not self.final[current]:
                    return False
                covered = 0
                for mask, target in self.arcs(current):
                    covered |= mask
                    if target not in seen:
                        seen.add(target)
                        pending.append(target)
                if covered != classes.ALL or len(seen) > _MOST_UNIVERSAL:
                    return False
        except TooManyStates:
            return False
        return True

    @property
    def size(self) -> int:
        """How many states there are so far."""
        return len(self._sets)


def _useful(source: Positions) -> int:
    """The positions from which a match can end."""
    back: list[list[int]] = [[] for _ in source.symbols]
    for place, row in enumerate(source.steps):
        for step in row:
            back[step.target].append(place)
    pending = [place for place, ends in enumerate(source.ends) if ends]
    seen = set(pending)
    while pending:
        for place in back[pending.pop()]:
            if place not in seen:
                seen.add(place)
                pending.append(place)
    return sum(1 << place for place in seen)
