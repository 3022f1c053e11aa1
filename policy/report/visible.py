"""How much room text takes on a terminal, and how it is folded; what makes it safe to print is in the room of texts."""

from __future__ import annotations

import unicodedata

from policy.text.visible import escaped_json, visible

__all__ = ["escaped_json", "fold", "visible", "width"]

_NARROW_LIMIT = 0x300
"""Below this every printable character takes one column."""


def width(text: str) -> int:
    r"""How many columns of a terminal ``text`` takes: two for East Asian wide characters, none for combining ones.

    >>> width("患者"), width("a\u0301")
    (4, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if ord(character) < _NARROW_LIMIT:
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def fold(text: str, columns: int | None) -> list[str]:
    """``text`` in lines of at most ``columns`` columns, broken at blanks; a longer word stays whole.

    >>> fold("one two three", 8)
    ['one two', 'three']
    """
    if columns is None or width(text) <= columns:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if line and width(line) + 1 + width(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
