"""Runs Boost's machine on a path: whether the whole path matches, after how many states, or that Boost gives up.

This follows Boost's backtracking step for step, since the number of states visited decides whether Boost gives up,
and since constructs such as independent groups, recursion and backtracking verbs are defined by it.
Source: the behaviour of Boost.Regex 1.74 (``perl_matcher``, the form without recursion on the C++ stack).
"""

from __future__ import annotations

from typing import NamedTuple

from policy.patterns import classes
from policy.patterns import states as p
from policy.patterns.program import Program
from policy.patterns.states import State

#: Boost visits at most this many states, whatever the sizes.
_CEILING = 100_000_000
_FLOOR = 100_000
#: How deep independent groups may call each other.
_CALLS = 80
_NO_RECURSION = -(1 << 31) + 3
_NOWHERE = 1 << 31

# The kinds of what is kept for backtracking.
(
    _END,
    _PAREN,
    _STOPPER,
    _ASSERTION,
    _ALT,
    _COUNTER,
    _,
    _GREEDY,
    _SLOW_DOT,
    _FAST_DOT,
    _LAZY_CHARACTER,
    _LAZY_SET,
    _LAZY_LONG,
    _LAZY_REPEAT,
    _RECURSION,
    _RECURSION_POP,
    _COMMIT,
    _THEN,
    _CASE,
) = range(19)


class GaveUp(Exception):  # noqa: N818 - an outcome, not a fault
    """Boost's patience is at its end, after so many states."""

    def __init__(self, states: int) -> None:
        super().__init__(states)
        self.states = states


class OutOfBudget(Exception):  # noqa: N818 - an outcome, not a fault
    """Our own budget of states is at its end before Boost's."""


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


class _Counter:
    """How often a repeat has been taken; counters form a chain."""

    __slots__ = ("count", "next", "start", "state_id")

    def __init__(self, state_id: int, following: _Counter | None, start: int, recursion: int) -> None:
        self.state_id = state_id
        self.next = following
        self.start = start
        self.count = 0
        if following is not None and not (state_id > following.state_id >= 0):
            found = _unwind_until(state_id, following, recursion)
            if found is not None:
                self.count = found.count
                self.start = found.start


def _unwind_until(state_id: int, counter: _Counter | None, recursion: int) -> _Counter | None:
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


class _Call:
    """A recursion under way: into which group, where it goes on, what was captured before, where it began."""

    __slots__ = ("back", "index", "results", "start")

    def __init__(self, index: int, back: State | None, results: list[tuple[int, int, bool]], start: int) -> None:
        self.index = index
        self.back = back
        self.results = results
        self.start = start


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
        run = _Run(self, data, limit, limit if budget is None else min(budget, limit))
        return run.match()


