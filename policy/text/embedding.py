"""JSON inside a scalar of another text: read as JSON, with every place in the outer text."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from policy.errors import ShapeError, SyntaxRefused
from policy.text.document import Comment, Document, Leniency, Member, Node, Span, Verdict
from policy.text.parsing import parse

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_WIDTHS = {"x": 2, "u": 4, "U": 8}

Places = tuple["array[int]", "array[int]"]
"""Where each character of a scalar begins and ends in the outer text: arrays, since a list takes ten times the memory."""


class EmbeddedDocument(Document):
    """JSON held in a scalar: ``inner`` is the JSON on its own, ``node`` the scalar, ``outer`` the text around it.

    All spans point into the outer text; what a reader does with the JSON does not depend on where it stands.
    ``replaced``: pieces of the JSON are not written so in the scalar (see :func:`substituted`), so that no edit of it
    can be written back.
    """

    __slots__ = ("_ends", "_starts_outside", "inner", "node", "outer", "replaced")

    def __init__(self, outer: Document, node: Node, inner: Document, places: Places, *, replaced: bool = False) -> None:
        self.outer = outer
        self.node = node
        self.inner = inner
        self.replaced = replaced
        self._starts_outside, self._ends = places
        super().__init__(
            source=outer.source,
            root=None if inner.root is None else _moved(inner.root, self.outside),
            leniencies=tuple(self._leniency(leniency) for leniency in inner.leniencies),
            comments=tuple(Comment(c.kind, self.outside(c.span), c.text) for c in inner.comments),
            depth=inner.depth,
        )

    def outside(self, span: Span) -> Span:
        """Where a stretch of the JSON stands in the outer text."""
        starts, ends = self._starts_outside, self._ends
        if not starts:
            return Span(self.node.span.end, self.node.span.end)
        last = len(starts)
        if span.end <= span.start:
            # A place between two characters: right behind the one before it, where there is one.
            place = ends[min(span.start, last) - 1] if span.start else starts[0]
            return Span(place, place)
        end = ends[min(span.end, last) - 1]
        return Span(starts[span.start] if span.start < last else end, end)

    def inside(self, span: Span) -> Span | None:
        """Which stretch of the JSON stands at a place of the outer text; None where none does exactly."""
        start = bisect_left(self._starts_outside, span.start)
        end = bisect_left(self._ends, span.end)
        exact = start <= end < len(self._ends) and self._starts_outside[start] == span.start
        return Span(start, end + 1) if exact and self._ends[end] == span.end else None

    def _leniency(self, leniency: Leniency) -> Leniency:
        return Leniency(leniency.kind, self.outside(leniency.span), leniency.detail, leniency.place)

    def verdict(self, reader: str, version: str | None = None) -> Verdict:
        """As :meth:`Document.verdict`, of the JSON alone; the refusals have their places in the outer text."""
        answer = self.inner.verdict(reader, version)
        return Verdict(answer.accepted, tuple(self._leniency(refusal) for refusal in answer.refusals))

    def value_for(self, reader: str, version: str | None = None) -> Any:
        """As :meth:`Document.value_for`, of the JSON alone."""
        try:
            return self.inner.value_for(reader, version)
        except SyntaxRefused as error:
            first = min(self.verdict(reader, version).refusals, key=lambda refusal: refusal.span)
            line, column = self.position(first.span.start)
            raise SyntaxRefused(error.message, line=line, column=column, help=error.help) from None


@lru_cache(maxsize=512)  # one scalar is asked for by several readers of a deployment; documents never change
def embedded(document: Document, node: Node) -> EmbeddedDocument:
    r"""The JSON that a string of the document holds; raises ShapeError where the node is no string.

    >>> from policy import text
    >>> outer = text.parse_yaml("environment:\n  ORTHANC_JSON: |\n    {\n      \"Name\": \"A\"\n    }\n")
    >>> inner = text.embedded(outer, outer.root.get("environment").get("ORTHANC_JSON"))
    >>> inner.position(inner.root.get("Name").span.start)
    Position(line=4, column=15)
    """
    if node.kind != "string" or not isinstance(node.value, str):
        line, column = document.position(node.span.start)
        raise ShapeError(f"{node.kind} instead of a text that holds JSON", line=line, column=column)
    value = node.value
    written = document.text[node.span.start : node.span.end]
    base = node.span.start
    by_line = _line_by_line(value, written, base) if written.startswith("|") else None
    if by_line is not None:
        places = by_line
    elif written.startswith('"'):
        value, found = _double_quoted(written)
        places = _from(base, found)
    else:
        places = _from(base, _aligned(value, written))
    return EmbeddedDocument(document, node, parse(value), places)


def substituted(document: EmbeddedDocument, value: str, origin: Callable[[Span], Span]) -> EmbeddedDocument:
    """``document`` as it is after pieces of its text were replaced: ``value`` is the new text.

    ``origin`` gives for a stretch of the new text the stretch of the old one that it stands for; all places are those
    of the outer text.
    """
    spans = [document.outside(origin(Span(index, index + 1))) for index in range(len(value))]
    places = array("l", [span.start for span in spans]), array("l", [span.end for span in spans])
    return EmbeddedDocument(document.outer, document.node, parse(value), places, replaced=True)


def _from(base: int, places: list[tuple[int, int]]) -> Places:
    return array("l", [base + start for start, _ in places]), array("l", [base + end for _, end in places])


def _double_quoted(written: str) -> tuple[str, list[tuple[int, int]]]:
    """Characters of a double-quoted scalar, YAML's or JSON's, and where each is written."""
    end = len(written) - 1 if len(written) > 1 and written.endswith('"') else len(written)
    value: list[str] = []
    places: list[tuple[int, int]] = []
    at = 1
    while at < end:
        sign = written[at]
        start = at
        if sign == "\\" and at + 1 < end:
            escape = written[at + 1]
            at += 2
            if escape in "\r\n":
                at += 1 if written.startswith("\r\n", at - 1) else 0
                while at < end and written[at] in " \t":
                    at += 1
                continue
            width = _WIDTHS.get(escape)
            if width is None:
                value.append(_ESCAPES.get(escape, escape))
            else:
                value.append(_character(written[at : at + width]))
                at = min(at + width, end)
            places.append((start, at))
        elif sign in "\r\n":
            at = _fold(written, at, end, value, places)
        else:
            at += 1
            value.append(sign)
            places.append((start, at))
    joined = "".join(value)
    if not joined.isascii() and any("\ud800" <= sign <= "\udfff" for sign in joined):
        return _paired(value, places)
    return joined, places


def _character(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        return "\ufffd"


def _paired(value: list[str], places: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Two escapes of a surrogate pair are one character."""
    signs: list[str] = []
    joined: list[tuple[int, int]] = []
    index = 0
    while index < len(value):
        sign = value[index]
        start, end = places[index]
        if "\ud800" <= sign < "\udc00" and index + 1 < len(value) and "\udc00" <= value[index + 1] <= "\udfff":
            index += 1
            sign = chr(0x10000 + ((ord(sign) & 0x3FF) << 10) + (ord(value[index]) & 0x3FF))
            end = places[index][1]
        signs.append("\ufffd" if "\ud800" <= sign <= "\udfff" else sign)
        joined.append((start, end))
        index += 1
    return "".join(signs), joined


