"""The machine that Boost makes of a pattern: its states in order, with the maps that Boost consults.

Whether a path matches, and after how many steps Boost gives up, depends on this machine in all its details: so it is
rebuilt here state by state, as a description in Python objects.
Two refusals come from this step: look-behinds without a fixed length, and endless recursions.
Source: the behaviour of Boost.Regex 1.74 (state machine of ``basic_regex<char>``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from policy.patterns import classes, tree
from policy.patterns.errors import PatternRefused

(
    STARTMARK,
    ENDMARK,
    LITERAL,
    START_LINE,
    END_LINE,
    WILD,
    MATCH,
    WORD_BOUNDARY,
    WITHIN_WORD,
    WORD_START,
    WORD_END,
    BUFFER_START,
    BUFFER_END,
    BACKREF,
    LONG_SET,
    SET,
    JUMP,
    ALT,
    REP,
    COMBINING,
    SOFT_BUFFER_END,
    CONTINUE,
    DOT_REP,
    CHAR_REP,
    SET_REP,
    LONG_SET_REP,
    BACKSTEP,
    ASSERT_BACKREF,
    TOGGLE_CASE,
    RECURSE,
    FAIL,
    ACCEPT,
    COMMIT,
    THEN,
) = range(34)

REPEATS = frozenset((REP, DOT_REP, CHAR_REP, SET_REP, LONG_SET_REP))

#: Special numbers of groups.
AHEAD, NOT_AHEAD, INDEPENDENT, CONDITIONAL, RESET = -1, -2, -3, -4, -5

TAKE, SKIP = 1, 2
_SHALLOW = 40
UNLIMITED = 1 << 64

_ASSERTIONS = {
    "line-start": START_LINE,
    "line-end": END_LINE,
    "word-boundary": WORD_BOUNDARY,
    "within-word": WITHIN_WORD,
    "word-start": WORD_START,
    "word-end": WORD_END,
    "buffer-start": BUFFER_START,
    "buffer-end": BUFFER_END,
    "soft-buffer-end": SOFT_BUFFER_END,
    "continuation": CONTINUE,
}
_LINE_ENDS = classes.of(b"\n\r\f\x85")


class State:
    """One state of the machine; which fields count depends on its kind."""

    __slots__ = (
        "alt",
        "data",
        "greedy",
        "high",
        "icase",
        "index",
        "kind",
        "known",
        "long",
        "low",
        "members",
        "name",
        "next",
        "node",
        "null",
        "skip",
        "state_id",
        "take",
    )

    def __init__(self, kind: int) -> None:
        self.kind = kind
        self.next: State | None = None
        self.alt: State | None = None
        self.data = b""
        self.members = 0
        self.index = 0
        self.name: str | None = None
        self.icase = False
        self.low = 0
        self.high = 0
        self.greedy = True
        self.state_id = 0
        self.long: tree.LongSet | None = None
        self.node: tree.Node | None = None
        # The map of an ALT or a repeat: which bytes may take the next state, which the alternative; and at the end.
        self.take = 0
        self.skip = 0
        self.null = 0
        self.known = False


@contextmanager
def _room(depth: int) -> Iterator[None]:
    """Room for groups that are nested deeper than Python's own bound of calls allows."""
    if depth <= _SHALLOW:
        yield
        return
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + 20 * depth)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class Program:
    """A machine: its states in order; ``size`` is the length of the pattern, which bounds Boost's patience."""

    __slots__ = ("groups", "names", "of_node", "recursive", "size", "states")

    def __init__(self, source: tree.Tree) -> None:
        self.size = source.size
        self.groups = source.groups
        self.names = source.names
        self.recursive = source.recursive
        with _room(source.depth):
            self._make(source)

    def _make(self, source: tree.Tree) -> None:
        builder = _Builder()
        builder.whole(source.root)
        builder.append(State(MATCH))
        self.states = builder.states
        self.of_node = builder.of_node
        for index, state in enumerate(self.states[:-1]):
            state.next = self.states[index + 1]
        for state, target in builder.targets:
            state.alt = self.states[target]
        number = 0
        for state in self.states:
            if state.kind == REP:
                state.state_id = number
                number += 1
        if self.recursive:
            self._aim_recursions(source)
        _Maps(self, source).make()

    def _aim_recursions(self, source: tree.Tree) -> None:
        for state in self.states:
            if state.kind == RECURSE:
                index = state.index if state.name is None else self.group_named(state.name)
                state.alt = next((s for s in self.states if s.kind == STARTMARK and s.index == index), None)
                if state.alt is None:
                    raise PatternRefused("a recursion into a group that does not exist", 0, source.text)
            elif state.kind == ASSERT_BACKREF and state.index < 0 and state.name is not None:
                named = self.group_named(state.name)
                if named is None:
                    raise PatternRefused("a condition on a group that does not exist", 0, source.text)

    def group_named(self, name: str) -> int | None:
        """The first group of that name."""
        return next((index for known, index in self.names if known == name), None)

    def groups_named(self, name: str) -> list[int]:
        """All groups of that name, in order."""
        return [index for known, index in self.names if known == name]


