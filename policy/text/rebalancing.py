"""Brackets that are missing or too much where it shows only later.

``"key": "inner": 1`` may lack a brace, ``[1, "key": 2`` a bracket: the balance of the whole text says which reading is
right, and the automaton takes back what it read the other way.
"""

from __future__ import annotations

from typing import Any

from policy.text.automaton import CLOSERS, KEYS, OPENERS, Automaton
from policy.text.document import Leniency
from policy.text.lexer import Token


class Rebalancing(Automaton):
    """Repairs that count: each is tried only while the text has more brackets of one side than of the other."""

    def __init__(self, text: str, tokens: list[Token], notes: list[Leniency]) -> None:
        super().__init__(text, tokens, notes)
        self.balance: int | None = None

    def surplus(self, sign: int) -> bool:
        """Whether the text has more opening (1) or more closing (-1) brackets than of the other kind."""
        if self.balance is None:
            kinds = [token.type for token in self.tokens]
            self.balance = sum(map(kinds.count, OPENERS)) - sum(map(kinds.count, CLOSERS))
        return self.balance * sign > 0

    def without_opener(self) -> bool:
        """``"key": "inner": value``: an object whose brace is missing begins at the inner key."""
        key = self.last
        if key is None or key.type not in KEYS or self.values[-1] is not key or self.balance is None:
            return False
        self.pop(1)
        self.balance += 1
        self.note("unopened-bracket", key.start, key.start, "{")
        self.feed(Token("LBRACE", key.start, key.start), key)
        return True

    def without_closer(self) -> bool:
        """``[1, "key": value`` inside of an object: the array should have ended before the key."""
        if len(self.frames) < 2 or self.frames[-2].type != "LBRACE" or len(self.values) < 3:
            return False
        key, comma = self.last, self.values[-2]
        if key is None or self.values[-1] is not key or self.balance is None or not isinstance(comma, Token):
            return False
        if comma.type != "COMMA" or not isinstance(self.values[-3], list):
            return False
        self.pop(2)
        self.balance -= 1
        opener, end = self.frames[-1].token, self.values[-1][-1].span.end
        self.note("unclosed-bracket", opener.start, opener.end, "]")
        self.feed(Token("RSQB", end, end), comma, key)
        return True

    def object_without_closer(self) -> bool:
        """``[{"key": 1, {``: the object should have ended before the comma."""
        if len(self.frames) < 2 or self.frames[-2].type != "LSQB" or self.balance is None or len(self.values) < 3:
            return False
        comma, members = self.values[-1], self.values[-2]
        if not isinstance(comma, Token) or comma.type != "COMMA" or not isinstance(members, list):
            return False
        self.pop(1)
        self.balance -= 1
        opener, end = self.frames[-1].token, members[-1].value.span.end
        self.note("unclosed-bracket", opener.start, opener.end, "}")
        self.feed(Token("RBRACE", end, end), comma)
        self.last = comma
        return True

    def only_items_follow(self, at: int) -> bool:
        """Whether a closing ``]`` comes next, with nothing but scalars and commas before it."""
        for token in self.tokens[at : at + 500]:
            if token.type == "RSQB":
                return True
            if token.type not in KEYS and token.type not in ("COMMA", "COMMENT"):
                break
        return False

    def back_into_array(self, token: Token | None) -> bool:
        """``"key": [..], [..]`` in an object: the array was closed too early, or opened too late.

        Without a token the last one shifted, which was taken for a key, is an item: ``"key": 1, 2]``.
        """
        item = None if token is not None else self.values[-1]
        shift = 0 if item is None else 1
        if len(self.values) < 3 + shift:
            return False
        comma, members = self.values[-1 - shift], self.values[-2 - shift]
        if not isinstance(comma, Token) or comma.type != "COMMA" or not isinstance(members, list):
            return False
        key, value = members[-1].key_span, members[-1].value
        if (token is not None and value.kind != "array") or self.balance is None or self.frames[-1].type != "LBRACE":
            return False
        name = members.pop().key
        self.pop((2 if not members else 1) + shift)
        self.balance += 1
        if members:
            # The comma before the member was reduced with it.
            self.feed(Token("COMMA", key.start, key.start))
        self.feed(Token("STRING", key.start, key.end, name), Token("COLON", key.end, key.end))
        like = "" if token is None else "object" if token.type == "LBRACE" else "array"
        self.feed(Token("LSQB", value.span.start, value.span.start + 1))
        if value.items and value.items[-1].kind == like:
            self.note("stray-bracket", value.span.end - 1, value.span.end, "]")
            self.push("items", list(value.items))
        else:
            self.note("unopened-bracket", value.span.start, value.span.start, "[")
            self.push("items", [value])
        self.feed(comma)
        self.last = comma
        if item is not None:
            self.feed(item)
            self.last = item
        return True

    def pop(self, count: int) -> None:
        """Takes back what was shifted or reduced last."""
        del self.stack[-count:], self.values[-count:]

    def push(self, symbol: str, value: Any) -> None:
        """Puts in what was reduced already."""
        self.stack.append(self.states[self.stack[-1]][symbol])
        self.values.append(value)
