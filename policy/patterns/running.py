"""One match of Boost's machine on one path, state by state."""

from __future__ import annotations

from policy.patterns import classes
from policy.patterns import states as p
from policy.patterns.backtracking import (
    ALT,
    ASSERTION,
    CASE,
    COMMIT,
    COUNTER,
    FAST_DOT,
    GREEDY,
    LAZY_REPEAT,
    LAZY_SET,
    NOWHERE,
    PAREN,
    RECURSION,
    RECURSION_POP,
    STOPPER,
    THEN,
    Call,
    GaveUp,
    Memory,
    OutOfBudget,
)
from policy.patterns.states import State

#: How deep independent groups may call each other.
CALLS = 80


class Run(Memory):
    """Visits states until the path matches, nothing is left to try, or patience is at its end."""

    limit = 0
    budget = 0

    def match(self) -> bool:
        """Whether the whole path matches."""
        self.all_states()
        first, second, _ = self.results[0]
        return self.matched and second == self.last and first == 0

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
        """Visit states until the match or the independent group ends; whether it matched."""
        self.depth += 1
        if self.depth > CALLS:
            raise GaveUp(self.states)
        stack = self.stack
        stack.append((STOPPER,))
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
                            stack.append((ALT, state.alt, position))
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
        """One step of a state that is seldom met; whether it succeeds."""
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
            self.stack.append((CASE, self.icase))
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
            return self.skip_until(self.calls[-1].index if self.calls else NOWHERE, matched=True)
        if kind in (p.COMMIT, p.THEN):
            self.stack.append((COMMIT,) if kind == p.COMMIT else (THEN,))
            self.state = state.next
            return True
        return False

    # -- groups ---------------------------------------------------------------------------------------------------

    def start_mark(self, state: State) -> bool:
        """The start of a group, an assertion or a conditional."""
        index = state.index
        self.icase = state.icase
        if index > 0:
            self.stack.append((PAREN, index, self.results[index]))
            _, second, matched = self.results[index]
            self.results[index] = (self.position, second, matched)
            self.state = state.next
        elif index == 0:
            self.state = state.next
        elif index in (p.AHEAD, p.NOT_AHEAD):
            after, inner = _around(state)
            self.state = inner
            self.stack.append((ASSERTION, after, self.position, index == p.AHEAD))
        elif index == p.INDEPENDENT:
            return self.run_independent(state)
        elif index == p.CONDITIONAL:
            self.decide(state)
        else:
            self.stack.append((PAREN, 0, self.results[0]))
            _, second, matched = self.results[0]
            self.results[0] = (self.position, second, matched)
            self.state = state.next
        return True

    def run_independent(self, state: State) -> bool:
        """An independent group: matched by itself, never tried another way."""
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
        """A conditional: which of its two branches is taken."""
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
        """The end of a group, or of what runs by itself."""
        index = state.index
        self.icase = state.icase
        if index > 0:
            first, _, _ = self.results[index]
            self.results[index] = (first, self.position, True)
            if self.calls and index == self.calls[-1].index:
                call = self.calls.pop()
                self.state = call.back
                self.results = list(call.results)
                self.stack.append((RECURSION, call.index, call.back, list(self.results), list(call.results)))
                self.push_counter(-(2 + index))
        elif index < 0 and index != p.CONDITIONAL:
            self.state = None
            return
        if self.state is not None:
            self.state = self.state.next

    def at_match(self) -> bool:
        """The end of the pattern: a match if the path ends here, too."""
        if self.calls:
            call = self.calls.pop()
            self.state = call.back
            self.stack.append((RECURSION, call.index, call.back, list(self.results), list(call.results)))
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
        """What a group matched, again."""
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
        """Whether a group has matched, or a recursion is under way."""
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
        """A call of a group, unless it would never end."""
        target = state.alt
        index = target.index if target is not None else 0
        if self.calls.start(index) == self.position:
            return False
        self.stack.append((RECURSION_POP,))
        self.calls.append(Call(index, state.next, list(self.results), self.position))
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

    def repeat(self, state: State) -> bool:
        """A repeat of more than one state: once more, or on."""
        position = self.position
        if position == self.last:
            first, second = state.null & p.TAKE, state.null & p.SKIP
        else:
            byte = self.data[position]
            first, second = self.takes[state][byte], self.skips[state][byte]
        state_id = state.state_id
        top = self.stack[-1]
        if top[0] != COUNTER or top[1].state_id != state_id or self.counter.state_id != state_id:
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
                    self.stack.append((ALT, state.alt, position))
                counter.count += 1
                self.state = state.next
                return True
            self.state = state.alt
            return bool(second)
        if second:
            if more:
                self.stack.append((LAZY_REPEAT, state.next, position))
            self.state = state.alt
            return True
        if more:
            counter.count += 1
            self.state = state.next
            return True
        return False

    def single_repeat(self, state: State) -> bool:
        """A repeat of one byte: as often as it goes, or as seldom."""
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
                self.stack.append((GREEDY, state, count, position))
            self.state = state.alt
            return True
        if count < state.high:
            self.stack.append((FAST_DOT if fast else LAZY_SET, state, count, position))
        self.state = state.alt
        if position == self.last:
            return bool(state.null & p.SKIP)
        return bool(self.skips[state][self.data[position]])


def _around(state: State) -> tuple[State | None, State | None]:
    """What follows an assertion or independent group, and where its inside starts."""
    jump = state.next
    if jump is None or jump.alt is None:
        return None, None
    return jump.alt.next, jump.next
