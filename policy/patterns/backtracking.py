"""What Boost keeps for backtracking, and how it goes back: one entry for each thing that can be tried another way.

Source: the behaviour of Boost.Regex 1.74 (``perl_matcher``, the form without recursion on the C++ stack).
"""

from __future__ import annotations

from typing import Any

from policy.patterns import states as p
from policy.patterns.program import Program
from policy.patterns.states import State

NO_RECURSION = -(1 << 31) + 3
NOWHERE = 1 << 31

# The kinds of what is kept for backtracking.
(
    END,
    PAREN,
    STOPPER,
    ASSERTION,
    ALT,
    COUNTER,
    _,
    GREEDY,
    SLOW_DOT,
    FAST_DOT,
    LAZY_CHARACTER,
    LAZY_SET,
    LAZY_LONG,
    LAZY_REPEAT,
    RECURSION,
    RECURSION_POP,
    COMMIT,
    THEN,
    CASE,
) = range(19)


class GaveUp(Exception):
    """Boost's patience is at its end, after so many states."""

    def __init__(self, states: int) -> None:
        super().__init__(states)
        self.states = states


class OutOfBudget(Exception):
    """Our own budget of states is at its end before Boost's."""


class Counter:
    """How often a repeat has been taken; counters form a chain."""

    __slots__ = ("count", "next", "start", "state_id")

    def __init__(self, state_id: int, following: Counter | None, start: int, recursion: int) -> None:
        self.state_id = state_id
        self.next = following
        self.start = start
        self.count = 0
        if following is not None and not (state_id > following.state_id >= 0):
            found = _unwind_until(state_id, following, recursion)
            if found is not None:
                self.count = found.count
                self.start = found.start


def _unwind_until(state_id: int, counter: Counter | None, recursion: int) -> Counter | None:
    while counter is not None and counter.state_id != state_id:
        if -2 - recursion == counter.state_id:
            return None
        counter = counter.next
        if counter is not None and counter.state_id < 0:
            counter = _unwind_until(counter.state_id, counter, recursion)
            if counter is None:
                return None
            counter = counter.next
    return counter


class Call:
    """A recursion under way: into which group, where it goes on, what was captured before, where it began."""

    __slots__ = ("back", "index", "results", "start")

    def __init__(self, index: int, back: State | None, results: list[tuple[int, int, bool]], start: int) -> None:
        self.index = index
        self.back = back
        self.results = results
        self.start = start


class Calls(list[Call]):
    """The recursions under way, the innermost last; only ``append`` and ``pop`` change them."""

    __slots__ = ("_starts",)

    def __init__(self) -> None:
        super().__init__()
        self._starts: dict[int, list[int]] = {}

    def append(self, call: Call) -> None:
        """One recursion more."""
        super().append(call)
        self._starts.setdefault(call.index, []).append(call.start)

    def pop(self) -> Call:  # type: ignore[override]  # always the innermost
        """The innermost has ended."""
        call = super().pop()
        self._starts[call.index].pop()
        return call

    def start(self, index: int) -> int | None:
        """Where the innermost recursion into a group began; None if there is none. No walk: there may be very many."""
        starts = self._starts.get(index)
        return starts[-1] if starts else None


Entry = tuple[Any, ...]


