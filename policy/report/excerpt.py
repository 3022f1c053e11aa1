"""Lines of a file cut for a report, and the one place where secrets are masked.

Nothing that was written in a file reaches a report except through :class:`Masks`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from policy.configuration import secrets
from policy.configuration.secrets import MASK
from policy.configuration.source import Location, Source
from policy.records import dataclass, field
from policy.report.visible import visible, width
from policy.text import Document, Span
from policy.tuples import NamedTuple

_SHORTEST_MASKED = 6
_LONGEST_WORD = 15
"""A shorter secret, and one that may as well be a word (the password "orthanc"), is masked where it stands but not
wherever it occurs in a sentence: sentences would lose words that have nothing to do with it."""
_TAB = 4
_MOST_LINES = 4
"""Lines of a span that are shown; of a longer one the first and the last."""
WIDEST = 120
"""Columns of an excerpt; a longer line is cut around the span."""


@dataclass(slots=True)
class Masks:
    """The secrets in ``sources``: masked where they stand, and where a file or a sentence repeats one of them."""

    sources: tuple[Source, ...]
    _own: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    _spans: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None
    _prepared: bool = False

    def spans(self, source: Source) -> tuple[Span, ...]:
        """Where secrets stand in ``source``, repeated ones too, in order, quotation marks not included."""
        key = id(source)
        if key not in self._spans:
            own = self._own_spans(source)
            pattern = self._repeated()
            repeats = (
                [] if pattern is None else [Span(*found.span()) for found in pattern.finditer(source.document.text)]
            )
            new = [one for one in repeats if not any(one.start < span.end and span.start < one.end for span in own)]
            self._spans[key] = tuple(sorted((*own, *new)))
        return self._spans[key]

    def _own_spans(self, source: Source) -> tuple[Span, ...]:
        """Where values stand that are secrets by their place or their form."""
        key = id(source)
        if key not in self._own:
            text = source.document.text
            self._own[key] = tuple(sorted(_unquoted(text, span) for span in secrets.secret_spans(source)))
        return self._own[key]

    def text(self, sentence: str) -> str:
        """``sentence`` with each secret in it masked and everything in it printable, on one line."""
        return visible(self.masked(sentence))

    def masked(self, text: str) -> str:
        """``text`` with each secret in it masked, and else as it is: for writers that escape by rules of their own."""
        pattern = self._repeated()
        return secrets.masked(pattern.sub(MASK, text) if pattern is not None else text)

    def _repeated(self) -> re.Pattern[str] | None:
        """What finds a secret wherever it is repeated; None where none tells itself."""
        if not self._prepared:
            self._prepared = True
            self._pattern = _any_of(value for source in self.sources for value in self._values(source))
        return self._pattern

    def data(self, value: object) -> object:
        """``value`` as plain data with its texts masked (see :meth:`masked`); what is no plain data becomes text."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.masked(str(value))
        if isinstance(value, Mapping):
            return {self.masked(str(key)): self.data(item) for key, item in value.items()}
        if isinstance(value, set | frozenset):
            return sorted((self.data(item) for item in value), key=str)
        if isinstance(value, Iterable):
            return [self.data(item) for item in value]
        return self.masked(str(value))

    def between(self, source: Source, start: int, end: int) -> str:
        """The text of ``source`` from ``start`` to ``end`` as it stands there, secrets masked."""
        pieces: list[str] = []
        text = source.document.text
        for span in self.spans(source):
            if span.start < end and span.end > start:
                pieces += [text[start : max(start, span.start)], MASK]
                start = max(start, min(span.end, end))
        pieces.append(text[start:end])
        return "".join(pieces)

    def _values(self, source: Source) -> Iterator[str]:
        text = source.document.text
        for span in self._own_spans(source):
            written = text[span.start : span.end]
            yield written
            if "\\" in written:
                try:
                    yield str(json.loads(f'"{written}"', strict=False))
                except ValueError:
                    continue


def _unquoted(text: str, span: Span) -> Span:
    start, end = span
    if end - start >= 2 and text[start] == text[end - 1] and text[start] in "\"'":
        return Span(start + 1, end - 1)
    return Span(start, end)


