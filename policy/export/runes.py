"""Regular expressions over characters, in the part of RE2's syntax that every engine of its family reads alike.

What is written here means the same to RE2, to the regular expressions of Go and of Rust, and to Python's ``re``, if it
is searched for: the text is anchored at both ends.  None of them counts bytes, and none of them ever gives up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from policy.patterns import classes, expressions

LAST = 0x10FFFF
MOST_REPEATED = 1000
"""RE2 repeats nothing more often, loops within loops multiplied."""
_SURROGATES = (0xD800, 0xDFFF)
_NEVER = "$x"
"""A letter after the end: no text at all."""
_SPECIAL = frozenset("\\.+*?()|[]{}^$")
_SPECIAL_IN_SET = frozenset("\\[]^-&~|")
"""Signs that mean something inside a set in one of the syntaxes; Rust has operations there."""

Ranges = tuple[tuple[int, int], ...]


class Runes(NamedTuple):
    """One character out of ranges, which are in order and apart."""

    ranges: Ranges


class Chain(NamedTuple):
    """One after the other."""

    items: tuple[Node, ...]


class Either(NamedTuple):
    """One of several; none of them: no text at all."""

    items: tuple[Node, ...]


class Loop(NamedTuple):
    """Again and again; ``high`` is None for no limit."""

    item: Node
    low: int
    high: int | None


class Place(NamedTuple):
    r"""A condition on a place: ``kind`` is ``^``, ``$``, ``\b`` or ``\B``."""

    kind: str


Node: TypeAlias = Runes | Chain | Either | Loop | Place

NOT_ASCII: Ranges = ((0x80, _SURROGATES[0] - 1), (_SURROGATES[1] + 1, LAST))
_PLACES = {"^": "buffer-start", "$": "buffer-end", r"\b": "word-boundary", r"\B": "within-word"}


def ascii_ranges(mask: int) -> Ranges:
    """The ASCII characters in a set of bytes."""
    found: list[tuple[int, int]] = []
    for byte in classes.members(mask & classes.span(0, 127)):
        if found and found[-1][1] == byte - 1:
            found[-1] = (found[-1][0], byte)
        else:
            found.append((byte, byte))
    return tuple(found)


# -- as text --


def text(node: Node) -> str:
    """The expression as it is written, for the whole of a path.

    >>> text(Chain((Place("^"), Runes(((47, 47),)), Loop(Runes(((0, 46), (48, 0xD7FF), (0xE000, LAST))), 1, None))))
    '^/[^/]+$'
    """
    items = node.items if isinstance(node, Chain) else (node,)
    while items and items[0] == Place("^"):
        items = items[1:]
    while items and items[-1] == Place("$"):
        items = items[:-1]
    return f"^{_text(Chain(items))}$"


def _text(node: Node) -> str:
    match node:
        case Runes():
            return _set(node.ranges)
        case Place():
            return node.kind
        case Chain():
            return "".join(f"(?:{_text(i)})" if isinstance(i, Either) and i.items else _text(i) for i in node.items)
        case Either():
            return "|".join(map(_text, node.items)) if node.items else _NEVER
        case Loop():
            inner = _text(node.item)
            inner = inner if isinstance(node.item, Runes) and node.item.ranges else f"(?:{inner})"
            return inner + _times(node.low, node.high)


def _times(low: int, high: int | None) -> str:
    known = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}.get((low, high))
    if known is not None:
        return known
    return f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}"


def _set(ranges: Ranges) -> str:
    if not ranges:
        return _NEVER
    negated = ranges[-1][1] == LAST
    shown = _complement(ranges) if negated else ranges
    if not shown:
        return r"[\s\S]"
    if not negated and shown[0][0] == shown[-1][1]:
        return _sign(shown[0][0], _SPECIAL)
    parts = []
    for first, last in shown:
        between = "-" if last > first + 1 else ""
        parts.append(_sign(first) if first == last else f"{_sign(first)}{between}{_sign(last)}")
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def _complement(ranges: Ranges) -> Ranges:
    """What is left, without the surrogates, which are no characters."""
    found = []
    start = 0
    for first, last in (*ranges, (LAST + 1, LAST + 1)):
        if first > start and (start, first - 1) != _SURROGATES:
            found.append((start, first - 1))
        start = last + 1
    return tuple(found)


def _sign(code: int, special: frozenset[str] = _SPECIAL_IN_SET) -> str:
    sign = chr(code)
    return f"\\{sign}" if sign in special else sign


def repeated(node: Node) -> int:
    """How often RE2 has to write something out: the bounds of loops, multiplied where they are nested."""
    match node:
        case Loop():
            return max(node.low, node.high or 0, 1) * repeated(node.item)
        case Chain() | Either():
            return max(map(repeated, node.items), default=1)
        case _:
            return 1


_MOST_STARTS = 8


def starts(node: Node) -> tuple[str, ...]:
    """Texts with one of which every path begins that matches; a cheap test before the expression is searched for.

    >>> starts(Chain((Runes(((47, 47),)), Either((Runes(((97, 97),)), Runes(((98, 98),)))), Loop(Runes(()), 0, None))))
    ('/a', '/b')
    """
    found = sorted(_starts(node, ("",))[0])
    return tuple(one for one in found if not any(one != other and one.startswith(other) for other in found))


def _starts(node: Node, heads: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """``heads`` with what the node adds to each, and whether what comes after the node may be added as well."""
    match node:
        case Runes() if len(node.ranges) == 1 and node.ranges[0][0] == node.ranges[0][1]:
            return tuple(head + chr(node.ranges[0][0]) for head in heads), True
        case Place():
            return heads, True
        case Chain():
            for item in node.items:
                heads, more = _starts(item, heads)
                if not more:
                    return heads, False
            return heads, True
        case Either() if node.items:
            ways = [_starts(item, heads) for item in node.items]
            together = tuple(dict.fromkeys(head for way, _ in ways for head in way))
            if len(together) > _MOST_STARTS:
                return heads, False
            return together, all(more for _, more in ways)
        case Loop() if node.low:
            return _starts(node.item, heads)[0], False
        case _:
            return heads, False


# -- as a language of bytes --


def over_bytes(node: Node) -> expressions.Expression:
    """The same over the bytes of UTF-8, which is how the server reads a path."""
    match node:
        case Runes():
            return expressions.Either(tuple(_bytes(node.ranges)))
        case Place():
            return expressions.PLACES[_PLACES[node.kind]]
        case Chain():
            return expressions.chain([over_bytes(item) for item in node.items])
        case Either():
            return expressions.Either(tuple(map(over_bytes, node.items))) if node.items else expressions.NEVER
        case Loop():
            return expressions.Loop(over_bytes(node.item), node.low, node.high)


def _bytes(ranges: Ranges) -> Iterator[expressions.Expression]:
    mask = 0
    for first, last in ranges:
        for low, high in _same_length(first, last):
            if high < 0x80:
                mask |= classes.span(low, high)
            else:
                for row in _rows(chr(low).encode(), chr(high).encode()):
                    yield expressions.chain([expressions.Byte(classes.span(*pair)) for pair in row])
    if mask:
        yield expressions.Byte(mask)


def _same_length(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The range cut where characters take another number of bytes."""
    for limit in (0x7F, 0x7FF, 0xFFFF, LAST):
        if first <= min(last, limit):
            yield first, min(last, limit)
            first = limit + 1


def _rows(low: bytes, high: bytes) -> Iterator[tuple[tuple[int, int], ...]]:
    """Sequences of ranges of bytes that hold exactly the encodings from ``low`` to ``high``, of equal length."""
    if len(low) == 1:
        yield ((low[0], high[0]),)
        return
    if low[0] == high[0]:
        for row in _rows(low[1:], high[1:]):
            yield ((low[0], low[0]), *row)
        return
    least, most = b"\x80" * (len(low) - 1), b"\xbf" * (len(low) - 1)
    first, last = low[0], high[0]
    if low[1:] != least:
        for row in _rows(low[1:], most):
            yield ((first, first), *row)
        first += 1
    if high[1:] != most:
        last -= 1
    if first <= last:
        yield ((first, last), *((0x80, 0xBF) for _ in most))
    if high[1:] != most:
        for row in _rows(least, high[1:]):
            yield ((high[0], high[0]), *row)
