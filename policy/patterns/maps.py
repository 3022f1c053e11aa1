"""The maps that Boost consults before a choice, and what it works out from its states beside them.

A map says with which bytes the machine may go on; where it says no, Boost does not even try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.patterns import classes, tree
from policy.patterns.errors import PatternRefused
from policy.patterns.states import (
    ACCEPT,
    AHEAD,
    ALT,
    BACKREF,
    BACKSTEP,
    BUFFER_END,
    CHAR_REP,
    COMBINING,
    COMMIT,
    DOT_REP,
    END_LINE,
    ENDMARK,
    INDEPENDENT,
    JUMP,
    LITERAL,
    LONG_SET,
    MATCH,
    NOT_AHEAD,
    RECURSE,
    REP,
    REPEATS,
    SET,
    SET_REP,
    SKIP,
    SOFT_BUFFER_END,
    STARTMARK,
    TAKE,
    TOGGLE_CASE,
    WILD,
    WORD_END,
    WORD_START,
    State,
)

if TYPE_CHECKING:
    from policy.patterns.program import Program

_LINE_ENDS = classes.of(b"\n\r\f\x85")


def make_maps(program: Program, source: tree.Tree) -> None:
    """Fill the maps of a program.

    Raises :class:`PatternRefused` for a look-behind without a fixed length and for an endless recursion.
    """
    _Maps(program, source).make()


class _Map:
    """One column of a choice's map; the choice itself sees it grow."""

    __slots__ = ("column", "state")

    def __init__(self, state: State, column: int) -> None:
        self.state = state
        self.column = column

    def add(self, mask: int) -> None:
        self.state.known = True
        if self.column == TAKE:
            self.state.take |= mask
        else:
            self.state.skip |= mask

    def keep(self, mask: int) -> None:
        self.state.known = True
        if self.column == TAKE:
            self.state.take &= mask
        else:
            self.state.skip &= mask

    def empty(self) -> None:
        """The end of the path is fine here, too."""
        self.state.null |= self.column


