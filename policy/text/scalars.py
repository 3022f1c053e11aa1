"""What a scalar's characters say: escapes of a string, numbers in all their spellings, bare words."""

from __future__ import annotations

import re

from policy.regex import regex
from policy.text.document import Leniency, Span

_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SPECIAL = regex(r"[\\\x00-\x1f]")
_FOUR_HEX = regex(r"[0-9a-fA-F]{4}")

_STRICT_NUMBER = regex(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LOOSE_NUMBER = regex(r"([-+]?)([0-9]*)(\.?)([0-9]*)(?:[eE]([+-]?)([0-9]*))?")
_HEXADECIMAL = regex(r"[-+]?0[xX][0-9a-fA-F]+")
_SPECIAL_NUMBERS = {
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}
_OTHER_WORDS: dict[str, tuple[str, bool | None]] = {
    "true": ("TRUE", True),
    "yes": ("TRUE", True),
    "on": ("TRUE", True),
    "false": ("FALSE", False),
    "no": ("FALSE", False),
    "off": ("FALSE", False),
    "null": ("NULL", None),
    "none": ("NULL", None),
    "nil": ("NULL", None),
    "undefined": ("NULL", None),
}
_CONTROL_NAMES = {"\n": "line end", "\r": "line end", "\t": "tab"}

#: Python's own readers refuse longer integers; so do we, since reading them takes quadratic time.
LONGEST_INTEGER = 4300


def unescape(text: str, start: int, end: int) -> tuple[str, list[Leniency]]:
    """The characters that a string stands for, and what in it is not strict JSON: each kind once, at its first place.

    An escape that means nothing keeps its backslash; half of a surrogate pair becomes U+FFFD.
    """
    at = start
    parts: list[str] = []
    notes: dict[str, Leniency] = {}

    def note(kind: str, first: int, last: int, detail: str) -> None:
        if kind not in notes:
            notes[kind] = Leniency(kind, Span(first, last), detail)

    while (found := _SPECIAL.search(text, at, end)) is not None:
        place = found.start()
        parts.append(text[at:place])
        sign = found[0]
        if sign != "\\":
            note("control-character", place, place + 1, _CONTROL_NAMES.get(sign, f"U+{ord(sign):04X}"))
            parts.append(sign)
            at = place + 1
            continue
        escape = text[place + 1 : min(place + 2, end)]
        if escape in _ESCAPES:
            parts.append(_ESCAPES[escape])
            at = place + 2
            continue
        code = _hexadecimal(text, place + 2, end) if escape == "u" else None
        if code is None:
            note("bad-escape", place, min(place + 2, end), text[place : min(place + 2, end)])
            parts.append(text[place : min(place + 2, end)])
            at = min(place + 2, end)
            continue
        at = place + 6
        if 0xD800 <= code < 0xDC00:
            low = _hexadecimal(text, at + 2, end) if text.startswith("\\u", at) else None
            if low is not None and 0xDC00 <= low < 0xE000:
                parts.append(chr(0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF)))
                at += 6
                continue
            if low is not None:
                note("odd-surrogates", place, at + 6, text[place : at + 6])
            else:
                note("lone-surrogate", place, at, text[place:at])
            parts.append("\ufffd")
        elif 0xDC00 <= code < 0xE000:
            note("odd-surrogates", place, at, text[place:at])
            parts.append("\ufffd")
        else:
            parts.append(chr(code))
    parts.append(text[at:end])
    return "".join(parts), list(notes.values())


def _hexadecimal(text: str, start: int, end: int) -> int | None:
    if start + 4 > end:
        return None
    found = _FOUR_HEX.match(text, start, end)
    return int(found[0], 16) if found else None


def classify(atom: str) -> tuple[str, str | int | float | bool | None, str]:
    """Terminal, value and leniency (or "") of a run of characters without quotes."""
    first = atom[0]
    if first in "0123456789+-.":
        number = _number(atom)
        if number is not None:
            return ("NUMBER", *number)
    if atom in _SPECIAL_NUMBERS:
        return "NUMBER", _SPECIAL_NUMBERS[atom], "special-number"
    if atom in ("true", "false", "null"):
        return (*_OTHER_WORDS[atom], "")
    if not any(character.isalnum() or character in "_$*" for character in atom):
        return "JUNK", None, ""
    if atom.lower() in _OTHER_WORDS:
        return "WORD", atom, "other-word"
    return "WORD", atom, "bare-word"


def meaning_of_word(atom: str) -> tuple[str, bool | None] | None:
    """What True, None, yes and their like mean, as node kind and value; None for other words."""
    if atom.lower() not in _OTHER_WORDS:
        return None
    kind, value = _OTHER_WORDS[atom.lower()]
    return ("null" if kind == "NULL" else "boolean"), value


def _number(atom: str) -> tuple[int | float, str] | None:
    strict = _STRICT_NUMBER.fullmatch(atom)
    if strict is not None and strict[1] is None and strict[2] is None:
        return _integer(atom)
    if strict is not None:
        value = float(atom)
        return value, "number-overflow" if value in (float("inf"), float("-inf")) else ""
    if _HEXADECIMAL.fullmatch(atom):
        return (int(atom, 16) if len(atom) < 400 else float("inf")), "hexadecimal"
    loose = _LOOSE_NUMBER.fullmatch(atom)
    return _loose(atom, loose) if loose is not None else None


def _integer(atom: str) -> tuple[int | float, str]:
    if len(atom) <= 308:
        return int(atom), ""
    if len(atom) - atom.startswith("-") > LONGEST_INTEGER:
        return float(atom), "number-too-long"
    value = float(atom)
    return int(atom), "number-overflow" if value in (float("inf"), float("-inf")) else ""


def _loose(atom: str, parts: re.Match[str]) -> tuple[int | float, str] | None:
    """A number as jsoncpp would take it, or as nobody would."""
    sign, whole, point, fraction, _, exponent = parts.groups()
    if not whole and not fraction:
        if atom == "-":
            return 0, "lone-minus"
        return None
    if exponent == "":
        return float(atom.rstrip("+-eE")), "empty-exponent"
    kind = "plus-sign" if sign == "+" else "leading-zeros"
    if not whole:
        kind = "sign-then-point" if sign else "leading-point"
    elif point and not fraction:
        kind = "trailing-point"
    value: int | float = float(atom)
    if value in (float("inf"), float("-inf")):
        return None
    if not point and exponent is None and sign != "+" and len(atom) <= 308:
        value = int(atom)
    return value, kind
