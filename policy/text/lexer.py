"""Characters to tokens: every text becomes tokens, and what strict JSON would not have is noted.

The terminals are those of ``grammar.lark``; beside them stand COMMENT, MARKER (a line of a merge conflict) and JUNK
(characters that belong to nothing).
One regular expression finds the tokens of clean JSON; all else takes the slow ways below.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any

from policy.regex import regex
from policy.text.document import Leniency, Span
from policy.text.scalars import classify, unescape
from policy.tuples import NamedTuple


class Token(NamedTuple):
    """A terminal with its place; ``value`` is what a scalar or a comment holds."""

    type: str
    start: int
    end: int
    value: Any = None


# The groups in order: clean string, punctuation, true/false/null, integer, the rest.
_CLEAN = regex(
    r"[ \t\r\n]*(?:"
    r'"([^"\\\x00-\x1f]*)"(?=[\s,:}\]#=]|/[/*]|\Z)'
    r"|([{}\[\],:])(?!:)"
    r"|(true|false|null)(?![^\s{}\[\],:\"'])"
    r"|(-?(?:0|[1-9][0-9]{0,17}))(?![^\s{}\[\],\"])"
    r")"
)
_BLANKS = regex(r"[ \t\r\n]*")
_PUNCTUATION = {"{": "LBRACE", "}": "RBRACE", "[": "LSQB", "]": "RSQB", ",": "COMMA", ":": "COLON"}
_WORDS: dict[str, tuple[str, bool | None]] = {"true": ("TRUE", True), "false": ("FALSE", False), "null": ("NULL", None)}

_STRING = regex(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SINGLE = regex(r"'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'")
_BACKTICK = regex(r"`[^`\\\r\n]*(?:\\.[^`\\\r\n]*)*`")
_CURLY = regex('[\u201c\u201d\u201e]([^\u201c\u201d\u201e"\r\n]*)[\u201c\u201d"]')
_LINE_END = regex(r"[\r\n]|\Z")
_COMMENT_LINE = regex(r"[^\r\n]*")
_MARKER = regex(r"(?:<{7}|={7}|>{7}|\|{7})(?:[ \t][^\r\n]*)?(?=[\r\n]|\Z)")
_AFTER_STRING = regex(r"[ \t\r\n]*(?:[,:}\]#=]|/[/*]|\Z|<{7}|={7}|>{7})")
_ATOM = regex(r"(?:[^\s{}\[\],:;=\"'`/#()\x00-\x1f\u200b-\u200d\u2060\ufeff\u201c-\u201e]|/(?![/*])|(?<=\S)[#'])+")
_ODD_SPACE = regex(r"(?:(?![ \t\r\n])[\s\u200b-\u200d\u2060\ufeff])+")
_KEY_LIKE = regex(r'"([\w.$-]+(?: [\w.$-]+)*)[ \t]*:')
_BEFORE_QUOTE = regex(r'[^",\r\n]*"[ \t]*(?:[,:}\]\r\n]|\Z)')
_QUOTE = regex(r'\\.|(")', re.DOTALL)
#: How far the closing quote of a string without an opening one is looked for.
_LONGEST_STRAY = 400
_ADJACENT = regex(r"[ \t]+")
_NEXT_LINE_OF_JSON = regex(r"[\r\n]+[ \t]*(?=[\"{}\[\]])")


def scan(text: str) -> tuple[list[Token], list[Leniency]]:
    """The tokens of a text and what was noted on the way; never raises, in linear time."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.notes: list[Leniency] = []
        self._no_block_end = False
        self._line_span = (0, -1)
        self._quotes: tuple[int, int, list[int]] = (0, -1, [])

    def run(self) -> tuple[list[Token], list[Leniency]]:
        text, match, append = self.text, _CLEAN.match, self.tokens.append
        punctuation, words, new = _PUNCTUATION, _WORDS, tuple.__new__
        at, end = 0, len(text)
        while True:
            found = match(text, at)
            if found is None:
                blanks = _BLANKS.match(text, at)
                at = blanks.end() if blanks else at
                if at >= end:
                    return self.tokens, self.notes
                at = self._slow(at)
                continue
            at = found.end()
            which = found.lastindex
            if which == 1:
                append(new(Token, ("STRING", found.start(1) - 1, at, found[1])))
            elif which == 2:
                append(new(Token, (punctuation[found[2]], at - 1, at, None)))
            elif which == 3:
                kind, value = words[found[3]]
                append(new(Token, (kind, found.start(3), at, value)))
            else:
                append(new(Token, ("NUMBER", found.start(4), at, int(found[4]))))

    def _note(self, kind: str, start: int, end: int, detail: str = "") -> None:
        self.notes.append(Leniency(kind, Span(start, end), detail))

    def _add(self, kind: str, start: int, end: int, value: Any = None) -> int:
        self.tokens.append(Token(kind, start, end, value))
        return end

    def _slow(self, at: int) -> int:
        """One token that is not of clean JSON; the offset after it."""
        text = self.text
        first = text[at]
        if first in "<=>|" and (at == 0 or text[at - 1] in "\r\n"):
            marker = _MARKER.match(text, at)
            if marker is not None:
                return self._add("MARKER", at, marker.end(), marker[0])
        if first == '"':
            return self._string(at)
        if first == "/" and text[at + 1 : at + 2] in ("/", "*"):
            return self._block(at) if text[at + 1] == "*" else self._line(at, 2, "line")
        if first == "#":
            return self._line(at, 1, "hash")
        if first == "'":
            return self._quoted(at, _SINGLE, "single-quotes")
        if first == "`":
            return self._quoted(at, _BACKTICK, "backticks")
        if first in "\u201c\u201d\u201e":
            curly = _CURLY.match(text, at)
            if curly is not None:
                self._note("typographic-quotes", at, curly.end())
                return self._add("STRING", at, curly.end(), curly[1])
            return self._junk(at, at + 1)
        if first in ":=":
            return self._colon(at)
        if first == ";":
            self._note("semicolon", at, at + 1)
            return self._add("COMMA", at, at + 1)
        if first in _PUNCTUATION:
            return self._add(_PUNCTUATION[first], at, at + 1)
        odd = _ODD_SPACE.match(text, at)
        if odd is not None:
            self._note("odd-space", at, odd.end(), f"U+{ord(first):04X}")
            return odd.end()
        without = _BEFORE_QUOTE.match(text, at, at + _LONGEST_STRAY) if self._quote_is_missing(at) else None
        if without is not None:
            # A string whose first quote is missing.
            end = text.index('"', at) + 1
            self._note("unfinished-string", at, end, "opening quote")
            return self._add("STRING", at, end, text[at : end - 1])
        atom = _ATOM.match(text, at)
        return self._junk(at, at + 1) if atom is None else self._atom(at, atom.end())

    def _junk(self, start: int, end: int) -> int:
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.type == "JUNK" and last.end == start:
            self.tokens[-1] = last._replace(end=end)
            return end
        return self._add("JUNK", start, end)

    def _colon(self, at: int) -> int:
        text = self.text
        for sign in ("=>", ":=", "::", "==", "=", ":"):
            if text.startswith(sign, at):
                if sign != ":":
                    self._note("equals-sign" if "=" in sign else "doubled-colon", at, at + len(sign), sign)
                return self._add("COLON", at, at + len(sign))
        raise AssertionError(text[at])  # pragma: no cover - the caller saw one of the signs

    def _line(self, at: int, mark: int, kind: str) -> int:
        found = _COMMENT_LINE.match(self.text, at)
        end = found.end() if found else at + mark
        return self._add("COMMENT", at, end, (kind, self.text[at + mark : end]))

    def _block(self, at: int) -> int:
        text = self.text
        close = -1 if self._no_block_end else text.find("*/", at + 2)
        if close >= 0:
            return self._add("COMMENT", at, close + 2, ("block", text[at + 2 : close]))
        # Never closed: what looks like JSON again on a later line is read all the same.
        self._no_block_end = True
        again = _NEXT_LINE_OF_JSON.search(text, at)
        end = again.start() if again else len(text)
        return self._add("COMMENT", at, end, ("unfinished", text[at + 2 : end]))

    def _string(self, at: int) -> int:
        text = self.text
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.type == "STRING" and last.end == at and self._quote_is_missing(at):
            # The quote before this one closed the string already.
            self._note("doubled-quote", at, at + 1)
            self.tokens[-1] = last._replace(end=at + 1)
            return at + 1
        found = _STRING.match(text, at)
        if found is None:
            return self._unfinished(at, self._line_end(at))
        end = found.end()
        if _AFTER_STRING.match(text, end) is None:
            line_end = self._line_end(at)
            if line_end < end:
                return self._unfinished(at, line_end)
            if end - at == 2 and self._quote_is_missing(at):
                return self._doubled_opening(at)
            if not text[end].isspace() and text[end] != '"' and self._quote_is_missing(at):
                return self._unfinished(at, end - 1)
        value, notes = unescape(text, at + 1, end - 1)
        self.notes.extend(notes)
        return self._add("STRING", at, end, value)

    def _doubled_opening(self, at: int) -> int:
        """Two quotes before a string, one of them too much: the string is what follows."""
        found = _STRING.match(self.text, at + 1)
        if found is None or found.end() > self._line_end(at):
            return self._unfinished(at + 1, self._line_end(at))
        self._note("doubled-quote", at, at + 1)
        value, notes = unescape(self.text, at + 2, found.end() - 1)
        self.notes.extend(notes)
        return self._add("STRING", at, found.end(), value)

    def _line_end(self, at: int) -> int:
        start, end = self._line_span
        if not start <= at <= end:
            # Once for a line: a long one is asked for again and again.
            found = _LINE_END.search(self.text, at)
            end = found.start() if found else len(self.text)
            self._line_span = (at, end)
        return end

    def _quote_is_missing(self, at: int) -> bool:
        """Whether the rest of the line, from an offset on, has an odd number of double quotes."""
        start, end, places = self._quotes
        if not start <= at <= end:
            start, end = at, self._line_end(at)
            places = [found.start() for found in _QUOTE.finditer(self.text, start, end) if found[1]]
            self._quotes = (start, end, places)
        return (len(places) - bisect_left(places, at)) % 2 == 1

    def _unfinished(self, at: int, end: int) -> int:
        """A string whose quote is missing ends with its line, before the next string, or as a key before its colon."""
        text = self.text
        last = next((token.type for token in self.tokens[:-9:-1] if token.type != "COMMENT"), "LBRACE")
        key = _KEY_LIKE.match(text, at, end) if last in ("LBRACE", "COMMA") else None
        end = key.end(1) if key is not None else at + 1 + len(text[at + 1 : end].rstrip(" \t\r\n,;]}"))
        value, notes = unescape(text, at + 1, end)
        self._note("unfinished-string", at, end, "closing quote")
        self.notes.extend(note for note in notes if note.kind != "bad-escape")
        return self._add("STRING", at, end, value)

    def _quoted(self, at: int, pattern: re.Pattern[str], kind: str) -> int:
        found = pattern.match(self.text, at)
        if found is None:
            return self._junk(at, at + 1)
        value, _ = unescape(self.text, at + 1, found.end() - 1)
        self._note(kind, at, found.end())
        return self._add("STRING", at, found.end(), value)

    def _atom(self, at: int, end: int) -> int:
        text = self.text
        kind, value, note = classify(text[at:end])
        if kind == "JUNK":
            return self._junk(at, end)
        if kind == "WORD" and note == "bare-word" and self.tokens:
            last = self.tokens[-1]
            between = text[last.end : at]
            if last.type == "WORD" and last.value == note and _ADJACENT.fullmatch(between):
                # Several bare words on one line are one text without quotes.
                self.tokens[-1] = Token("WORD", last.start, end, note)
                return end
        if kind == "WORD":
            return self._add(kind, at, end, note)
        if note:
            self._note(note, at, end, text[at:end][:40])
        return self._add(kind, at, end, value)
