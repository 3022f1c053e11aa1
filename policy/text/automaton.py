"""lark's LALR table, run token by token.

The table is made from ``grammar.lark`` by ``build_table``.
It is run here and not by lark itself, since a repair must be able to put a token in, to leave one out and to take one
back, and since importing lark costs more than reading a file.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from policy.text.document import Leniency, Node, Span
from policy.text.lexer import Token
from policy.text.tree import Builder
from policy.tuples import NamedTuple

OPENERS = {"LBRACE": "RBRACE", "LSQB": "RSQB"}
CLOSERS = {"RBRACE": "LBRACE", "RSQB": "LSQB"}
KEYS = frozenset({"STRING", "WORD", "NUMBER", "TRUE", "FALSE", "NULL"})
SIGNS = {"LBRACE": "{", "RBRACE": "}", "LSQB": "[", "RSQB": "]"}


class Table(NamedTuple):
    """The saved LALR table: per state what a symbol does (a state, or below zero ``-1 - rule``)."""

    start: int
    states: list[dict[str, int]]
    rules: list[tuple[str, str, int]]


@lru_cache(maxsize=1)
def table() -> Table:
    """The table that ``build_table`` saved beside the grammar."""
    saved = json.loads(Path(__file__).with_name("grammar.json").read_text("utf-8"))
    return Table(saved["start"], saved["states"], [tuple(rule) for rule in saved["rules"]])


class Frame(NamedTuple):
    """An object or array that is open; ``place`` is the index of its bracket, -1 for one that a repair put in."""

    type: str
    token: Token
    place: int


class Automaton:
    """The LALR automaton: it shifts and reduces, and says where it has no way on."""

    def __init__(self, text: str, tokens: list[Token], notes: list[Leniency]) -> None:
        saved = table()
        self.text = text
        self.tokens = tokens
        self.notes = notes
        #: The last token of the text that was shifted, or what a repair put in its place.
        self.last: Token | None = None
        self.frames: list[Frame] = []
        self.states = saved.states
        self.stack: list[int] = [saved.start]
        self.values: list[Any] = []
        self.builder = Builder(text, notes, self.frames)
        #: By number: how many parts, the symbol that they make, and what builds its value (None: the part itself).
        self.rules = [(size, origin, getattr(self.builder, name)) for name, origin, size in saved.rules]

    def note(self, kind: str, start: int, end: int, detail: str = "", place: str = "") -> None:
        """Notes a leniency."""
        self.notes.append(Leniency(kind, Span(start, end), detail, place))

    def waits_for_colon(self) -> bool:
        """Whether a key was read, and nothing after it."""
        actions = self.states[self.stack[-1]]
        return "COLON" in actions and "COMMA" not in actions

    def advance(self, tokens: list[Token], at: int) -> int:
        """Shifts tokens from an index on, each after the reductions it asks for.

        The result is the index of the first token for which the table has no way on, or the number of tokens.
        """
        # The hot loop of the room: locals, and rules of one and three parts unrolled.
        stack, values, states, rules = self.stack, self.values, self.states, self.rules
        frames, openers, closers = self.frames, OPENERS, CLOSERS
        count = len(tokens)
        row = states[stack[-1]]
        while at < count:
            token = tokens[at]
            kind = token[0]
            action = row.get(kind)
            if action is None:
                break
            if action >= 0:
                stack.append(action)
                values.append(token)
                row = states[action]
                at += 1
                if kind in openers:
                    frames.append(Frame(kind, token, at - 1))
                elif kind in closers:
                    frames.pop()
                continue
            size, origin, build = rules[-1 - action]
            if size == 1:
                if build is not None:
                    values[-1] = build(values[-1])
            elif size == 3:
                third, second = values.pop(), values.pop()
                values[-1] = build(values[-1], second, third)
                del stack[-2:]
            else:
                parts = values[-size:]
                del values[1 - size :]
                values[-1] = build(*parts)
                del stack[1 - size :]
            state = states[stack[-2]][origin]
            stack[-1] = state
            row = states[state]
        return at

    def feed(self, *tokens: Token) -> bool:
        """Shifts tokens that a repair puts in; whether the table took them all."""
        taken = self.advance(list(tokens), 0) == len(tokens)
        frames = self.frames
        for index in range(len(frames) - 1, -1, -1):
            if frames[index].token not in tokens:
                break
            frames[index] = frames[index]._replace(place=-1)
        return taken

    def finish(self) -> Node | None:
        """The root, once every bracket is closed."""
        self.advance([Token("$END", 0, 0)], 0)
        return self.values[0] if self.values and isinstance(self.values[0], Node) else None
