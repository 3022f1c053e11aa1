"""Tokens to a tree: lark's LALR table, run token by token, with repairs where the table has no way on.

A repair inserts a token that is missing or leaves out one that is too much, and notes one leniency.
The rules of repair, by what the table waits for and what comes instead, are the methods of :class:`_Repairs`.
"""

from __future__ import annotations

from policy.text.automaton import CLOSERS, KEYS, OPENERS, SIGNS, table
from policy.text.brackets import partners
from policy.text.document import Comment, Leniency, Node, Span
from policy.text.lexer import Token, scan
from policy.text.rebalancing import Rebalancing
from policy.tuples import NamedTuple

MOST_REPAIRS = 20_000
"""Places of a text that are put right; a text that has more of them is no JSON that somebody can mend one by one."""


class Parsed(NamedTuple):
    """What was read: the tree, the leniencies in the order of the text, the comments, the depth of the deepest value.

    ``given_up`` is why the text was left unread, at its first mistake; then there is no tree and nothing else.
    """

    root: Node | None
    leniencies: tuple[Leniency, ...]
    comments: tuple[Comment, ...]
    depth: int
    given_up: Leniency | None = None


def parse(text: str) -> Parsed:
    """The tree of a text, whatever it holds; never raises, in linear time, without recursion."""
    tokens, notes = scan(text)
    return _Repairs(text, tokens, notes).run()