class Memory:
    """Where a match stands, and the entries by which it can go back."""

    def __init__(
        self,
        program: Program,
        tables: dict[State, bytes],
        takes: dict[State, bytes],
        skips: dict[State, bytes],
        data: bytes,
    ) -> None:
        self.program = program
        self.tables = tables
        self.takes = takes
        self.skips = skips
        self.data = data
        self.low = data.lower()
        self.last = len(data)
        self.states = 0
        self.icase = False
        self.position = 0
        self.state: State | None = self.program.states[0]
        self.stack: list[Entry] = [(END,)]
        self.counter = Counter(-1, None, 0, NO_RECURSION)
        self.results = [(NOWHERE, NOWHERE, False)] * (self.program.groups + 1)
        self.results[0] = (0, NOWHERE, False)
        self.calls = Calls()
        self.depth = 0
        self.independent = False
        self.matched = False
        self.result = False
        self.unwound_look = False
        self.unwound_alt = False

    def push_counter(self, state_id: int) -> None:
        """Set up a counter for a repeat, or a mark for a recursion."""
        recursion = self.calls[-1].index if self.calls else NO_RECURSION
        self.counter = Counter(state_id, self.counter, self.position, recursion)
        self.stack.append((COUNTER, self.counter))

    def member(self, state: State, position: int) -> bool:
        """Whether the single thing that a repeat repeats takes the byte at a position."""
        inner = state.next
        if inner is None:
            return False
        kind = inner.kind
        if kind == p.LITERAL:
            return (self.low if self.icase else self.data)[position] == inner.data[0]
        text = self.data if kind == p.WILD or not self.icase else self.low
        return bool(self.tables[inner][text[position]])

    # -- backtracking ---------------------------------------------------------------------------------------------

    def unwind(self, *, matched: bool) -> bool:
        """Go back to where something is left to try; whether there is such a place."""
        self.result = matched
        self.unwound_look = False
        self.unwound_alt = False
        stack = self.stack
        while True:
            top = stack[-1]
            kind = top[0]
            result = self.result
            if kind == COUNTER:
                stack.pop()
                following = top[1].next
                if following is not None:
                    self.counter = following
            elif kind == PAREN:
                if not result:
                    self.results[top[1]] = top[2]
                stack.pop()
            elif kind == ALT:
                stack.pop()
                self.unwound_alt = not result
                if not result:
                    self.state, self.position = top[1], top[2]
                    break
            elif kind == GREEDY:
                if result:
                    stack.pop()
                elif not self.unwind_greedy(top):
                    break
            elif kind in (FAST_DOT, LAZY_SET):
                if result:
                    stack.pop()
                elif not self.unwind_lazy(top):
                    break
            elif kind == STOPPER:
                stack.pop()
                self.state = None
                break
            elif kind == END:
                self.state = None
                break
            elif kind == ASSERTION:
                stack.pop()
                self.state, self.position = top[1], top[2]
                positive = top[3]
                self.result = result if positive else not result
                self.unwound_look = True
                if result == positive:
                    break
            elif kind == LAZY_REPEAT:
                stack.pop()
                if not result:
                    self.state, self.position = top[1], top[2]
                    self.counter.count += 1
                    break
            elif kind == CASE:
                self.icase = top[1]
                stack.pop()
            elif kind == RECURSION:
                stack.pop()
                if not result:
                    self.calls.append(Call(top[1], top[2], top[4], self.position))
                    self.results = list(top[3])
            elif kind == RECURSION_POP:
                stack.pop()
                if not result and self.calls:
                    call = self.calls.pop()
                    self.results = list(call.results)
                    self.position = call.start
            elif kind == COMMIT:
                stack.pop()
                while self.unwind(matched=result) and not self.unwound_look:
                    pass
                if self.unwound_look and self.state is not None:
                    self.unwound_look = False
                    stack.append((COMMIT,))
                self.independent = False
                break
            else:
                stack.pop()
                found = False
                while (found := self.unwind(matched=result)) and not self.unwound_alt:
                    pass
                if found and self.unwound_alt:
                    self.unwind(matched=result)
                break
        return self.state is not None

    def unwind_greedy(self, top: Entry) -> bool:
        """Give back one thing after the other until the path can go on; whether to look further instead."""
        _, state, total, position = top
        count = total - state.low
        skips, data = self.skips[state], self.data
        while True:
            position -= 1
            count -= 1
            self.states += 1
            if not count or skips[data[position]]:
                break
        self.position = position
        if not count:
            self.stack.pop()
            if not skips[data[position]]:
                return True
        else:
            self.stack[-1] = (GREEDY, state, count + state.low, position)
        self.state = state.alt
        return False

    def unwind_lazy(self, top: Entry) -> bool:
        """Take one thing more after the other until the path can go on; whether to look further instead."""
        kind, state, count, position = top
        skips, data, last, high = self.skips[state], self.data, self.last, state.high
        if kind == LAZY_SET:
            self.state = state.next
        self.position = position
        if position != last:
            while True:
                if kind == LAZY_SET and not self.member(state, position):
                    self.position = position
                    self.stack.pop()
                    return True
                position += 1
                count += 1
                self.states += 1
                if not (count < high and position != last and not skips[data[position]]):
                    break
        self.position = position
        if position == last:
            self.stack.pop()
            if not state.null & p.SKIP:
                return True
        elif count == high:
            self.stack.pop()
            if not skips[data[position]]:
                return True
        else:
            self.stack[-1] = (kind, state, count, position)
        self.state = state.alt
        return False
