"""Positions of the protocol: lines and columns from 0, columns in the units that editor and server agreed upon.

Source: Language Server Protocol 3.17, ``PositionEncodingKind``: UTF-16 unless something else was negotiated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from policy.configuration.source import Location
    from policy.text import Document, Span

MARK = "\ufeff"
"""The byte order mark, as a sign of a text."""


class Units:
    """Offsets of a document to positions and back; ``encoding`` is ``utf-8``, ``utf-16`` or ``utf-32``.

    ``with_marks`` is true for an editor that leaves a byte order mark in the text: there it is a sign of the first line,
    while a :class:`~policy.text.Document` begins behind it.
    """

    def __init__(self, encoding: str = "utf-16", *, with_marks: bool = False) -> None:
        self.encoding = encoding
        self.with_marks = with_marks

    def _before(self, document: Document, line: int) -> int:
        """The width of what the editor has on a line (from 0) before the document begins."""
        return self._width(MARK) if line == 0 and self.with_marks and document.source.mark else 0

    def _width(self, text: str) -> int:
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(sign > "\uffff" for sign in text)

    def position(self, document: Document, offset: int) -> types.Position:
        """The position of an offset of the text."""
        line, column = document.position(offset)
        start = document.offset(line)
        before = self._before(document, line - 1)
        return types.Position(line - 1, before + self._width(document.text[start : start + column - 1]))

    def offset(self, document: Document, position: types.Position) -> int:
        """The offset of a position; the nearest one where the text has no such place."""
        line = document.line(position.line + 1)
        if position.line >= document.line_count:
            return len(document.text)
        start = document.offset(position.line + 1)
        left = max(position.character - self._before(document, position.line), 0)
        if self.encoding == "utf-32" or line.isascii():
            return start + min(left, len(line))
        for index, sign in enumerate(line):
            if left <= 0:
                return start + index
            left -= self._width(sign)
        return start + len(line)

    def range(self, document: Document, span: Span) -> types.Range:
        """The range of a stretch of the text."""
        return types.Range(self.position(document, span.start), self.position(document, span.end))

    def range_of(self, location: Location) -> types.Range:
        """The range of a place in a file."""
        return self.range(location.source.document, location.span)