def _fold(written: str, at: int, end: int, value: list[str], places: list[tuple[int, int]]) -> int:
    """A line end in a quoted scalar is a blank, each empty line after it a line end; the offset of what follows."""
    while value and value[-1] in " \t" and written[places[-1][0]] in " \t":
        value.pop()
        places.pop()
    start = at
    breaks = 0
    while at < end and written[at] in " \t\r\n":
        if written[at] == "\n" or (written[at] == "\r" and not written.startswith("\r\n", at)):
            breaks += 1
        at += 1
    for sign in " " if breaks <= 1 else "\n" * (breaks - 1):
        value.append(sign)
        places.append((start, at))
    return at


def _aligned(value: str, written: str) -> list[tuple[int, int]]:
    """For each character of a scalar the place where it is written.

    Outside of double quotes all that YAML changes is blanks, and the doubled single quote.
    """
    quoted = written.startswith("'")
    at = 1 if quoted else 0
    if written[:1] in ("|", ">"):
        at = written.find("\n") + 1 or len(written)
    size = len(written)
    places: list[tuple[int, int]] = []
    for index, sign in enumerate(value):
        if sign in " \t\n":
            start = at = min(at, size)
            if (at < size and written[at] == sign) or (sign == "\n" and written.startswith("\r\n", at)):
                at += 2 if written.startswith("\r\n", at) else 1
                places.append((start, at))
                if sign == "\n":
                    at = _indentation(written, at, value, index + 1)
            else:
                places.append((start, start))
            continue
        while at < size and written[at] in " \t\r\n":
            at += 1
        start = at = min(at, size)
        at += 2 if quoted and sign == "'" and written.startswith("''", at) else 1
        places.append((start, min(at, size)))
    return places


def _line_by_line(value: str, written: str, base: int) -> Places | None:
    """The places in a literal block that begins at ``base``, whose lines are those of the value behind their indentation.

    None where that does not hold; it holds for what people write, and costs a tenth of going character by character.
    """
    at = written.find("\n") + 1
    if at == 0 or not value or "\r" in written:
        return None
    starts, ends = array("l"), array("l")
    for line in value.removesuffix("\n").split("\n"):
        end = written.find("\n", at)
        end = len(written) if end < 0 else end
        start = end - len(line)
        if start < at or not written.startswith(line, start) or written[at:start].strip(" "):
            return None
        starts.extend(range(base + start, base + end + 1))
        ends.extend(range(base + start + 1, base + end + 2))
        at = end + 1
    count = len(value)
    if len(starts) < count or starts[count - 1] > base + len(written):
        return None
    del starts[count:], ends[count:]
    ends[-1] = min(ends[-1], base + len(written))
    return starts, ends


def _indentation(written: str, at: int, value: str, index: int) -> int:
    """The offset behind the blanks that YAML strips from the next line: those beyond the ones that the value keeps."""
    kept = 0
    while index + kept < len(value) and value[index + kept] == " ":
        kept += 1
    have = 0
    while at + have < len(written) and written[at + have] == " ":
        have += 1
    return at + max(have - kept, 0)


def _moved(root: Node, outside: Any) -> Node:
    """The tree with every span moved: built from the leaves, without recursion."""
    order = list(root.walk())
    moved: dict[int, Node] = {}
    for node in reversed(order):
        members = tuple(Member(m.key, outside(m.key_span), moved[id(m.value)]) for m in node.members)
        items = tuple(moved[id(item)] for item in node.items)
        moved[id(node)] = Node(node.kind, outside(node.span), node.value, members, items)
    return moved[id(root)]