class _Repairs(Rebalancing):
    """What is done where the table has no way on: each method is one mistake that people make."""

    def __init__(self, text: str, tokens: list[Token], notes: list[Leniency]) -> None:
        super().__init__(text, tokens, notes)
        self.comments: list[Comment] = []
        self.conflict = -1
        self.depth_before = 0
        self.repairs = 0
        self.first_repair: Token | None = None
        self.parentheses = 0
        self.colons_in: int | None = None
        self.end_of_root: int | None = None
        self._partners: tuple[list[int | None], frozenset[int]] | None = None

    # -- the run -----------------------------------------------------------------------------------------------------

    def run(self) -> Parsed:
        tokens = self.tokens
        at, count = 0, len(tokens)
        # A repair that changed nothing is not tried again.
        before: tuple[int, int, int] | None = None
        while at < count:
            reached = self.advance(tokens, at)
            if reached > at:
                self.last = tokens[reached - 1]
            if reached == count:
                break
            if self.too_broken(tokens[reached]):
                return self.given_up()
            state = (reached, len(self.stack), self.stack[-1])
            at = self.stray(tokens[reached], reached) if state == before else self.repair(tokens[reached], reached)
            before = state
        root = self.close()
        notes = self.notes
        if self.end_of_root is not None:
            limit = self.end_of_root
            notes = [note for note in notes if note.span.start < limit or note.kind == "text-after-end"]
        notes.sort(key=lambda note: note.span)
        return Parsed(root, tuple(notes), tuple(self.comments), self.builder.depth)

    def too_broken(self, token: Token) -> bool:
        """Whether the table has had no way on too often; comments do not count."""
        if token.type == "COMMENT":
            return False
        if self.first_repair is None:
            self.first_repair = token
        self.repairs += 1
        return self.repairs > MOST_REPAIRS

    def given_up(self) -> Parsed:
        first = self.first_repair
        assert first is not None  # noqa: S101 - there were many
        note = Leniency("too-many-mistakes", Span(first.start, first.end), f"more than {MOST_REPAIRS}")
        return Parsed(None, (), (), 1, note)

    def repair(self, token: Token, at: int) -> int:
        """Puts one thing right; the index of the token to go on with (the same one, if something was inserted)."""
        kind = token.type
        if kind == "COMMENT":
            return self.comment(at)
        if kind == "MARKER":
            return self.marker(token, at)
        if not self.frames and self.values:
            return self.after_root(token, at)
        if kind == "JUNK":
            return self.junk(token, at)
        if not self.frames:
            return self.before_root(token, at)
        if self.waits_for_colon():
            return self.without_colon(token, at)
        if kind in CLOSERS:
            return self.closer(token, at)
        if kind == "COLON":
            return self.colon(token, at)
        if self.last is not None and self.last.type == "COLON" and kind == "COMMA":
            return self.without_value(at)
        if kind in OPENERS:
            return self.without_key(token, at)
        return self.stray(token, at)

    # -- trivia ------------------------------------------------------------------------------------------------------

    def comment(self, at: int) -> int:
        """A run of comments, each with the place that readers tell apart."""
        stop = at
        while stop < len(self.tokens) and self.tokens[stop].type == "COMMENT":
            stop += 1
        following = self.tokens[stop].type if stop < len(self.tokens) else "$END"
        place = self.place(following)
        for token in self.tokens[at:stop]:
            kind, inside = token.value
            if kind == "unfinished":
                self.note("unfinished-comment", token.start, token.end, "", place)
                kind = "block"
            else:
                self.note(f"{kind}-comment", token.start, token.end, "", place)
            self.comments.append(Comment(kind, Span(token.start, token.end), inside))
        return stop

    def place(self, following: str) -> str:
        if not self.frames:
            return "end" if self.values else "start"
        if self.waits_for_colon():
            return "colon"
        last = self.last.type if self.last is not None else ""
        if last == "COLON":
            return "value"
        if self.frames[-1].type == "LBRACE":
            return "key" if last in ("LBRACE", "COMMA") else "comma"
        if last == "LSQB":
            return "empty-array" if following == "RSQB" else "item"
        if last == "COMMA":
            return "array-end" if following == "RSQB" else "item"
        return "comma"

    def marker(self, token: Token, at: int) -> int:
        """A line of a merge conflict: the whole conflict is one mistake."""
        sign = token.value[0]
        if sign in "=|" and self.conflict >= 0:
            self.end_of_side()
        elif sign == "<" and self.conflict < 0:
            self.conflict = token.start
            self.depth_before = len(self.frames)
            self.builder.conflicts.append((token.start, len(self.text)))
        elif sign == ">" or self.conflict < 0:
            start = self.conflict if self.conflict >= 0 else token.start
            if self.conflict >= 0:
                self.builder.conflicts[-1] = (start, token.end)
            else:
                self.builder.conflicts.append((start, token.end))
            self.note("merge-conflict", start, token.end)
            self.conflict = -1
        return at + 1

    def end_of_side(self) -> None:
        """What one side of a conflict opened is closed before the other side begins: both end in the same brackets."""
        while self.frames and len(self.frames) > self.depth_before:
            end = self.last.end if self.last is not None else 0
            self.complete_member(end)
            self.feed(Token(OPENERS[self.frames[-1].type], end, end))
            self.last = Token("RBRACE", end, end)

    def complete_member(self, end: int) -> None:
        """A key or a colon at the end of an object gets the value that it lacks."""
        if self.waits_for_colon():
            self.feed(Token("COLON", end, end), Token("MISSING", end, end))
        elif self.last is not None and self.last.type == "COLON" and self.frames[-1].type == "LBRACE":
            self.feed(Token("MISSING", end, end))

    def junk(self, token: Token, at: int) -> int:
        """Characters that belong to nothing are left out, with the bare words that follow on their line."""
        if set(self.text[token.start : token.end]) == {")"} and self.parentheses:
            self.parentheses -= 1
            return at + 1
        self.parentheses += self.text.count("(", token.start, token.end)
        end, stop = token.end, at + 1
        while stop < len(self.tokens) and self.tokens[stop].type in ("WORD", "JUNK"):
            word = self.tokens[stop]
            after = self.tokens[stop + 1].type if stop + 1 < len(self.tokens) else "$END"
            if after == "COLON" or "\n" in self.text[end : word.start] or word.start - end > 80:
                break
            end, stop = word.end, stop + 1
        self.note("stray-text", token.start, end, self.text[token.start : end][:40])
        return stop

    # -- around the root ---------------------------------------------------------------------------------------------

    def before_root(self, token: Token, at: int) -> int:
        """Something that no value begins with, before there is any."""
        stop = at
        while stop < len(self.tokens) and self.tokens[stop].type in ("COMMA", "COLON", "RBRACE", "RSQB"):
            stop += 1
        end = self.tokens[stop - 1].end
        self.note("stray-text", token.start, end, self.text[token.start : end][:40])
        return stop

    def after_root(self, token: Token, at: int) -> int:
        root_end = self.last.end if self.last is not None else 0
        if self.last is not None and self.last.type in KEYS and token.type == "COLON" and len(self.values) == 1:
            # A member with no brace around it: the braces were forgotten.
            key = self.last
            self.stack, self.values = [table().start], []
            self.note("missing-braces", key.start, key.end)
            self.feed(Token("LBRACE", key.start, key.start), key)
            return at
        self.end_of_root = token.start
        self.note("text-after-end", token.start, max(self.tokens[-1].end, root_end), self.text[token.start :][:40])
        return len(self.tokens)

    # -- colons, values, keys ----------------------------------------------------------------------------------------

    def missing_value(self, offset: int, name: str) -> None:
        self.note("missing-value", offset, offset, name)
        self.feed(Token("MISSING", offset, offset))

    def without_colon(self, token: Token, at: int) -> int:
        """A key with no colon: the value follows, or there is none."""
        key = self.last
        assert key is not None  # noqa: S101 - a key was shifted
        name = self.text[key.start : key.end][:60]
        following = self.tokens[at + 1].type if at + 1 < len(self.tokens) else "$END"
        begins_value = token.type in KEYS or token.type in OPENERS
        if not begins_value and self.surplus(-1) and self.only_items_follow(at) and self.back_into_array(None):
            return at
        self.feed(Token("COLON", key.end, key.end))
        if begins_value and not (token.type in KEYS and following == "COLON"):
            self.note("missing-colon", key.end, key.end, name)
            self.last = Token("COLON", key.end, key.end)
            return at
        self.missing_value(key.end, name)
        self.last = Token("MISSING", key.end, key.end)
        if begins_value:
            self.feed(Token("COMMA", key.end, key.end))
        return at

    def without_value(self, at: int) -> int:
        """A colon with no value behind it."""
        colon = self.last
        assert colon is not None  # noqa: S101 - the last token was a colon
        self.missing_value(colon.end, "")
        self.last = Token("MISSING", colon.end, colon.end)
        return at

    def colon(self, token: Token, at: int) -> int:
        """A colon where none belongs."""
        last = self.last.type if self.last is not None else ""
        frame = self.frames[-1]
        if frame.type == "LSQB":
            if last in ("LSQB", "COMMA"):
                self.note("stray-text", token.start, token.end, ":")
                return at + 1
            if last == "STRING" and self.surplus(-1) and self.without_opener():
                return at
            if last == "STRING" and self.surplus(1) and self.without_closer():
                return at
            if self.colons_in != frame.place:
                self.colons_in = frame.place
                self.note("colon-in-array", token.start, token.end)
            self.feed(Token("COMMA", token.start, token.start))
            self.last = Token("COMMA", token.start, token.start)
            return at + 1
        if last in ("LBRACE", "COMMA"):
            return self.without_key(token, at)
        if last == "COLON":
            self.note("doubled-colon", token.start, token.end)
            return at + 1
        # "key": "value": more. What stands behind the second colon belongs to nothing.
        if self.surplus(-1) and self.without_opener():
            return at
        stop = self.end_of_value(at + 1)
        self.note("stray-text", token.start, self.tokens[stop - 1].end, self.text[token.start : token.end + 20][:40])
        return stop

    def end_of_value(self, at: int) -> int:
        """The index after the value that begins at a token (the same index, if none does)."""
        depth = 0
        while at < len(self.tokens):
            kind = self.tokens[at].type
            if kind in OPENERS:
                depth += 1
            elif kind in CLOSERS:
                if depth == 0:
                    return at
                depth -= 1
            elif depth == 0 and kind in ("COMMA", "COLON"):
                return at
            at += 1
            if depth == 0:
                return at
        return at

    def without_key(self, token: Token, at: int) -> int:
        """A value, or a colon, where a key belongs."""
        last = self.last
        if token.type == "LBRACE" and last is not None and last.type == "LBRACE":
            self.note("stray-bracket", token.start, token.end, "{")
            return at + 1
        if token.type in OPENERS and self.surplus(-1) and self.back_into_array(token):
            return at
        if token.type in OPENERS and self.surplus(1) and self.object_without_closer():
            return at
        self.note("missing-key", token.start, token.end)
        if last is not None and last.type not in ("LBRACE", "COMMA"):
            self.feed(Token("COMMA", token.start, token.start))
        self.feed(Token("STRING", token.start, token.start, ""))
        self.feed(Token("COLON", token.start, token.start))
        self.last = Token("COLON", token.start, token.start)
        return at + 1 if token.type == "COLON" else at

    def stray(self, token: Token, at: int) -> int:
        self.note("stray-text", token.start, token.end, self.text[token.start : token.end][:40])
        return at + 1

    # -- brackets ----------------------------------------------------------------------------------------------------

    def partner(self, at: int) -> int | None:
        if self._partners is None:
            self._partners = partners(self.tokens)
        return self._partners[0][at]

    def closer(self, token: Token, at: int) -> int:
        """A closing bracket that does not fit what is open, or comes before the value of a member."""
        frame = self.frames[-1]
        if self.last is not None and self.last.type == "COLON" and frame.type == "LBRACE":
            self.missing_value(self.last.end, "")
            self.last = Token("MISSING", self.last.end, self.last.end)
            return at
        partner = self.partner(at)
        wanted = OPENERS[frame.type]
        if partner == frame.place and frame.place >= 0:
            self.note("wrong-bracket", token.start, token.end, SIGNS[wanted])
            self.feed(Token(wanted, token.start, token.end))
            self.last = token
            return at + 1
        if partner is None or not any(outer.place == partner for outer in reversed(self.frames)):
            self.note("stray-bracket", token.start, token.end, SIGNS[token.type])
            return at + 1
        self.note("unclosed-bracket", frame.token.start, frame.token.end, SIGNS[wanted])
        end = self.last.end if self.last is not None else token.start
        self.feed(Token(wanted, end, end))
        self.last = Token(wanted, end, end)
        return at

    def close(self) -> Node | None:
        """The end of the text: what is still open is closed, as one mistake."""
        end = self.last.end if self.last is not None else 0
        if self.conflict >= 0:
            self.note("merge-conflict", self.conflict, self.conflict + 7)
        if self.frames:
            self.complete_member(end)
            self.unclosed()
            end = max(end, self.tokens[-1].end)
        while self.frames and self.feed(Token(OPENERS[self.frames[-1].type], end, end)):
            pass
        root = self.finish()
        if root is None and not any(note.kind == "stray-text" for note in self.notes):
            self.note("empty", 0, 0)
        return root

    def unclosed(self) -> None:
        real = [frame for frame in self.frames if frame.place >= 0]
        if not real:
            return
        cut = self.notes and self.notes[-1].kind == "unfinished-comment"
        if cut or any(note.kind == "unfinished-comment" and note.span.end == len(self.text) for note in self.notes):
            return
        last = self.last
        if last is not None and last.type == "STRING" and last.end == len(self.text):
            # The text ends inside of a string: one mistake, not two.
            for index in range(len(self.notes) - 1, -1, -1):
                note = self.notes[index]
                if note.kind == "unfinished-string" and note.span.start == last.start:
                    del self.notes[index]
        frame = real[-1]
        detail = "".join(SIGNS[OPENERS[open_.type]] for open_ in reversed(real[-20:]))
        self.note("unclosed-bracket", frame.token.start, frame.token.end, detail, "end")
