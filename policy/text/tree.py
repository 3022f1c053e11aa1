# ruff: noqa: D102, FBT003 - the methods are named by the rules of the grammar, which say what they do
"""The tree, built by the rules of the grammar: one method for each alias in ``grammar.lark``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sized

from policy.text.document import Leniency, Member, Node, Span
from policy.text.lexer import Token
from policy.text.scalars import meaning_of_word

_new = tuple.__new__


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
        """Whether a stretch touches a conflict: they come in the order of the text and do not overlap."""
        nearest = bisect_right(self.conflicts, (end, len(self.text))) - 1
        return nearest >= 0 and start < self.conflicts[nearest][1]

    # -- scalars -----------------------------------------------------------------------------------------------------

    def string(self, token: Token) -> Node:
        return _new(Node, ("string", _new(Span, token[1:3]), token[3], (), ()))

    def number(self, token: Token) -> Node:
        return _new(Node, ("number", _new(Span, token[1:3]), token[3], (), ()))

    def true(self, token: Token) -> Node:
        return Node("boolean", _new(Span, token[1:3]), True)

    def false(self, token: Token) -> Node:
        return Node("boolean", _new(Span, token[1:3]), False)

    def null(self, token: Token) -> Node:
        return Node("null", _new(Span, token[1:3]))

    def missing(self, token: Token) -> Node:
        return Node("missing", _new(Span, token[1:3]))

    def word(self, token: Token) -> Node:
        written = self.text[token.start : token.end]
        self._note(token.value, token.start, token.end, written[:40])
        meaning = meaning_of_word(written) if token.value == "other-word" else None
        span = Span(token.start, token.end)
        return Node("string", span, written) if meaning is None else Node(meaning[0], span, meaning[1])

    # -- keys and members --------------------------------------------------------------------------------------------

    # A key stays the token that it is; what is no string becomes one.
    key = None

    def bare_key(self, token: Token) -> Token:
        written = self.text[token.start : token.end]
        self._note("bare-key", token.start, token.end, written[:40])
        return Token("STRING", token.start, token.end, written)

    word_key = bare_key

    def numeric_key(self, token: Token) -> Token:
        written = self.text[token.start : token.end]
        self._note("numeric-key", token.start, token.end, written[:40])
        return Token("STRING", token.start, token.end, written)

    def member(self, key: Token, _colon: Token, value: Node) -> Member:
        return _new(Member, (key[3], _new(Span, key[1:3]), value))

    def first_member(self, member: Member) -> list[Member]:
        return [member]

    def next_member(self, members: list[Member], commas: Token, member: Member) -> list[Member]:
        if commas[0] == "COMMAS":
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

    def next_item(self, items: list[Node], commas: Token, item: Node) -> list[Node]:
        if commas[0] == "COMMAS":
            self._doubled(commas)
        items.append(item)
        return items

    def item_without_comma(self, items: list[Node], item: Node) -> list[Node]:
        self._missing_comma(items[-1].span.end, item.span, "value")
        items.append(item)
        return items

    # -- commas ------------------------------------------------------------------------------------------------------

    # One comma stays the token that it is; a run of them is one token COMMAS, whose value says where the second is.
    comma = None

    def doubled_comma(self, commas: Token, token: Token) -> Token:
        second = commas.value if commas.type == "COMMAS" else token.start
        return Token("COMMAS", commas.start, token.end, second)

    def _doubled(self, commas: Token) -> None:
        self._note("doubled-comma", commas.value, commas.end)

    def _extra(self, kind: str, commas: Token) -> None:
        if commas.start == commas.end:
            return
        if commas.type == "COMMAS":
            self._doubled(commas)
        else:
            self._note(kind, commas.start, commas.end)

    def _missing_comma(self, offset: int, before: Span, what: str) -> None:
        if self.conflicts and self._in_conflict(offset, before.start):
            return
        self._note("missing-comma", offset, offset, f"before {what} {self.text[before.start : before.end][:60]}")

    # -- objects -----------------------------------------------------------------------------------------------------

    def empty_object(self, opener: Token, closer: Token) -> Node:
        return Node("object", _new(Span, (opener[1], closer[2])))

    def object(self, opener: Token, members: list[Member], closer: Token) -> Node:
        depth = len(self.frames) + 2
        if depth > self.depth:
            self.depth = depth
        if len({member.key for member in members}) != len(members):
            self._duplicates(members)
        return _new(Node, ("object", _new(Span, (opener[1], closer[2])), None, tuple(members), ()))

    def object_trailing(self, opener: Token, members: list[Member], commas: Token, closer: Token) -> Node:
        self._extra("trailing-comma", commas)
        return self.object(opener, members, closer)

    def object_commas(self, opener: Token, commas: Token, closer: Token) -> Node:
        self._extra("lone-comma", commas)
        return self.empty_object(opener, closer)

    def object_leading(self, opener: Token, commas: Token, members: list[Member], closer: Token) -> Node:
        self._extra("leading-comma", commas)
        return self.object(opener, members, closer)

    def object_leading_trailing(
        self, opener: Token, before: Token, members: list[Member], after: Token, closer: Token
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
        return Node("array", _new(Span, (opener[1], closer[2])))

    def array(self, opener: Token, items: list[Node], closer: Token) -> Node:
        depth = len(self.frames) + 2
        if depth > self.depth:
            self.depth = depth
        return _new(Node, ("array", _new(Span, (opener[1], closer[2])), None, (), tuple(items)))

    def array_trailing(self, opener: Token, items: list[Node], commas: Token, closer: Token) -> Node:
        self._extra("trailing-comma", commas)
        return self.array(opener, items, closer)

    def array_commas(self, opener: Token, commas: Token, closer: Token) -> Node:
        self._extra("lone-comma", commas)
        return self.empty_array(opener, closer)

    def array_leading(self, opener: Token, commas: Token, items: list[Node], closer: Token) -> Node:
        self._extra("leading-comma", commas)
        return self.array(opener, items, closer)

    def array_leading_trailing(
        self, opener: Token, before: Token, items: list[Node], after: Token, closer: Token
    ) -> Node:
        self._extra("leading-comma", before)
        return self.array_trailing(opener, items, after, closer)

    def start(self, root: Node) -> Node:
        return root
