"""Where the cursor stands in JSON, by the tokens before it: that holds in half-typed text too, where a tree does not."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from policy.text import Span
from policy.text.lexer import Token, scan

Path = tuple[str | int, ...]

_OPEN = {"LBRACE": "object", "LSQB": "array"}
_CLOSE = frozenset({"RBRACE", "RSQB"})
_NOTHING = frozenset({"COMMENT", "MARKER", "JUNK"})


class Cursor(NamedTuple):
    """A place in JSON.

    ``place`` is ``key``, ``value`` or empty (a comment, behind the end).
    ``path`` leads to the value at the cursor, or to the object whose key it is.
    ``span`` is the token that the cursor touches, empty between tokens; ``value`` what it holds, quotes not included.
    ``quoted`` says whether the token is a string.
    ``keys`` are the keys of the object before the cursor.
    """

    place: str
    path: Path
    span: Span
    value: str = ""
    quoted: bool = False
    keys: frozenset[str] = frozenset()


class _Frame:
    __slots__ = ("at", "key", "keys", "kind", "state")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.state = "key" if kind == "object" else "value"
        self.key = ""
        self.keys: set[str] = set()
        self.at = 0

    @property
    def step(self) -> str | int:
        return self.key if self.kind == "object" else self.at


def cursor_in(text: str, offset: int) -> Cursor:
    """The place of ``offset`` in ``text``."""
    frames: list[_Frame] = []
    for token in _tokens(text):
        kind, start, end = token[:3]
        if kind in _NOTHING:
            if start < offset < end or (offset == end and kind == "COMMENT" and not text.endswith("*/", start, end)):
                return Cursor("", (), Span(offset, offset))
            continue
        scalar = kind not in _OPEN and kind not in _CLOSE and kind not in ("COMMA", "COLON")
        if start >= offset and not (scalar and start == offset):
            break
        if scalar and offset <= end:
            return _at_token(frames, text, Span(start, end), token.value)
        _step(frames, kind, str(token.value))
        if start >= offset:
            break
    return _between(frames, offset)


@lru_cache(maxsize=8)
def _tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, of which more than one thing is asked between two key presses."""
    return tuple(scan(text)[0])


def _step(frames: list[_Frame], kind: str, value: str) -> None:
    top = frames[-1] if frames else None
    if kind in _OPEN:
        frames.append(_Frame(_OPEN[kind]))
    elif kind in _CLOSE:
        if frames:
            frames.pop()
        if frames:
            frames[-1].state = "after"
    elif top is None:
        return
    elif kind == "COMMA":
        if top.kind == "object":
            top.state = "key"
        else:
            top.at += 1
    elif kind == "COLON":
        top.state = "value"
    elif top.kind == "object" and top.state in ("key", "after", "colon"):
        # A key after a value or after a key: somebody forgot the comma, or has not typed the value yet.
        top.key, top.state = value, "colon"
        top.keys.add(value)
    else:
        top.state = "after"


def _at_token(frames: list[_Frame], text: str, span: Span, value: object) -> Cursor:
    quoted = text[span.start] in "\"'"
    word = str(value) if isinstance(value, str) and quoted else text[span.start : span.end]
    place = _place(frames)
    return Cursor(place, _path(frames, place), span, word, quoted, _keys(frames))


def _between(frames: list[_Frame], offset: int) -> Cursor:
    place = _place(frames)
    return Cursor(place, _path(frames, place), Span(offset, offset), keys=_keys(frames))


def _place(frames: list[_Frame]) -> str:
    if not frames:
        return ""
    top = frames[-1]
    return "key" if top.kind == "object" and top.state != "value" else "value"


def _path(frames: list[_Frame], place: str) -> Path:
    inner = frames[:-1] if place == "key" else frames
    return tuple(frame.step for frame in inner)


def _keys(frames: list[_Frame]) -> frozenset[str]:
    return frozenset(frames[-1].keys) if frames else frozenset()
