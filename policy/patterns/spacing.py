r"""Free spacing: what ``(?x)`` makes of blanks and of comments behind a hash.

Before the grammar reads a pattern that switches free spacing on, blanks become ``(?#)`` and comments ``\Q\E``, which
stand for nothing wherever a piece may stand.
Blanks right behind a repetition go altogether, since Boost looks past them for a second sign.
"""

from __future__ import annotations

import re

_SWITCH = re.compile(r"\(\?[imsx]*x")
_BLANKS = re.compile("[\t-\r ]+")
_HASH = re.compile("#[^\n\r\f]*(?:[\n\r\f]|\\Z)")
_REPETITION = re.compile(
    r"[*+?]|\{[\t-\r ]*[+-]?[0-9]+[\t-\r ]*(?:,[\t-\r ]*(?:[+-]?[0-9]+)?[\t-\r ]*)?\}",
)
_FLAGS = re.compile(r"\(\?([imsx]*)(?:-([imsx]*))?([:)])")
_WHOLE = re.compile(
    r"\(\?#[^)]*\)?"
    r"|\\Q(?:[^\\]|\\(?!E)(?=.))*(?:\\E|\Z)"
    r"|\\(?:[xNpPgk]\{[^}]*\}|[gk]<[^>]*>|[gk]'[^']*'|[gk]-?[\t-\r ]*[+-]?[0-9]+|x[\t-\r +][0-9A-Fa-f]|c.|.)"
    r"|\[\^?\]?(?:\[([:=.]).[^:=.]*\1\]|\\.|[^\]\\])*\]"
    r"|\(\?(?:[+-][\t-\r ]*\+?[0-9]+|<(?![=!])[^>]*>|'[^']*'|&[^)]*|P>[^)]*|\((?!\?)[^)]*\)|(?=\(\?)|<?[=!]|[>|+0-9R-])"
    r"|\(\*",
    re.DOTALL,
)


def free(text: str) -> tuple[str, list[int], set[int]] | None:
    """The pattern without free spacing; None if it has none.

    Beside the text: where each of its characters came from, and which of its comments were blanks.
    """
    if _SWITCH.search(text) is None:
        return None
    out: list[str] = []
    origins: list[int] = []
    blanks_at: set[int] = set()
    scopes = [False]

    def copy(start: int, end: int) -> int:
        out.append(text[start:end])
        origins.extend(range(start, end))
        return end

    def nothing(start: int, end: int, filler: str) -> int:
        out.append(filler)
        origins.extend([start] * len(filler))
        return end

    position, length = 0, len(text)
    while position < length:
        extended = scopes[-1]
        flags = _FLAGS.match(text, position)
        if flags is not None:
            on, off, closing = flags.groups()
            now = ("x" in on or extended) and "x" not in (off or "")
            if closing == ":":
                scopes.append(now)
            else:
                scopes[-1] = now
            position = copy(position, flags.end())
            continue
        whole = _WHOLE.match(text, position)
        if whole is not None:
            found = whole.group()
            if found.startswith("(") and not found.startswith("(?#") and found[1:2] != "*":
                scopes.append(extended)
            position = copy(position, whole.end())
            continue
        repetition = _REPETITION.match(text, position)
        if repetition is not None:
            position = copy(position, repetition.end())
            if extended:
                blanks = _BLANKS.match(text, position)
                if blanks is not None:
                    position = blanks.end()
                if text.startswith("?", position):
                    position = copy(position, position + 1)
                if text.startswith("+", position):
                    position = copy(position, position + 1)
                elif text.startswith("?", position):
                    # A second mark after the lazy one repeats anew: it must not join what stands before.
                    nothing(position, position, "\\Q\\E")
            continue
        if extended:
            skipped = _BLANKS.match(text, position)
            if skipped is not None:
                blanks_at.add(len(origins))
                position = nothing(position, skipped.end(), "(?#)")
                continue
            skipped = _HASH.match(text, position)
            if skipped is not None:
                # Unlike a comment in parentheses, this one ends Boost's look past a possessive repetition.
                position = nothing(position, skipped.end(), "\\Q\\E")
                continue
        character = text[position]
        if character == "(":
            scopes.append(extended)
        elif character == ")" and len(scopes) > 1:
            scopes.pop()
        position = copy(position, position + 1)
    origins.append(length)
    return "".join(out), origins, blanks_at
