"""A pattern's tokens, in order, as the grammar's saved table allows them.

The table (``boost.json``) is made from ``boost.lark`` by ``python -m policy.patterns.build_table``.
Which terminals are tried at a place depends on the parser's state there, as in lark's contextual lexer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from policy.patterns.errors import PatternRefused

_TABLE = Path(__file__).with_name("boost.json")


class _Table:
    """The table, and for each state the expression that finds the next token."""

    __slots__ = ("_terminals", "end", "lexers", "rules", "states")

    def __init__(self, data: dict[str, Any]) -> None:
        self.end: int = data["end"]
        self.rules: list[tuple[str, int]] = [(name, length) for name, length in data["rules"]]
        self.states: list[dict[str, int]] = data["states"]
        self._terminals: list[tuple[str, str]] = [(name, pattern) for name, pattern in data["terminals"]]
        self.lexers: list[re.Pattern[str] | None] = [None] * len(self.states)

    def lexer(self, state: int) -> re.Pattern[str]:
        found = self.lexers[state]
        if found is None:
            row = self.states[state]
            found = _alternation(tuple((name, pattern) for name, pattern in self._terminals if name in row))
            self.lexers[state] = found
        return found


@cache
def _alternation(terminals: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in terminals))


@cache
def _table() -> _Table:
    return _Table(json.loads(_TABLE.read_text("utf-8")))


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """The tokens of a pattern: the terminal's name, its text, and where it starts.

    The text has one character for each byte of the pattern.
    Raises :class:`PatternRefused` at the first place where no token fits.
    """
    table = _table()
    states, rules = table.states, table.rules
    stack = [0]
    position, length = 0, len(text)
    while True:
        if position < length:
            found = (table.lexers[stack[-1]] or table.lexer(stack[-1])).match(text, position)
            if found is None or found.lastgroup is None:
                raise PatternRefused(_reason(text, position, states[stack[-1]]), position)
            kind = found.lastgroup
        else:
            kind = "$END"
            found = None
        action = states[stack[-1]].get(kind)
        while action is not None and action < 0:
            name, size = rules[-1 - action]
            if size:
                del stack[-size:]
            stack.append(states[stack[-1]][name])
            action = states[stack[-1]].get(kind)
        if found is None:
            if action is None and stack[-1] != table.end:
                raise PatternRefused(_reason(text, position, states[stack[-1]]), position)
            return
        if action is None:
            raise PatternRefused(_reason(text, position, states[stack[-1]]), position)
        stack.append(action)
        yield kind, found.group(), position
        position = found.end()


def _reason(text: str, position: int, row: dict[str, int]) -> str:
    if "SET_CLOSE" in row or "SET_CHARACTER" in row:
        if position < len(text) and text[position] == "-":
            return "a range in a set that has no proper end"
        if position < len(text) and text[position] == "\\":
            return "an unfinished or unknown escape in a set"
        return "a set that is not closed, or a class name that is not finished"
    if position >= len(text):
        return "a parenthesis that is not closed"
    if text[position] == ")":
        return "a closing parenthesis without its opening one"
    if text[position] == "\\":
        return "an unfinished or unknown escape"
    if text[position] == "(":
        return "an unfinished or unknown (?...) or (*...) group"
    return "a set that is not closed"