class _Run:
    """One match of one path."""

    def __init__(self, machine: Machine, data: bytes, limit: int, budget: int) -> None:
        self.program = machine.program
        self.tables = machine._tables
        self.takes = machine._takes
        self.skips = machine._skips
        self.data = data
        self.low = data.lower()
        self.last = len(data)
        self.limit = limit
        self.budget = budget
        self.states = 0
        self.icase = False
        self.position = 0
        self.state: State | None = self.program.states[0]
        self.stack: list[tuple] = [(_END,)]  # type: ignore[type-arg]
        self.counter = _Counter(-1, None, 0, _NO_RECURSION)
        self.results = [(_NOWHERE, _NOWHERE, False)] * (self.program.groups + 1)
        self.results[0] = (0, _NOWHERE, False)
        self.calls: list[_Call] = []
        self.depth = 0
        self.independent = False
        self.matched = False
        self.result = False
        self.unwound_look = False
        self.unwound_alt = False

    def match(self) -> Outcome:
        self.all_states()
        first, second, _ = self.results[0]
        return Outcome(self.matched and second == self.last and first == 0, self.states)

    # -- places ---------------------------------------------------------------------------------------------------

    def holds(self, kind: int) -> bool:
        """Whether an assertion holds at the current position."""
        data, position, last = self.data, self.position, self.last
        before = data[position - 1] if position else -1
        after = data[position] if position < last else -1
        if kind == p.START_LINE:
            if not position:
                return True
            return before in b"\n\r\f" and not (before == 13 and after == 10)
        if kind == p.END_LINE:
            if position == last:
                return True
            return after in b"\n\r\f" and not (before == 13 and after == 10)
        if kind in (p.BUFFER_START, p.CONTINUE):
            return not position
        if kind == p.BUFFER_END:
            return position == last
        if kind == p.SOFT_BUFFER_END:
            return not data[position:].strip(b"\n\r\f")
        word_before = before >= 0 and bool(classes.WORD >> before & 1)
        word_after = after >= 0 and bool(classes.WORD >> after & 1)
        if kind == p.WORD_BOUNDARY:
            return word_before != word_after
        if kind == p.WITHIN_WORD:
            return bool(position) and position != last and word_before == word_after
        if kind == p.WORD_START:
            return word_after and not word_before
        return word_before and not word_after

    # -- the loop -------------------------------------------------------------------------------------------------

    def all_states(self) -> bool:
        self.depth += 1
        if self.depth > _CALLS:
            raise GaveUp(self.states)
        stack = self.stack
        stack.append((_STOPPER,))
        data, last = self.data, self.last
        takes, skips, tables = self.takes, self.skips, self.tables
        while True:
            while (state := self.state) is not None:
                self.states += 1
                kind = state.kind
                position = self.position
                ok = True
                if kind == p.LITERAL:
                    what = state.data
                    end = position + len(what)
                    if (self.low if self.icase else data)[position:end] == what:
                        self.position = end
                        self.state = state.next
                    else:
                        ok = False
                        self._partial(what, position)
                elif kind == p.REP:
                    ok = self.repeat(state)
                elif kind == p.ALT:
                    if position == last:
                        first, second = state.null & p.TAKE, state.null & p.SKIP
                    else:
                        byte = data[position]
                        first, second = takes[state][byte], skips[state][byte]
                    if first:
                        if second:
                            stack.append((_ALT, state.alt, position))
                        self.state = state.next
                    elif second:
                        self.state = state.alt
                    else:
                        ok = False
                elif kind == p.SET:
                    if position < last and tables[state][(self.low if self.icase else data)[position]]:
                        self.position = position + 1
                        self.state = state.next
                    else:
                        ok = False
                elif kind == p.STARTMARK:
                    ok = self.start_mark(state)
                elif kind == p.ENDMARK:
                    self.end_mark(state)
                elif kind == p.JUMP:
                    self.state = state.alt
                elif kind in (p.SET_REP, p.CHAR_REP, p.DOT_REP):
                    ok = self.single_repeat(state)
                elif kind == p.WILD:
                    if position < last and tables[state][data[position]]:
                        self.position = position + 1
                        self.state = state.next
                    else:
                        ok = False
                elif kind == p.MATCH:
                    ok = self.at_match()
                else:
                    ok = self.other(state, kind)
                if not ok:
                    if self.states > self.budget:
                        if self.states > self.limit:
                            raise GaveUp(self.states)
                        raise OutOfBudget
                    if not self.unwind(matched=False):
                        self.depth -= 1
                        return self.result
            if not self.unwind(matched=True):
                self.depth -= 1
                return self.result

    def _partial(self, what: bytes, position: int) -> None:
        # A literal that fails half way leaves the position where it failed; some steps look at it.
        text = self.low if self.icase else self.data
        for byte in what:
            if position >= self.last or text[position] != byte:
                break
            position += 1
        self.position = position

    def other(self, state: State, kind: int) -> bool:
        if p.START_LINE <= kind <= p.CONTINUE and kind not in (p.BACKREF, p.LONG_SET, p.COMBINING):
            if not self.holds(kind):
                return False
            self.state = state.next
            return True
        if kind == p.COMBINING:
            if self.position == self.last:
                return False
            self.position += 1
            self.state = state.next
            return True
        if kind == p.TOGGLE_CASE:
            self.stack.append((_CASE, self.icase))
            self.icase = state.icase
            self.state = state.next
            return True
        if kind == p.BACKREF:
            return self.back_reference(state)
        if kind == p.LONG_SET:
            length = self.long_set(state)
            if not length:
                return False
            self.position += length
            self.state = state.next
            return True
        if kind == p.BACKSTEP:
            if self.position < state.index:
                return False
            self.position -= state.index
            self.state = state.next
            return True
        if kind == p.RECURSE:
            return self.recurse(state)
        if kind == p.ASSERT_BACKREF:
            return self.assert_back_reference(state)
        if kind == p.ACCEPT:
            return self.skip_until(self.calls[-1].index if self.calls else _NOWHERE, matched=True)
        if kind in (p.COMMIT, p.THEN):
            self.stack.append((_COMMIT,) if kind == p.COMMIT else (_THEN,))
            self.state = state.next
            return True
        return False

    # -- groups ---------------------------------------------------------------------------------------------------

    def start_mark(self, state: State) -> bool:
        index = state.index
        self.icase = state.icase
        if index > 0:
            self.stack.append((_PAREN, index, self.results[index]))
            _, second, matched = self.results[index]
            self.results[index] = (self.position, second, matched)
            self.state = state.next
        elif index == 0:
            self.state = state.next
        elif index in (p.AHEAD, p.NOT_AHEAD):
            after, inner = _around(state)
            self.state = inner
            self.stack.append((_ASSERTION, after, self.position, index == p.AHEAD))
        elif index == p.INDEPENDENT:
            return self.run_independent(state)
        elif index == p.CONDITIONAL:
            self.decide(state)
        else:
            self.stack.append((_PAREN, 0, self.results[0]))
            _, second, matched = self.results[0]
            self.results[0] = (self.position, second, matched)
            self.state = state.next
        return True

    def run_independent(self, state: State) -> bool:
        before = self.independent
        self.independent = True
        after, inner = _around(state)
        self.state = inner
        matched = self.all_states()
        if not matched and not self.independent:
            while self.unwind(matched=False):
                pass
            return False
        self.state = after
        self.independent = before
        return matched

    def decide(self, state: State) -> None:
        alt = state.next
        if alt is None or alt.next is None:
            return
        inner = alt.next
        self.state = inner
        if inner.kind == p.ASSERT_BACKREF:
            if not self.assert_back_reference(inner):
                self.state = alt.alt
            return
        negated = inner.index == p.NOT_AHEAD
        position = self.position
        after, body = _around(inner)
        self.state = body
        matched = self.all_states()
        self.position = position
        self.state = after if matched != negated else alt.alt

    def end_mark(self, state: State) -> None:
        index = state.index
        self.icase = state.icase
        if index > 0:
            first, _, _ = self.results[index]
            self.results[index] = (first, self.position, True)
            if self.calls and index == self.calls[-1].index:
                call = self.calls.pop()
                self.state = call.back
                self.results = list(call.results)
                self.stack.append((_RECURSION, call.index, call.back, list(self.results), list(call.results)))
                self.push_counter(-(2 + index))
        elif index < 0 and index != p.CONDITIONAL:
            self.state = None
            return
        if self.state is not None:
            self.state = self.state.next

    def at_match(self) -> bool:
        if self.calls:
            call = self.calls.pop()
            self.state = call.back
            self.stack.append((_RECURSION, call.index, call.back, list(self.results), list(call.results)))
            self.results = list(call.results)
            return True
        if self.position != self.last:
            return False
        first, _, _ = self.results[0]
        self.results[0] = (first, self.position, True)
        self.state = None
        self.matched = True
        return True

    def back_reference(self, state: State) -> bool:
        index = state.index
        if state.name is not None:
            for index in self.program.groups_named(state.name):
                if self.results[index][2]:
                    break
        first, second, matched = self.results[index]
        if not matched:
            return False
        text = self.low if self.icase else self.data
        end = self.position + second - first
        if second < first or end > self.last or text[self.position : end] != text[first:second]:
            return False
        self.position = end
        self.state = state.next
        return True

    def assert_back_reference(self, state: State) -> bool:
        index = state.index
        if index == 9999:
            return False
        if index > 0:
            if state.name is not None:
                result = any(self.results[known][2] for known in self.program.groups_named(state.name))
            else:
                result = index < len(self.results) and self.results[index][2]
        elif state.name is not None:
            result = bool(self.calls) and self.calls[-1].index in self.program.groups_named(state.name)
        else:
            result = bool(self.calls) and (index == 0 or self.calls[-1].index == -(index + 1))
        self.state = state.next
        return result

    def recurse(self, state: State) -> bool:
        target = state.alt
        index = target.index if target is not None else 0
        for call in reversed(self.calls):
            if call.index == index:
                if call.start == self.position:
                    return False
                break
        self.stack.append((_RECURSION_POP,))
        self.calls.append(_Call(index, state.next, list(self.results), self.position))
        self.state = target
        self.push_counter(-(2 + index))
        return True

    def skip_until(self, index: int, *, matched: bool) -> bool:
        """``(*ACCEPT)``: on to the end of the group, or of the pattern, without looking."""
        while self.state is not None:
            state = self.state
            if state.kind == p.ENDMARK:
                if state.index == index:
                    if matched:
                        self.end_mark(state)
                    else:
                        self.state = state.next
                    return True
                self.end_mark(state)
                if self._stopped() and not self.unwind(matched=True):
                    self.state = state.next
            elif state.kind == p.MATCH:
                return True
            elif state.kind == p.STARTMARK:
                self.state = state.next
                self.skip_until(state.index, matched=False)
            else:
                self.state = state.next
        return True

    def _stopped(self) -> bool:
        return self.state is None

    def long_set(self, state: State) -> int:
        """How many bytes a set with pairs takes here: 0 if it does not match."""
        node = state.long
        if node is None or self.position >= self.last:
            return 0
        text = self.low if self.icase else self.data
        taken = 0 if node.negated else 1
        for single in node.singles:
            if text.startswith(single, self.position):
                return len(single) * taken
        here = text[self.position : self.position + 1]
        byte = here[0]
        if any(first <= here <= second for first, second in node.ranges):
            return taken
        if bytes([classes.folded(byte)]) in node.equivalents or node.classes >> byte & 1:
            return taken
        if node.negated_classes is not None and not node.negated_classes >> byte & 1:
            return taken
        return 1 - taken

    # -- repeats --------------------------------------------------------------------------------------------------

    def push_counter(self, state_id: int) -> None:
        recursion = self.calls[-1].index if self.calls else _NO_RECURSION
        self.counter = _Counter(state_id, self.counter, self.position, recursion)
        self.stack.append((_COUNTER, self.counter))

    def repeat(self, state: State) -> bool:
        position = self.position
        if position == self.last:
            first, second = state.null & p.TAKE, state.null & p.SKIP
        else:
            byte = self.data[position]
            first, second = self.takes[state][byte], self.skips[state][byte]
        state_id = state.state_id
        top = self.stack[-1]
        if top[0] != _COUNTER or top[1].state_id != state_id or self.counter.state_id != state_id:
            self.push_counter(state_id)
        counter = self.counter
        if counter.count and counter.start == position:
            counter.count = state.high
        else:
            counter.start = position
        if counter.count < state.low:
            if not first:
                return False
            counter.count += 1
            self.state = state.next
            return True
        more = first and counter.count < state.high
        if state.greedy:
            if more:
                if second:
                    self.stack.append((_ALT, state.alt, position))
                counter.count += 1
                self.state = state.next
                return True
            self.state = state.alt
            return bool(second)
        if second:
            if more:
                self.stack.append((_LAZY_REPEAT, state.next, position))
            self.state = state.alt
            return True
        if more:
            counter.count += 1
            self.state = state.next
            return True
        return False

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

    def single_repeat(self, state: State) -> bool:
        start = self.position
        desired = state.high if state.greedy else state.low
        end = min(self.last, start + desired)
        position = start
        fast = state.kind == p.DOT_REP and state.next is not None and state.next.members == classes.ALL
        if fast:
            position = end
        else:
            inner = state.next
            text = self.low if self.icase and state.kind != p.DOT_REP else self.data
            if inner is not None and inner.kind == p.LITERAL:
                byte = inner.data[0]
                while position < end and text[position] == byte:
                    position += 1
            elif inner is not None:
                table = self.tables[inner]
                while position < end and table[text[position]]:
                    position += 1
        count = position - start
        self.position = position
        if count < state.low:
            return False
        if state.greedy:
            if count > state.low:
                self.stack.append((_GREEDY, state, count, position))
            self.state = state.alt
            return True
        if count < state.high:
            self.stack.append((_FAST_DOT if fast else _LAZY_SET, state, count, position))
        self.state = state.alt
        if position == self.last:
            return bool(state.null & p.SKIP)
        return bool(self.skips[state][self.data[position]])

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
            if kind == _COUNTER:
                stack.pop()
                following = top[1].next
                if following is not None:
                    self.counter = following
            elif kind == _PAREN:
                if not result:
                    self.results[top[1]] = top[2]
                stack.pop()
            elif kind == _ALT:
                stack.pop()
                self.unwound_alt = not result
                if not result:
                    self.state, self.position = top[1], top[2]
                    break
            elif kind == _GREEDY:
                if result:
                    stack.pop()
                elif not self.unwind_greedy(top):
                    break
            elif kind in (_FAST_DOT, _LAZY_SET):
                if result:
                    stack.pop()
                elif not self.unwind_lazy(top):
                    break
            elif kind == _STOPPER:
                stack.pop()
                self.state = None
                break
            elif kind == _END:
                self.state = None
                break
            elif kind == _ASSERTION:
                stack.pop()
                self.state, self.position = top[1], top[2]
                positive = top[3]
                self.result = result if positive else not result
                self.unwound_look = True
                if result == positive:
                    break
            elif kind == _LAZY_REPEAT:
                stack.pop()
                if not result:
                    self.state, self.position = top[1], top[2]
                    self.counter.count += 1
                    break
            elif kind == _CASE:
                self.icase = top[1]
                stack.pop()
            elif kind == _RECURSION:
                stack.pop()
                if not result:
                    self.calls.append(_Call(top[1], top[2], top[4], self.position))
                    self.results = list(top[3])
            elif kind == _RECURSION_POP:
                stack.pop()
                if not result and self.calls:
                    call = self.calls.pop()
                    self.results = list(call.results)
                    self.position = call.start
            elif kind == _COMMIT:
                stack.pop()
                while self.unwind(matched=result) and not self.unwound_look:
                    pass
                if self.unwound_look and self.state is not None:
                    self.unwound_look = False
                    stack.append((_COMMIT,))
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

    def unwind_greedy(self, top: tuple) -> bool:  # type: ignore[type-arg]
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
            self.stack[-1] = (_GREEDY, state, count + state.low, position)
        self.state = state.alt
        return False

    def unwind_lazy(self, top: tuple) -> bool:  # type: ignore[type-arg]
        """Take one thing more after the other until the path can go on; whether to look further instead."""
        kind, state, count, position = top
        skips, data, last, high = self.skips[state], self.data, self.last, state.high
        if kind == _LAZY_SET:
            self.state = state.next
        self.position = position
        if position != last:
            while True:
                if kind == _LAZY_SET and not self.member(state, position):
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


def _around(state: State) -> tuple[State | None, State | None]:
    """What follows an assertion or independent group, and where its inside starts."""
    jump = state.next
    if jump is None or jump.alt is None:
        return None, None
    return jump.alt.next, jump.next
