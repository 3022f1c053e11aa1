"""What a set in brackets holds, and what an escape stands for."""

from __future__ import annotations

import re

from policy.patterns import classes, tree
from policy.patterns.tree import Span

_NUMBERS = {
    8: re.compile(r"[\t-\r ]*([+-]?)([0-7]+)"),
    10: re.compile(r"[\t-\r ]*([+-]?)([0-9]+)"),
    16: re.compile(r"[\t-\r ]*([+-]?)(?:0[xX])?([0-9A-Fa-f]+)"),
}
_LIMIT = 1 << 63

_LETTERS = {"a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def integer(text: str, radix: int) -> tuple[int | None, int]:
    """The number at the start of a text, as a C++ stream reads it, and how many characters it takes.

    Blanks before it and a sign are taken; None if there is no number or if it is too large for 64 bits.
    """
    found = _NUMBERS[radix].match(text)
    if found is None:
        return None, 0
    value = int(found.group(2), radix)
    if value >= _LIMIT:
        return None, 0
    return (-value if found.group(1) == "-" else value), found.end()


def escaped_byte(token: str, *, in_set: bool) -> int | str:
    """The byte that an escape stands for, or the reason why Boost refuses it."""
    letter = token[1]
    if letter == "x":
        if token.startswith("\\x{"):
            inner = token[3:-1]
            value, used = integer(inner, 16)
            if value is None or used != len(inner) or not 0 <= value < 128:
                return "a hexadecimal escape that is not valid"
            return value
        value, _ = integer(token[2:], 16)
        if value is None or not 0 <= value < 256:
            return "a hexadecimal escape that is not valid"
        return value
    if letter == "c":
        code = ord(token[2])
        # C++: the remainder has the sign of the (signed) character.
        return (code % 32) if code < 128 else (-((256 - code) % 32)) % 256
    if letter == "0":
        value = int(token[1:], 8)
        return value if value < 128 else "an octal escape that is too large"
    if letter == "N":
        found = classes.collating(token[3:-1])
        if found is None or len(found) != 1:
            return "a character name that does not exist"
        return found[0]
    if letter == "b" and in_set:
        return 8
    return _LETTERS.get(letter, ord(letter))


class SetBuilder:
    """Collects what stands between brackets, token by token."""

    __slots__ = ("classes", "dash", "equivalents", "has_pairs", "negated", "pending", "ranges", "singles", "without")

    def __init__(self, *, negated: bool) -> None:
        self.negated = negated
        self.singles: list[bytes] = []
        self.ranges: list[tuple[bytes, bytes]] = []
        self.equivalents: list[bytes] = []
        self.classes: list[int] = []
        self.without: list[int] = []
        self.has_pairs = False
        self.pending: bytes | None = None
        self.dash = False

    def add_single(self, element: bytes) -> None:
        """Add one element."""
        self.singles.append(element)
        self.has_pairs = self.has_pairs or len(element) > 1

    def add_class(self, mask: int, *, known: bool) -> None:
        """Add a class, or with ``known`` false what a class leaves out."""
        (self.classes if known else self.without).append(mask)

    def take(self, kind: str, token: str) -> str | None:
        """Take the next token; a reason if Boost refuses it."""
        if kind == "RANGE_DASH":
            self.dash = True
            return None
        if kind in ("SET_CLASS", "SET_SHORTHAND", "SET_EQUIVALENCE"):
            self._settle()
            return self._class(kind, token)
        element = self._element(kind, token)
        if element is None:
            return "a collating element that does not exist"
        if isinstance(element, str):
            return element
        if self.dash:
            first, self.pending, self.dash = self.pending or b"", None, False
            self._range(first, element)
            return None
        self._settle()
        self.pending = element
        return None

    def _settle(self) -> None:
        if self.pending is not None:
            self.add_single(self.pending)
            self.pending = None

    def _range(self, first: bytes, last: bytes) -> None:
        self.ranges.append((first, last))
        for element in (first, last):
            if len(element) > 1:
                self.add_single(element)

    def _element(self, kind: str, token: str) -> bytes | str | None:
        if kind == "SET_COLLATE":
            return classes.collating(token[2:-2])
        if kind in ("SET_HEXADECIMAL", "SET_CONTROL", "SET_OCTAL", "SET_NAMED", "SET_ESCAPED"):
            byte = escaped_byte(token, in_set=True)
            return byte if isinstance(byte, str) else bytes([byte])
        return token.encode("latin-1")

    def _class(self, kind: str, token: str) -> str | None:
        if kind == "SET_SHORTHAND":
            self.add_class(classes.named(token[1]) or 0, known=token[1].islower())
            return None
        name = token[2:-2]
        if kind == "SET_EQUIVALENCE":
            element = classes.collating(name)
            if element is None:
                return "a collating element that does not exist"
            self.equivalents.append(element)
            if len(element) > 1:
                self.add_single(element)
            return None
        negated = name.startswith("^")
        mask = classes.named(name[1:] if negated else name)
        if mask is None:
            return "a character class that does not exist"
        self.add_class(mask, known=not negated)
        return None

    def node(self, span: Span, *, icase: bool) -> tree.Set | tree.LongSet | str:
        """The set, or the reason why Boost refuses it."""
        self._settle()

        def fold(element: bytes) -> bytes:
            return bytes(classes.folded(byte) for byte in element) if icase else element

        ranges = [(fold(first), fold(last)) for first, last in self.ranges]
        if any(first > last for first, last in ranges):
            return "a range whose end lies before its start"
        inside = 0
        for mask in self.classes:
            inside |= classes.widened(mask, icase=icase)
        outside: int | None = None
        for mask in self.without:
            outside = (outside or 0) | classes.widened(mask, icase=icase)
        if self.has_pairs:
            singles = tuple(sorted({fold(single) for single in self.singles}, key=_signed))
            equivalents = tuple(bytes(classes.folded(byte) for byte in element) for element in self.equivalents)
            return tree.LongSet(span, singles, tuple(ranges), equivalents, inside, outside, self.negated, icase)
        members = inside
        if outside is not None:
            members |= classes.ALL & ~outside
        for single in self.singles:
            members |= self._like(fold(single)[0], icase=icase)
        for first, last in ranges:
            members |= classes.span(first[0], last[0])
        for element in self.equivalents:
            members |= self._like(classes.folded(element[0]), icase=True)
        if self.negated:
            members = classes.ALL & ~members
        return tree.Set(span, members, icase)

    @staticmethod
    def _like(byte: int, *, icase: bool) -> int:
        mask = 1 << byte
        return classes.caseless(mask) | mask if icase else mask


def _signed(element: bytes) -> tuple[int, ...]:
    # Boost keeps collating elements ordered as signed characters, a missing second one as zero.
    padded = (*element, 0)[:2]
    return tuple(byte - 256 if byte > 127 else byte for byte in padded)
