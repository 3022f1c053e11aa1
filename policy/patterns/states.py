"""The states of Boost's machine."""

from __future__ import annotations

from policy.patterns import tree

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
UNLIMITED = 1 << 64


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
