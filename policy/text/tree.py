"""The tree, built by the rules of the grammar: one method for each alias in ``grammar.lark``."""

from __future__ import annotations

from collections.abc import Sized
from typing import NamedTuple

from policy.text.document import Leniency, Member, Node, Span
from policy.text.lexer import Token
from policy.text.scalars import meaning_of_word


class Commas(NamedTuple):
    """A run of commas, with nothing but blanks and comments between them."""

    start: int
    end: int
    second: int
    count: int


class Key(NamedTuple):
    """A key before its colon."""

    name: str
    start: int
    end: int


class Builder:
    """Makes nodes and notes the leniencies that the grammar itself takes in."""

    def __init__(self, text: str, notes: list[Leniency], frames: Sized) -> None:
        self.text = text
        self.notes = notes
        self.frames = frames
        self.depth = 1
        #: Where a merge left both sides: the same key on both is not a second mistake, nor a comma between them.
        self.conflicts: list[tuple[int, int]] = []

    def _note(self, kind: str, start: int, end: int, detail: str = "") -> None:
        self.notes.append(Leniency(kind, Span(start, end), detail))

    def _in_conflict(self, start: int, end: int) -> bool:
        return any(first <= end and start < last for first, last in self.conflicts)

    # -- scalars -----------------------------------------------------------------------------------------------------

    def string(self, token: Token) -> Node:
        return Node("string", Span(token[1], token[2]), token[3])

    def number(self, token: Token) -> Node:
        return Node("number", Span(token[1], token[2]), token[3])

    def true(self, token: Token) -> Node:
        return Node("boolean", Span(token[1], token[2]), True)

    def false(self, token: Token) -> Node:
        return Node("boolean", Span(token[1], token[2]), False)

    def null(self, token: Token) -> Node:
        return Node("null", Span(token[1], token[2]))

    def missing(self, token: Token) -> Node:
        return Node("missing", Span(token[1], token[2]))

    def word(self, token: Token) -> Node:
        written = self.text[token.start : token.end]
        self._note(token.value, token.start, token.end, written[:40])
        meaning = meaning_of_word(written) if token.value == "other-word" else None
        span = Span(token.start, token.end)
        return Node("string", span, written) if meaning is None else Node(meaning[0], span, meaning[1])

    # -- keys and members --------------------------------------------------------------------------------------------

    def key(self, token: Token) -> Key:
        return Key(token[3], token[1], token[2])

    def bare_key(self, token: Token) -> Key:
        written = self.text[token.start : token.end]
        self._note("bare-key", token.start, token.end, written[:40])
        return Key(written, token.start, token.end)

    word_key = bare_key

    def numeric_key(self, token: Token) -> Key:
        written = self.text[token.start : token.end]
        self._note("numeric-key", token.start, token.end, written[:40])
        return Key(written, token.start, token.end)

    def member(self, key: Key, _colon: Token, value: Node) -> Member:
        return Member(key[0], Span(key[1], key[2]), value)

    def first_member(self, member: Member) -> list[Member]:
        return [member]

    def next_member(self, members: list[Member], commas: Commas, member: Member) -> list[Member]:
        if commas[3] > 1:
            self._doubled(commas)
        members.append(member)
        return members

    def member_without_comma(self, members: list[Member], member: Member) -> list[Member]:
        self._missing_comma(members[-1].value.span.end, member.key_span, "key")
        members.append(member)
        return members

    # -- items -------------------------------------------------------------------------------------------------------

    def first_item(self, item: Node) -> list[Node]:
        return [item]

    def next_item(self, items: list[Node], commas: Commas, item: Node) -> list[Node]:
        if commas[3] > 1:
            self._doubled(commas)
        items.append(item)
        return items

    def item_without_comma(self, items: list[Node], item: Node) -> list[Node]:
        self._missing_comma(items[-1].span.end, item.span, "value")
        items.append(item)
        return items

    # -- commas ------------------------------------------------------------------------------------------------------

    def comma(self, token: Token) -> Commas:
        return Commas(token[1], token[2], token[1], 1)

    def doubled_comma(self, commas: Commas, token: Token) -> Commas:
        second = commas.second if commas.count > 1 else token.start
        return Commas(commas.start, token.end, second, commas.count + 1)

    def _doubled(self, commas: Commas) -> None:
        self._note("doubled-comma", commas.second, commas.end)

    def _extra(self, kind: str, commas: Commas) -> None:
        if commas.start == commas.end:
            return
        if commas.count > 1:
            self._doubled(commas)
        else:
            self._note(kind, commas.start, commas.end)

    def _missing_comma(self, offset: int, before: Span, what: str) -> None:
        if self.conflicts and self._in_conflict(offset, before.start):
            return
        self._note("missing-comma", offset, offset, f"before {what} {self.text[before.start : before.end][:60]}")

    # -- objects -----------------------------------------------------------------------------------------------------

    def empty_object(self, opener: Token, closer: Token) -> Node:
        return Node("object", Span(opener[1], closer[2]))

    def object(self, opener: Token, members: list[Member], closer: Token) -> Node:
        depth = len(self.frames) + 2
        self.depth = max(self.depth, depth)
        if len({member.key for member in members}) != len(members):
            self._duplicates(members)
        return Node("object", Span(opener[1], closer[2]), None, tuple(members))

    def object_trailing(self, opener: Token, members: list[Member], commas: Commas, closer: Token) -> Node:
        self._extra("trailing-comma", commas)
        return self.object(opener, members, closer)

    def object_commas(self, opener: Token, commas: Commas, closer: Token) -> Node:
        self._extra("lone-comma", commas)
        return self.empty_object(opener, closer)

    def object_leading(self, opener: Token, commas: Commas, members: list[Member], closer: Token) -> Node:
        self._extra("leading-comma", commas)
        return self.object(opener, members, closer)

    def object_leading_trailing(
        self, opener: Token, before: Commas, members: list[Member], after: Commas, closer: Token
    ) -> Node:
        self._extra("leading-comma", before)
        return self.object_trailing(opener, members, after, closer)

    def _duplicates(self, members: list[Member]) -> None:
        seen: set[str] = set()
        for member in members:
            start, end = member.key_span
            if member.key in seen and not (self.conflicts and self._in_conflict(start, end)):
                self._note("duplicate-key", start, end, member.key)
            seen.add(member.key)

    # -- arrays ------------------------------------------------------------------------------------------------------

    def empty_array(self, opener: Token, closer: Token) -> Node:
        return Node("array", Span(opener[1], closer[2]))

    def array(self, opener: Token, items: list[Node], closer: Token) -> Node:
        self.depth = max(self.depth, len(self.frames) + 2)
        return Node("array", Span(opener[1], closer[2]), None, (), tuple(items))

    def array_trailing(self, opener: Token, items: list[Node], commas: Commas, closer: Token) -> Node:
        self._extra("trailing-comma", commas)
        return self.array(opener, items, closer)

    def array_commas(self, opener: Token, commas: Commas, closer: Token) -> Node:
        self._extra("lone-comma", commas)
        return self.empty_array(opener, closer)

    def array_leading(self, opener: Token, commas: Commas, items: list[Node], closer: Token) -> Node:
        self._extra("leading-comma", commas)
        return self.array(opener, items, closer)

    def array_leading_trailing(
        self, opener: Token, before: Commas, items: list[Node], after: Commas, closer: Token
    ) -> Node:
        self._extra("leading-comma", before)
        return self.array_trailing(opener, items, after, closer)

    def start(self, root: Node) -> Node:
        return root
