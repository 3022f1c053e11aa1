"""Many patterns walked at once: for a path's beginning, which of them can still match, and how far each has come.

Patterns wait until a path has read the literal text that they start with, so that a thousand rules cost no more than
those that share the path's first segments; a pattern's automaton is made only then.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence

from policy.patterns.automaton import Automaton, TooManyStates, partition
from policy.patterns.pattern import Pattern

#: Waiting patterns: the text read so far, and their range in the sorted list; None once nobody waits.
_Waiting = tuple[bytes, int, int]
#: Patterns under way: index and state of its automaton, in order of the index.
Alive = tuple[tuple[int, int], ...]
State = tuple[_Waiting | None, Alive]

DEAD: State = (None, ())


class Overflow(TooManyStates):
    """One of the automata would need too many states: that of the pattern at ``index``."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Joint:
    """The automata of a sequence of patterns, side by side.

    Patterns that are not analysable, and those named in ``without``, take no part.
    Every method raises :class:`Overflow` where an automaton becomes too large.
    """

    def __init__(self, patterns: Sequence[Pattern], without: Collection[int] = ()) -> None:
        self.patterns = tuple(patterns)
        self.without = frozenset(without)
        self._automata: dict[int, Automaton] = {}
        self._partitions: dict[frozenset[int], list[int]] = {}
        waiting = sorted((pattern.prefix, index) for index, pattern in enumerate(self.patterns))
        self._prefixes = [prefix for prefix, _ in waiting]
        self._order = [index for _, index in waiting]
        self._places = {index: place for place, index in enumerate(self._order)}

    def automaton(self, index: int) -> Automaton | None:
        """The automaton of one pattern; None if it is not analysable."""
        found = self._automata.get(index)
        if found is None and index not in self.without:
            found = self.patterns[index].automaton
            if found is not None:
                # Another thread may have made another one, with other numbers: the first stays.
                found = self._automata.setdefault(index, found)
        return found

    def start(self) -> State:
        """Before the first byte."""
        return self._arrive(b"", 0, len(self._prefixes), ())

    def waits(self, state: State, index: int) -> bool:
        """Whether a pattern can still match from a state on: it is under way, or waits for its literal beginning."""
        if any(known == index for known, _ in state[1]):
            return True
        waiting = state[0]
        return waiting is not None and waiting[1] <= self._places[index] < waiting[2]

    def _arrive(self, head: bytes, low: int, high: int, moved: Alive) -> State:
        """The state in which a range of patterns has its text up to here; those whose text is all read set out."""
        first = low
        while low < high and len(self._prefixes[low]) == len(head):
            low += 1
        if first < low:
            woken = list(moved)
            for index in self._order[first:low]:
                automaton = self.automaton(index)
                if automaton is None:
                    continue
                state = automaton.start
                try:
                    for byte in head:
                        state = automaton.step(state, byte)
                except TooManyStates:
                    raise Overflow(index) from None
                if state:
                    woken.append((index, state))
            woken.sort()
            moved = tuple(woken)
        return ((head, low, high) if low < high else None), moved

    def woken(self, state: State, byte: int) -> list[int]:
        """The patterns, analysable or not, whose literal beginning ends with this byte."""
        waiting = state[0]
        if waiting is None:
            return []
        head = waiting[0] + bytes((byte,))
        low, high = self._narrow(waiting, byte)
        return [self._order[place] for place in range(low, high) if len(self._prefixes[place]) == len(head)]

    def first(self) -> list[int]:
        """The patterns without a literal beginning."""
        return [index for prefix, index in zip(self._prefixes, self._order, strict=True) if not prefix]

    def _narrow(self, waiting: _Waiting, byte: int) -> tuple[int, int]:
        head, low, high = waiting
        start = bisect_left(self._prefixes, head + bytes((byte,)), low, high)
        end = high if byte == 255 else bisect_left(self._prefixes, head + bytes((byte + 1,)), start, high)
        return start, end

    def move(self, state: State, byte: int) -> State:
        """The state after one more byte."""
        waiting, alive = state
        automata = self._automata
        try:
            moved = tuple(
                [(index, following) for index, current in alive if (following := automata[index].step(current, byte))]
            )
        except TooManyStates:
            raise self._overflow(alive, byte) from None
        if waiting is None:
            return None, moved
        low, high = self._narrow(waiting, byte)
        if low == high:
            return None, moved
        return self._arrive(waiting[0] + bytes((byte,)), low, high, moved)

    def _overflow(self, alive: Alive, byte: int) -> Overflow:
        for index, current in alive:
            try:
                self._automata[index].step(current, byte)
            except TooManyStates:
                return Overflow(index)
        return Overflow(alive[0][0])

    def accepted(self, state: State) -> tuple[int, ...]:
        """The patterns that match if the path ends here."""
        automata = self._automata
        return tuple(index for index, current in state[1] if automata[index].final[current])

    def arcs(self, state: State) -> list[tuple[int, State]]:
        """The ways on: sets of bytes, each with the state that they lead to; where nothing is left is left out."""
        waiting, alive = state
        if waiting is None and len(alive) == 1:
            index, current = alive[0]
            return [(mask, (None, ((index, target),))) for mask, target in self._arcs(index, current)]
        masks: dict[int, None] = {}
        for index, current in alive:
            for mask, _ in self._arcs(index, current):
                masks[mask] = None
        if waiting is not None:
            for byte in self._expected(waiting):
                masks[1 << byte] = None
        key = frozenset(masks)
        parts = self._partitions.get(key)
        if parts is None:
            union = 0
            for mask in masks:
                union |= mask
            parts = [part for part in partition(masks) if part & union]
            self._partitions[key] = parts
        merged: dict[State, int] = {}
        for part in parts:
            following = self.move(state, (part & -part).bit_length() - 1)
            if following != DEAD:
                merged[following] = merged.get(following, 0) | part
        return [(mask, following) for following, mask in merged.items()]

    def _arcs(self, index: int, current: int) -> list[tuple[int, int]]:
        try:
            return self._automata[index].arcs(current)
        except TooManyStates:
            raise Overflow(index) from None

    def _expected(self, waiting: _Waiting) -> list[int]:
        head, low, high = waiting
        depth = len(head)
        out = []
        while low < high:
            byte = self._prefixes[low][depth]
            out.append(byte)
            low = high if byte == 255 else bisect_left(self._prefixes, head + bytes((byte + 1,)), low, high)
        return out


class FirstJoint(Joint):
    """A joint for the first of its patterns that matches: those behind one that matches for good are dropped.

    Without this, patterns such as ``^/(.*)/word(/.*)?$`` would make a state for each set of words in a path.
    The patterns from ``own`` on are kept, as it matters in any case whether they match.
    """

    def __init__(self, patterns: Sequence[Pattern], own: int, without: Collection[int] = ()) -> None:
        super().__init__(patterns, without)
        self._own = own
        self._for_good: dict[tuple[int, int], bool] = {}

    def move(self, state: State, byte: int) -> State:
        """The state after one more byte, without what no longer matters."""
        waiting, alive = super().move(state, byte)
        own, known = self._own, self._for_good
        for place, entry in enumerate(alive):
            if entry[0] >= own:
                break
            for_good = known.get(entry)
            if for_good is None:
                for_good = known[entry] = self._automata[entry[0]].is_universal(entry[1])
            if for_good:
                kept = place + 1
                if len(alive) > kept and alive[kept][0] < own:
                    return waiting, (*alive[:kept], *(later for later in alive[kept:] if later[0] >= own))
                break
        return waiting, alive


__all__ = ["DEAD", "FirstJoint", "Joint", "Overflow", "State"]
