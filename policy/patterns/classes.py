"""Sets of bytes, and the names that Boost knows for them.

A set is an integer with one bit for each of the 256 bytes.
The classes are those of the C locale: no byte from 128 on belongs to any of them.
Source: Boost.Regex 1.74 with ``cpp_regex_traits<char>`` and the classic locale.
"""

from __future__ import annotations

from collections.abc import Iterable

ALL = (1 << 256) - 1


def of(characters: Iterable[int]) -> int:
    """The set of these bytes.

    >>> of(b"ab") == (1 << 97) | (1 << 98)
    True
    """
    mask = 0
    for byte in characters:
        mask |= 1 << byte
    return mask


def members(mask: int) -> list[int]:
    """The bytes of a set, in order.

    >>> bytes(members(of(b"ba")))
    b'ab'
    """
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out


def span(first: int, last: int) -> int:
    """The bytes from the first to the last, both included."""
    return (1 << (last + 1)) - (1 << first)


UPPER = span(65, 90)
LOWER = span(97, 122)
ALPHA = UPPER | LOWER
DIGIT = span(48, 57)
ALNUM = ALPHA | DIGIT
WORD = ALNUM | of(b"_")
SPACE = of(b"\t\n\v\f\r ")
VERTICAL = of(b"\n\v\f\r")
HORIZONTAL = SPACE & ~VERTICAL
#: What ends a line, in Boost's view of single bytes.
SEPARATOR = of(b"\n\r\f")
BLANK = SPACE & ~SEPARATOR
GRAPH = span(33, 126)
PUNCT = GRAPH & ~ALNUM

_NAMED = {
    "alnum": ALNUM,
    "alpha": ALPHA,
    "blank": BLANK,
    "cntrl": span(0, 31) | of([127]),
    "d": DIGIT,
    "digit": DIGIT,
    "graph": GRAPH,
    "h": HORIZONTAL,
    "l": LOWER,
    "lower": LOWER,
    "print": span(32, 126),
    "punct": PUNCT,
    "s": SPACE,
    "space": SPACE,
    "u": UPPER,
    "unicode": 0,
    "upper": UPPER,
    "v": VERTICAL,
    "w": WORD,
    "word": WORD,
    "xdigit": DIGIT | span(65, 70) | span(97, 102),
}


def named(name: str) -> int | None:
    """The class of that name, as it is or in small letters; None if there is none.

    >>> named("ALPHA") == ALPHA, named("bad")
    (True, None)
    """
    found = _NAMED.get(name)
    return _NAMED.get(name.lower()) if found is None else found


def widened(mask: int, *, icase: bool) -> int:
    """A class where case does not count: small or capital letters bring all letters with them."""
    # Only the classes lower and upper hold letters of one case alone.
    return mask | ALPHA if icase and mask in (LOWER, UPPER) else mask


def folded(byte: int) -> int:
    """The byte, in small letters."""
    return byte + 32 if 65 <= byte <= 90 else byte


def caseless(mask: int) -> int:
    """The bytes whose small letter is in the set."""
    return (mask & ~UPPER) | ((mask & LOWER) >> 32)


_CONTROL = (
    "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI DLE DC1 DC2 "
    "DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space"
)
_SIGNS = (
    (
        33,
        (
            "exclamation-mark quotation-mark number-sign dollar-sign percent-sign ampersand apostrophe left-parenthesis "
            "right-parenthesis asterisk plus-sign comma hyphen period slash zero one two three four five six seven eight "
            "nine colon semicolon less-than-sign equals-sign greater-than-sign question-mark commercial-at"
        ),
    ),
    (91, "left-square-bracket backslash right-square-bracket circumflex underscore grave-accent"),
    (123, "left-curly-bracket vertical-line right-curly-bracket tilde DEL"),
)
_PAIRS = "ae Ae AE ch Ch CH ll Ll LL ss Ss SS nj Nj NJ dz Dz DZ lj Lj LJ"


def _collating_names() -> dict[str, bytes]:
    names = {name: bytes([byte]) for byte, name in enumerate(_CONTROL.split())}
    for first, block in _SIGNS:
        names.update({name: bytes([first + offset]) for offset, name in enumerate(block.split())})
    names.update({pair: pair.encode() for pair in _PAIRS.split()})
    return names


_COLLATING = _collating_names()


def collating(name: str) -> bytes | None:
    """The one or two bytes that a collating element stands for; None if Boost does not know it.

    >>> collating("hyphen"), collating("a"), collating("ae"), collating("xy")
    (b'-', b'a', b'ae', None)
    """
    found = _COLLATING.get(name)
    if found is not None:
        return found
    return name.encode("latin-1") if len(name) == 1 else None
