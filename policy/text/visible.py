"""Text from files made safe to print: nothing in it can move a cursor, hide, or turn the line around."""

from __future__ import annotations

import re
import unicodedata

_PLACEHOLDER = "\ufffd"
_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "\u2421"


def visible(text: str) -> str:
    r"""``text`` with one printable character for each character: controls as their pictures, the rest as U+FFFD.

    What is replaced are controls (line ends and tabs too), format characters (those that turn the direction of text or
    have no width), surrogates and Unicode's line separators.

    >>> visible("red\x1b[31m")
    'red␛[31m'
    """
    return text if text.isprintable() else "".join(map(_stand_in, text))


def _stand_in(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) in ("Zs", "Cn", "Co"):
        return character
    if character < " ":
        return chr(_CONTROL_PICTURES + ord(character))
    return _DELETE_PICTURE if character == "\x7f" else _PLACEHOLDER


_UNSAFE = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def escaped_json(text: str) -> str:
    r"""JSON text in which every character that a terminal or an editor could act upon is a ``\u`` escape.

    Such characters stand within strings only, so that the value stays the same.
    Lone surrogates, which no strict reader takes, become U+FFFD.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
