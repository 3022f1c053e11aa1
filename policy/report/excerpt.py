"""Lines of a file cut for a report, and the one place where secrets are masked.

Nothing that was written in a file reaches a report except through :class:`Masks`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from policy.configuration import secrets
from policy.configuration.secrets import MASK
from policy.configuration.source import Location, Source
from policy.report.visible import visible, width
from policy.text import Span

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
    """The secrets in ``sources``: masked where they stand, and where a sentence repeats one of them."""

    sources: tuple[Source, ...]
    _spans: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None
    _prepared: bool = False

    def spans(self, source: Source) -> tuple[Span, ...]:
        """Where secrets stand in ``source``, in order, quotation marks not included."""
        key = id(source)
        if key not in self._spans:
            text = source.document.text
            self._spans[key] = tuple(sorted(_unquoted(text, span) for span in secrets.secret_spans(source)))
        return self._spans[key]

    def text(self, sentence: str) -> str:
        """``sentence`` with each secret in it masked and everything in it printable, on one line."""
        return visible(self.masked(sentence))

    def masked(self, text: str) -> str:
        """``text`` with each secret in it masked, and else as it is: for writers that escape by rules of their own."""
        if not self._prepared:
            self._prepared = True
            self._pattern = _any_of(value for source in self.sources for value in self._values(source))
        return secrets.masked(self._pattern.sub(MASK, text) if self._pattern is not None else text)

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
        for span in self.spans(source):
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
    first, last = location.start, location.end
    if last.line > first.line and last.column == 1:  # ends with a line end, which has no column of its own
        last_line, last_column = last.line - 1, len(document.line(last.line - 1)) + 1
    else:
        last_line, last_column = last
    numbers = list(range(first.line, last_line + 1))
    shown = numbers if len(numbers) <= _MOST_LINES else [numbers[0], 0, numbers[-1]]
    rows: list[Row] = []
    for number in shown:
        if not number:
            rows.append(Row(None, f"… {len(numbers) - 2} more lines", ""))
            continue
        line = document.line(number)
        begin = first.column - 1 if number == first.line else len(line) - len(line.lstrip())
        end = last_column - 1 if number == last_line else len(line.rstrip())
        hidden = _secrets_in_line(location.source, number, len(line), masks)
        rows.append(_row(number, line, begin, max(begin, end), hidden, mark, widest))
    return rows


def _secrets_in_line(source: Source, number: int, length: int, masks: Masks) -> list[Span]:
    start = source.document.offset(number)
    return [
        Span(max(span.start - start, 0), min(span.end - start, length))
        for span in masks.spans(source)
        if span.start < start + length and span.end > start
    ]


def _row(number: int, line: str, begin: int, end: int, hidden: list[Span], mark: str, widest: int) -> Row:
    low, high = 0, len(line)
    if high > widest:
        low = max(0, min(begin - widest // 3, high - widest))
        high = min(high, low + widest)
    cells = _cells(line, low, high, hidden)
    while high > low + 1 and sum(map(width, cells)) > 2 * widest:
        high -= 1
        cells.pop()
    before = "…" if low else ""
    text = before + "".join(cells) + ("…" if high < len(line) else "")
    lead = len(before) + sum(map(width, cells[: begin - low]))
    marked = sum(map(width, cells[max(begin - low, 0) : max(end - low, 0)]))
    return Row(number, text.rstrip(), " " * lead + mark * max(marked, 1))


def _cells(line: str, low: int, high: int, hidden: list[Span]) -> list[str]:
    """What is printed for each character of ``line[low:high]``: often itself, for a masked one often nothing."""
    cells: list[str] = []
    column = 0
    for index in range(low, high):
        secret = next((span for span in hidden if span.start <= index < span.end), None)
        character = line[index]
        if secret is not None:
            cell = MASK if index == max(secret.start, low) else ""
        elif character == "\t":
            cell = " " * (_TAB - column % _TAB)
        else:
            cell = visible(character)
        cells.append(cell)
        column += width(cell)
    return cells