class _Builder:
    def __init__(self) -> None:
        self.states: list[State] = []
        self.targets: list[tuple[State, int]] = []
        self.of_node: dict[int, list[State]] = {}

    def append(self, state: State) -> State:
        self.states.append(state)
        return state

    def mark(self, index: int, *, icase: bool, end: bool = False) -> State:
        state = self.append(State(ENDMARK if end else STARTMARK))
        state.index, state.icase = index, icase
        return state

    def toggle(self, *, icase: bool) -> None:
        self.append(State(TOGGLE_CASE)).icase = icase

    def here(self) -> int:
        return len(self.states)

    def emit(self, node: tree.Node) -> None:
        match node:
            case tree.Sequence():
                for item in node.items:
                    self.emit(item)
            case tree.Literal():
                self.append(State(LITERAL)).data = node.data
            case tree.Set():
                self.append(State(SET)).members = node.members
            case tree.LongSet():
                self.append(State(LONG_SET)).long = node
            case tree.Any():
                state = self.append(State(WILD))
                state.members = classes.ALL if node.newline else classes.ALL & ~classes.SEPARATOR
            case tree.Combining():
                self.append(State(COMBINING)).node = node
            case tree.Assertion():
                self.append(State(_ASSERTIONS[node.kind])).node = node
            case tree.CaseSwitch():
                self.toggle(icase=node.icase)
            case tree.Choice():
                self.choice(node, node.alternatives)
            case tree.Repeat():
                self.repeat(node)
            case tree.Group():
                self.mark(node.index, icase=node.icase)
                self.emit(node.body)
                self.mark(node.index, icase=node.icase_after, end=True)
            case tree.Look():
                self.look(node)
            case tree.Atomic():
                self.independent(node.body, icase=node.icase)
            case tree.Conditional():
                self.conditional(node)
            case tree.BackReference():
                state = self.append(State(BACKREF))
                if isinstance(node.reference, str):
                    state.name = node.reference
                else:
                    state.index = node.reference
            case tree.Recursion():
                state = self.append(State(RECURSE))
                if isinstance(node.reference, str):
                    state.name = node.reference
                else:
                    state.index = node.reference
                self.toggle(icase=node.icase)
            case tree.Reset():
                self.mark(RESET, icase=node.icase)
            case tree.Verb():
                self.verb(node)

    def whole(self, root: tree.Node) -> None:
        """The pattern, with a mark at its start for recursions to aim at.

        Boost puts the first choice between alternatives of the whole pattern before that mark.
        """
        if isinstance(root, tree.Choice):
            self.choice(root, root.alternatives, marked=True)
        else:
            self.mark(0, icase=False)
            self.emit(root)

    def choice(self, node: tree.Node, alternatives: tuple[tree.Sequence, ...], *, marked: bool = False) -> None:
        jumps = []
        known = self.of_node.setdefault(id(node), [])
        for alternative in alternatives[:-1]:
            alt = self.append(State(ALT))
            alt.node = node
            known.append(alt)
            if marked and len(known) == 1:
                self.mark(0, icase=False)
            self.emit(alternative)
            jumps.append(self.append(State(JUMP)))
            self.targets.append((alt, self.here()))
        self.emit(alternatives[-1])
        self.targets.extend((jump, self.here()) for jump in jumps)

    def repeat(self, node: tree.Repeat) -> None:
        if node.possessive:
            self.mark(INDEPENDENT, icase=node.icase)
            over = self.append(State(JUMP))
            self.loop(node)
            self.targets.append((over, self.here()))
            self.mark(INDEPENDENT, icase=node.icase, end=True)
        else:
            self.loop(node)

    def loop(self, node: tree.Repeat) -> None:
        start = self.here()
        rep = self.append(State(REP))
        rep.node = node
        self.of_node.setdefault(id(node), []).append(rep)
        rep.low, rep.high, rep.greedy = node.low, UNLIMITED if node.high is None else node.high, node.greedy
        self.emit(node.item)
        self.targets.append((self.append(State(JUMP)), start))
        self.targets.append((rep, self.here()))

    def independent(self, body: tree.Node, *, icase: bool) -> None:
        self.mark(INDEPENDENT, icase=icase)
        over = self.append(State(JUMP))
        self.emit(body)
        self.targets.append((over, self.here()))
        self.mark(INDEPENDENT, icase=icase, end=True)

    def look(self, node: tree.Look) -> None:
        index = NOT_AHEAD if node.negative else AHEAD
        self.mark(index, icase=node.icase)
        over = self.append(State(JUMP))
        if node.behind:
            self.append(State(BACKSTEP)).node = node
        self.emit(node.body)
        self.targets.append((over, self.here()))
        self.mark(index, icase=node.icase, end=True)

    def conditional(self, node: tree.Conditional) -> None:
        self.mark(CONDITIONAL, icase=node.icase)
        alt = self.append(State(ALT))
        alt.node = node
        self.of_node.setdefault(id(node), []).append(alt)
        self.condition(node.condition)
        self.emit(node.yes)
        if node.no is None:
            if node.switch is not None:
                self.emit(node.switch)
            self.targets.append((alt, self.here()))
        else:
            jump = self.append(State(JUMP))
            self.targets.append((alt, self.here()))
            self.emit(node.no)
            self.targets.append((jump, self.here()))
            if node.switch is not None:
                self.emit(node.switch)
        self.mark(CONDITIONAL, icase=node.icase, end=True)

    def condition(self, condition: tree.Condition) -> None:
        if condition.look is not None:
            self.emit(condition.look)
            return
        state = self.append(State(ASSERT_BACKREF))
        reference = condition.reference
        if condition.kind == "define":
            state.index = 9999
        elif condition.kind == "group":
            if isinstance(reference, str):
                state.name, state.index = reference, 1
            else:
                state.index = reference or 0
        elif isinstance(reference, str):
            state.name, state.index = reference, -1
        else:
            # 0 stands for any recursion, -1 - n for one into group n.
            state.index = 0 if reference is None else -1 - reference

    def verb(self, node: tree.Verb) -> None:
        kinds = {"fail": FAIL, "accept": ACCEPT, "then": THEN}
        state = self.append(State(kinds.get(node.name, COMMIT)))
        state.name = node.name


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