def _any_of(values: Iterable[str]) -> re.Pattern[str] | None:
    telling = {value for value in values if _tells_itself(value)}
    if not telling:
        return None
    longest_first = sorted(telling, key=lambda value: (-len(value), value))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


def _tells_itself(value: str) -> bool:
    return len(value) >= _SHORTEST_MASKED and not (value.isalpha() and len(value) <= _LONGEST_WORD)


class Row(NamedTuple):
    """One line of an excerpt: its number (None where lines are left out), its text, and the marks below it."""

    number: int | None
    text: str
    marks: str


def excerpt(location: Location, masks: Masks, *, mark: str = "^", widest: int = WIDEST) -> list[Row]:
    """The lines of ``location`` with ``mark`` below each character of its span, at least one.

    Tabs are blanks to the next multiple of four columns, wide characters have two marks, secrets are masked, characters
    that a terminal acts upon are replaced.
    """
    document = location.source.document
    span = location.span
    first, last = location.start.line, location.end.line
    if last > first and span.end == document.offset(last):  # ends with a line end, which has no column of its own
        last -= 1
    count = last - first + 1
    shown = range(first, last + 1) if count <= _MOST_LINES else (first, 0, last)
    secret_spans = masks.spans(location.source)
    rows: list[Row] = []
    for number in shown:
        if not number:
            rows.append(Row(None, f"… {count - 2} more lines", ""))
            continue
        line = _line(document, number)
        begin = span.start if number == first else _stripped(document.text, line).start
        end = span.end if number == last else _stripped(document.text, line).end
        rows.append(_row(number, document.text, line, Span(begin, max(begin, end)), secret_spans, mark, widest))
    return rows


def _line(document: Document, number: int) -> Span:
    """Where a line stands, without its line end; the text of a line may be long, so that it is not cut out here."""
    start = document.offset(number)
    end = document.offset(number + 1) if number < document.line_count else len(document.text)
    while end > start and document.text[end - 1] in "\r\n":
        end -= 1
    return Span(start, end)


def _stripped(text: str, line: Span) -> Span:
    """What stands between the blanks at both ends of a line."""
    start, end = line
    while start < end and text[start] in " \t":
        start += 1
    while end > start and text[end - 1] in " \t":
        end -= 1
    return Span(start, end)


def _row(number: int, text: str, line: Span, span: Span, secret_spans: Sequence[Span], mark: str, widest: int) -> Row:
    low, high = line
    if high - low > widest:
        low = max(low, min(span.start - widest // 3, high - widest))
        high = min(high, low + widest)
    cells = _cells(text, low, high, secret_spans)
    before = "…" if low > line.start else ""
    after = "…" if high < line.end else ""
    lead = len(before) + width("".join(cells[: max(span.start - low, 0)]))
    marked = width("".join(cells[max(span.start - low, 0) : max(span.end - low, 0)]))
    return Row(number, (before + "".join(cells) + after).rstrip(), " " * lead + mark * max(marked, 1))


def _cells(text: str, low: int, high: int, secret_spans: Sequence[Span]) -> list[str]:
    """What is printed for each character of ``text[low:high]``: often itself, for a masked one often nothing."""
    cells: list[str] = []
    column = 0
    index = bisect_right(secret_spans, low, key=lambda span: span.end)
    window = text[low:high]
    if (
        window.isascii()
        and window.isprintable()
        and not (index < len(secret_spans) and secret_spans[index].start < high)
    ):
        return list(window)  # as nearly every line is
    for offset in range(low, high):
        while index < len(secret_spans) and secret_spans[index].end <= offset:
            index += 1
        character = text[offset]
        if index < len(secret_spans) and secret_spans[index].start <= offset:
            cell = MASK if offset == max(secret_spans[index].start, low) else ""
        elif character == "\t":
            cell = " " * (_TAB - column % _TAB)
        else:
            cell = visible(character)
        cells.append(cell)
        column += width(cell)
    return cells
