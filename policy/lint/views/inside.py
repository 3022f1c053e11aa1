"""Places inside of a text value: which stretch of the file stands for some characters of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.setting import Setting
    from policy.configuration.source import Location


def inside(setting: Setting, start: int, end: int) -> Location | None:
    """Where the characters ``start`` to ``end`` of a text value are written.

    The whole value where that cannot be told: a value that is not written in double quotes, or holds escapes that the
    reader takes in its own way.  None where no file holds the value.
    """
    whole = setting.origin.location
    if whole is None or not isinstance(setting.value, str):
        return whole
    written = whole.source.document.text[whole.span.start : whole.span.end]
    if len(written) < 2 or written[0] != '"' or written[-1] != '"':
        return whole
    offsets = _offsets(written)
    if len(offsets) != len(setting.value) + 1:
        return whole
    start, end = min(start, len(offsets) - 1), min(max(end, start + 1), len(offsets) - 1)
    first, last = offsets[start], offsets[end]
    if first == last:
        # Behind the last character: the closing quote shows the place.
        last = first + 1
    return whole.source.place(Span(whole.span.start + first, whole.span.start + last))


def _offsets(written: str) -> list[int]:
    """Where each character of the value begins in the text between the quotes, and where the last one ends."""
    found: list[int] = []
    at = 1
    while at < len(written) - 1:
        found.append(at)
        if written[at] != "\\":
            at += 1
        elif written[at + 1 : at + 2] == "u":
            surrogate = written[at + 2 : at + 4].lower() in ("d8", "d9", "da", "db")
            at += 12 if surrogate and written[at + 6 : at + 8] == "\\u" else 6
        else:
            at += 2
    found.append(len(written) - 1)
    return found
