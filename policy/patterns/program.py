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
from policy.patterns.maps import make_maps
from policy.patterns.states import (
    ACCEPT,
    AHEAD,
    ALT,
    ASSERT_BACKREF,
    BACKREF,
    BACKSTEP,
    BUFFER_END,
    BUFFER_START,
    COMBINING,
    COMMIT,
    CONDITIONAL,
    CONTINUE,
    END_LINE,
    ENDMARK,
    FAIL,
    INDEPENDENT,
    JUMP,
    LITERAL,
    LONG_SET,
    MATCH,
    NOT_AHEAD,
    RECURSE,
    REP,
    RESET,
    SET,
    SOFT_BUFFER_END,
    START_LINE,
    STARTMARK,
    THEN,
    TOGGLE_CASE,
    UNLIMITED,
    WILD,
    WITHIN_WORD,
    WORD_BOUNDARY,
    WORD_END,
    WORD_START,
    State,
)

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
_SHALLOW = 40


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
        make_maps(self, source)

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
                self.mark(node.number, icase=node.icase)
                self.emit(node.body)
                self.mark(node.number, icase=node.icase_after, end=True)
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
