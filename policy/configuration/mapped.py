"""A text in which pieces were replaced, and the way back to where each piece stood before.

Compose, the image's script and the core all replace variables in texts before anything is read.
A finding still has to point at the file as it is written.
"""

from __future__ import annotations

from bisect import bisect_right

from policy.records import dataclass
from policy.text import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the new text and the span of the old text that it stands for; ``verbatim``: character by character."""

    start: int
    """Offset in the new text."""
    span: Span
    """Place in the old text."""
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Mapped:
    """The new text with its pieces in order."""

    text: str
    pieces: tuple[Piece, ...]
    unchanged: bool
    """Whether nothing was replaced."""

    def origin(self, span: Span) -> Span:
        """The span of the old text from which ``span`` of the new text comes."""
        start = self._at(span.start)
        if span.end <= span.start:
            return Span(start.start, start.start)
        return Span(start.start, max(self._at(span.end - 1).end, start.start))

    def _at(self, offset: int) -> Span:
        index = bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1
        if index < 0:
            return Span(offset, offset + 1)
        piece = self.pieces[index]
        if not piece.verbatim:
            return piece.span
        within = min(piece.span.start + offset - piece.start, piece.span.end)
        return Span(within, min(within + 1, piece.span.end))


class Builder:
    """Puts a :class:`Mapped` together from left to right."""

    def __init__(self, old: str) -> None:
        self._old = old
        self._parts: list[str] = []
        self._pieces: list[Piece] = []
        self._length = 0
        self._position = 0
        self._unchanged = True

    def keep_to(self, end: int) -> None:
        """Take over the old text up to ``end``."""
        if end > self._position:
            self._add(self._old[self._position : end], Span(self._position, end), verbatim=True)
        self._position = max(end, self._position)

    def replace(self, start: int, end: int, new: str) -> None:
        """Take over up to ``start``, then write ``new`` in place of the old text up to ``end``."""
        self.keep_to(start)
        self._add(new, Span(start, end), verbatim=False)
        self._unchanged = False
        self._position = end

    def finish(self) -> Mapped:
        """What was put together, the rest of the old text included."""
        self.keep_to(len(self._old))
        return Mapped("".join(self._parts), tuple(self._pieces), self._unchanged)

    def _add(self, new: str, span: Span, *, verbatim: bool) -> None:
        self._pieces.append(Piece(self._length, span, verbatim))
        self._parts.append(new)
        self._length += len(new)


def chain(first: Mapped, second: Mapped) -> Mapped:
    """The map from the text of ``second`` to the old text of ``first``, where ``second`` was made from its new text."""
    pieces: list[Piece] = []
    for piece in second.pieces:
        length = piece.span.end - piece.span.start
        if not piece.verbatim or first.unchanged:
            pieces.append(Piece(piece.start, first.origin(piece.span), piece.verbatim))
            continue
        offset = piece.span.start
        while offset < piece.span.end:
            index = bisect_right(first.pieces, offset, key=lambda item: item.start) - 1
            inner = first.pieces[index]
            limit = first.pieces[index + 1].start if index + 1 < len(first.pieces) else piece.span.start + length
            end = min(limit, piece.span.end)
            if inner.verbatim:
                begin = inner.span.start + offset - inner.start
                place = Span(begin, begin + end - offset)
            else:
                place = inner.span
            pieces.append(Piece(piece.start + offset - piece.span.start, place, inner.verbatim))
            offset = max(end, offset + 1)
    return Mapped(second.text, tuple(pieces), first.unchanged and second.unchanged)