class _Maps:
    """Makes the maps of all choices, last one first, as Boost does."""

    def __init__(self, program: Program, source: tree.Tree) -> None:
        self.program = program
        self.source = source
        self.checks = [0] * (1 + 1 + program.groups)
        self.icase = False
        self.bad: set[int] = set()

    def make(self) -> None:
        pending: list[tuple[bool, State]] = []
        icase = False
        state: State | None = self.program.states[0]
        while state is not None:
            if state.kind == TOGGLE_CASE:
                icase = state.icase
            elif state.kind == ALT or state.kind in REPEATS:
                pending.append((icase, state))
            elif state.kind == BACKSTEP:
                state.index = _backstep(state.next)
                if state.index < 0:
                    place = state.node.span.start if state.node is not None else 0
                    raise PatternRefused("a look-behind that has no fixed length", place, self.source.text)
            state = state.next
        for case, choice in reversed(pending):
            self.icase = case
            self._fill(choice)
        self.icase = False
        self._reset()
        self.bad = set()
        main = _Map(State(ALT), TAKE)
        self.walk(self.program.states[0], main, main)

    def _reset(self) -> None:
        if self.program.recursive:
            self.checks = [0] * len(self.checks)

    def _fill(self, state: State) -> None:
        for column, target in ((TAKE, state.next), (SKIP, state.alt)):
            self._reset()
            self.bad = set()
            found = _Map(state, column)
            self.walk(target, found, found)
        state.kind = _repeat_kind(state)

    def walk(self, state: State | None, into: _Map | None, null: _Map | None) -> None:
        """Add the bytes with which the machine may go on from a state."""
        saved = list(self.checks)
        try:
            self._walk(state, into, null)
        finally:
            self.checks = saved

    def _walk(self, state: State | None, into: _Map | None, null: _Map | None) -> None:
        after_jump = 1
        recursion: State | None = None
        recursion_index = 0
        icase = self.icase
        while state is not None:
            kind = state.kind
            if kind == TOGGLE_CASE:
                icase = state.icase
                state = state.next
            elif kind == LITERAL:
                if into is not None:
                    into.add(_literal_start(state.data[0], icase=icase))
                return
            elif kind == END_LINE:
                if into is not None:
                    into.add(_LINE_ENDS)
                if null is not None:
                    self.walk(state.next, None, null)
                return
            elif kind == RECURSE:
                target = state.alt
                recursion_index = target.index if target is not None else 0
                if self.checks[recursion_index] & 1:
                    raise PatternRefused("an endless recursion", 0, self.source.text)
                self.checks[recursion_index] |= 1
                if recursion is None:
                    recursion = state
                    state = target
                else:
                    if null is not None:
                        null.empty()
                    if into is not None:
                        into.add(classes.ALL)
                    return
            elif kind in (BACKREF, WILD, ACCEPT, MATCH):
                if kind != WILD and null is not None:
                    null.empty()
                if into is not None:
                    into.add(classes.ALL)
                return
            elif kind in (WORD_START, WORD_END):
                self.walk(state.next, into, null)
                if into is not None:
                    into.keep(classes.WORD if kind == WORD_START else ~classes.WORD)
                return
            elif kind == BUFFER_END:
                if null is not None:
                    null.empty()
                return
            elif kind == LONG_SET:
                if into is not None:
                    into.add(classes.ALL)
                return
            elif kind == SET:
                if into is not None:
                    into.add(classes.caseless(state.members) if icase else state.members)
                return
            elif kind == JUMP:
                state = state.alt
                after_jump = -1
            elif kind == ALT or kind in REPEATS:
                self._choice(state, into, null, at_jump=after_jump == 0)
                return
            elif kind == SOFT_BUFFER_END:
                if into is not None:
                    into.add(classes.of(b"\n\r"))
                if null is not None:
                    null.empty()
                return
            elif kind == ENDMARK:
                if state.index < 0:
                    if into is not None:
                        into.add(classes.ALL)
                    if null is not None:
                        null.empty()
                    return
                if recursion is not None and recursion_index != 0 and recursion_index == state.index:
                    state, recursion = recursion.next, None
                else:
                    if self.program.recursive and state.index:
                        self._after_recursion(state, into, null)
                    state = state.next
            elif kind == COMMIT:
                if into is not None:
                    into.add(classes.ALL)
                state = state.next
            elif kind == STARTMARK and state.index == INDEPENDENT:
                state = state.next.next if state.next is not None else None
            else:
                state = state.next
            after_jump += 1

    def _after_recursion(self, state: State, into: _Map | None, null: _Map | None) -> None:
        for call in self.program.states:
            if call.kind == RECURSE and call.alt is not None and call.alt.index == state.index:
                if not self.checks[state.index] & 2:
                    self.checks[state.index] |= 2
                    self.walk(call.next, into, null)
                return

    def _choice(self, state: State, into: _Map | None, null: _Map | None, *, at_jump: bool) -> None:
        if state.known:
            if into is not None:
                into.add(state.take | state.skip)
            if null is not None and state.null:
                null.empty()
            return
        if state.kind != ALT:
            if state.state_id in self.bad or state.state_id >= 64:
                if into is not None:
                    into.add(classes.ALL)
                if null is not None:
                    null.empty()
                return
            self.bad.add(state.state_id)
        self.walk(state.next, into, null)
        if state.kind == ALT or state.low == 0 or at_jump:
            self.walk(state.alt, into, null)


def _literal_start(byte: int, *, icase: bool) -> int:
    if not icase:
        return 1 << byte
    # Only a byte whose small letter this is can start the literal; a capital letter in it never matches.
    if classes.folded(byte) != byte:
        return 0
    mask = 1 << byte
    return classes.caseless(mask) | mask


def _repeat_kind(state: State) -> int:
    if state.kind != REP or state.next is None:
        return state.kind
    inner = state.next
    after = inner.next.next if inner.next is not None else None
    if after is not state.alt:
        return state.kind
    if inner.kind == WILD:
        return DOT_REP
    if inner.kind == LITERAL:
        return CHAR_REP
    if inner.kind == SET:
        return SET_REP
    return state.kind


def _backstep(state: State | None) -> int:
    """How far a look-behind steps back; -1 if Boost cannot tell."""
    result = 0
    while state is not None:
        kind = state.kind
        if kind == STARTMARK:
            if state.index in (AHEAD, NOT_AHEAD):
                over = state.next.alt if state.next is not None else None
                state = over.next if over is not None else None
                continue
            if state.index == INDEPENDENT:
                state = state.next.next if state.next is not None else None
                continue
        elif kind == ENDMARK:
            if state.index in (AHEAD, NOT_AHEAD):
                return result
        elif kind == LITERAL:
            result += len(state.data)
        elif kind in (WILD, SET):
            result += 1
        elif kind in (BACKREF, COMBINING, BACKSTEP, LONG_SET):
            return -1
        elif kind in REPEATS:
            state.kind = _repeat_kind(state)
            if state.kind == REP or state.low != state.high:
                return -1
            result += state.low
            state = state.alt
            continue
        elif kind == JUMP:
            state = state.alt
            continue
        elif kind == ALT:
            first, second = _backstep(state.next), _backstep(state.alt)
            return result + first if first >= 0 and first == second else -1
        state = state.next
    return -1
