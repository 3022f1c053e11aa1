r"""What jsoncpp reads, token by token, where a text is more than JSON with comments.

The tables of :mod:`policy.text.readers` say what a leniency costs; this module says what the reader really does with a
text that has some, and which values it ends up with.
Behaviour of ``Json::CharReaderBuilder`` with its defaults and comments collected, of jsoncpp 1.9.4 to 1.9.6:

- one comma may trail; in an array no comment may stand between it and the bracket, nor alone in the array;
- a comment may not stand between a key and its colon;
- once a comment stands after the value of a member, the one token that follows is taken for the comma, whatever it is;
- what follows the root is not looked at;
- numbers are read by length, not by grammar: ``+5``, ``007``, ``1.`` and ``-`` are numbers;
- the first half of a surrogate pair needs some ``\u`` escape behind it, the second half may stand alone.
"""

from __future__ import annotations

import re
from typing import Any

from policy.records import dataclass
from policy.regex import regex

#: jsoncpp throws where values nest deeper (``stackLimit``).
DEEPEST = 1000

_BLANKS = regex(r"[ \t\r\n]*")
_STRING = regex(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NUMBER = regex(r"[-+]?[0-9]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]*)?")
_FLOAT = regex(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LINE = regex(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ESCAPE = regex(r"\\(u[0-9a-fA-F]{4}|[^u])", re.DOTALL)
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


class Refused(Exception):
    """The reader stops at an offset."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Flavour:
    """What differs between versions: trailing commas and the mark since 1.9.3, infinity for ``1e999`` since 1.9.6."""

    trailing_commas: bool = True
    overflow: bool = False


def read(text: str, flavour: Flavour) -> Any:
    """The value that jsoncpp reads from a text without byte order mark; raises Refused."""
    return _Reader(text, flavour).read()


class _Reader:
    def __init__(self, text: str, flavour: Flavour) -> None:
        self.text = text
        self.flavour = flavour
        self.at = 0
        self.start = 0

    def token(self) -> str:
        """The next token as one character.

        A sign, ``"``, ``0`` for a number, ``/`` for a comment, a word's first letter, ``$`` for the end (or a zero
        character), ``?`` for what is none.
        """
        text = self.text
        blanks = _BLANKS.match(text, self.at)
        self.start = start = blanks.end() if blanks else self.at
        if start >= len(text):
            self.at = start
            return "$"
        sign = text[start]
        self.at = start + 1
        if sign in "{}[],:":
            return sign
        if sign == '"':
            found = _STRING.match(text, start)
            self.at = found.end() if found else len(text)
            return '"' if found else "?"
        if sign in "0123456789+-":
            return self._number(start, sign)
        if sign == "/":
            return self._comment(start)
        if sign in _WORDS and text.startswith(_WORDS[sign][0], start):
            self.at = start + len(_WORDS[sign][0])
            return sign
        return "$" if sign == "\0" else "?"

    def _number(self, start: int, sign: str) -> str:
        if sign in "+-" and self.text.startswith("I", start + 1):
            self.at = start + 2
            return "?"
        found = _NUMBER.match(self.text, start)
        self.at = found.end() if found else start + 1
        return "0"

    def _comment(self, start: int) -> str:
        following = self.text[start + 1 : start + 2]
        if following == "/":
            line = _LINE.match(self.text, start)
            self.at = line.end() if line else len(self.text)
            return "/"
        self.at = min(start + 2, len(self.text))
        if following != "*":
            return "?"
        close = self.text.find("*/", start + 2)
        self.at = close + 2 if close >= 0 else len(self.text)
        return "/" if close >= 0 else "?"

    def _after_comments(self) -> str:
        while (kind := self.token()) == "/":
            pass
        return kind

    def read(self) -> Any:
        """Values are read without recursion: ``open_`` holds the containers around the value that comes next."""
        open_: list[Any] = []
        keys: list[str] = []
        kind = self._after_comments()
        while True:
            if len(open_) >= DEEPEST:
                raise Refused(self.start)
            if kind in "{[":
                value: Any = {} if kind == "{" else []
                open_.append(value)
                keys.append("")
                if self._begins(value, keys):
                    kind = self._after_comments()
                    continue
                open_.pop()
                keys.pop()
            else:
                value = self._scalar(kind)
            while open_:
                outer = open_[-1]
                if isinstance(outer, dict):
                    outer[keys[-1]] = value
                    more = self._after_member() and self._key(keys)
                else:
                    outer.append(value)
                    more = self._after_item()
                if more:
                    break
                value = open_.pop()
                keys.pop()
            if not open_:
                return value
            kind = self._after_comments()

    def _begins(self, value: Any, keys: list[str]) -> bool:
        """Whether a container has a first value; its key is read, its closing bracket too."""
        if isinstance(value, dict):
            return self._key(keys, first=True)
        return not self._closes_array()

    def _closes_array(self) -> bool:
        blanks = _BLANKS.match(self.text, self.at)
        at = blanks.end() if blanks else self.at
        if self.text.startswith("]", at):
            self.at = at + 1
            return True
        return False

    def _key(self, keys: list[str], *, first: bool = False) -> bool:
        kind = self._after_comments()
        if kind == "}" and (first or self.flavour.trailing_commas or not keys[-1]):
            return False
        if kind != '"':
            raise Refused(self.start)
        keys[-1] = self._string()
        if self.token() != ":":
            raise Refused(self.start)
        return True

    def _after_member(self) -> bool:
        kind = self.token()
        if kind == "/":
            # Any one token passes for the comma here.
            kind = self._after_comments()
            if kind == "?" and self.text[self.start] > "\x7f":
                raise Refused(self.start)  # jsoncpp goes by bytes: the second one of the character stops it
            return kind != "}"
        if kind not in ",}":
            raise Refused(self.start)
        return kind == ","

    def _after_item(self) -> bool:
        kind = self._after_comments()
        if kind not in ",]":
            raise Refused(self.start)
        return kind == "," and not (self.flavour.trailing_commas and self._closes_array())

    def _scalar(self, kind: str) -> Any:
        if kind == '"':
            return self._string()
        if kind == "0":
            value = number(self.text[self.start : self.at], self.flavour)
            if value is None:
                raise Refused(self.start)
            return value
        if kind in _WORDS:
            return _WORDS[kind][1]
        raise Refused(self.start)

    def _string(self) -> str:
        inside = self.text[self.start + 1 : self.at - 1]
        if "\\" not in inside:
            return inside
        value = string(inside)
        if value is None:
            raise Refused(self.start)
        return value


def number(written: str, flavour: Flavour) -> int | float | None:
    """The number that jsoncpp makes of its characters; None where it makes none."""
    digits = written.removeprefix("-")
    if not digits:
        return 0
    if digits.isdecimal() and len(digits.lstrip("0")) <= 20:
        value = int(written)
        if -(2**63) <= value < 2**64:
            return value
    if _FLOAT.fullmatch(written) is None:
        return None
    real = float(written)
    if real in (float("inf"), float("-inf")) and not flavour.overflow:
        return None
    return real


def string(inside: str) -> str | None:
    """The text of a string's characters; None where an escape is none.

    The second half of a surrogate pair on its own, which jsoncpp keeps as bytes that are no UTF-8, becomes U+FFFD.
    """
    parts: list[str] = []
    at = 0
    while (place := inside.find("\\", at)) >= 0:
        parts.append(inside[at:place])
        found = _ESCAPE.match(inside, place)
        if found is None:
            return None
        at = found.end()
        if len(found[1]) == 1:
            if found[1] not in _ESCAPES:
                return None
            parts.append(_ESCAPES[found[1]])
            continue
        code = int(found[1][1:], 16)
        if 0xD800 <= code < 0xDC00:
            second = _ESCAPE.match(inside, at)
            if second is None or len(second[1]) == 1:
                return None
            at = second.end()
            code = 0x10000 + ((code & 0x3FF) << 10) + (int(second[1][1:], 16) & 0x3FF)
        parts.append("\ufffd" if 0xDC00 <= code < 0xE000 else chr(code))
    parts.append(inside[at:])
    return "".join(parts)
