"""The findings of a page, each with the lines of its file, and the short text of each rule that found something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from policy.lint.page import page_of
from policy.report.excerpt import Row, excerpt

if TYPE_CHECKING:
    from policy.lint.rule import Rule
    from policy.report.view import Place, Shown, View

_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_HEADINGS = ("What it checks", "Why it matters")
_WIDEST = 96


class Note(NamedTuple):
    """Another place that belongs to a finding; without rows where they are those of the finding itself."""

    place: Place
    text: str
    rows: list[Row]


class Entry(NamedTuple):
    """A finding as it is shown."""

    shown: Shown
    rows: list[Row]
    notes: tuple[Note, ...]


class Piece(NamedTuple):
    """A part of a paragraph: words, or something to be written letter by letter."""

    text: str
    code: bool


class Explanation(NamedTuple):
    """What a rule is about; ``sections`` are headings with their paragraphs."""

    name: str
    code: str
    title: str
    findings: int
    sections: tuple[tuple[str, tuple[tuple[Piece, ...], ...]], ...]


def entries(view: View) -> tuple[Entry, ...]:
    """The findings, the most severe first, then in the order of files and places."""
    ordered = sorted(view.findings, key=lambda shown: -shown.finding.severity)
    return tuple(_entry(shown, view) for shown in ordered)


def _entry(shown: Shown, view: View) -> Entry:
    rows = excerpt(shown.place.location, view.masks, widest=_WIDEST)
    notes = []
    for note in shown.notes:
        own = excerpt(note.place.location, view.masks, mark="-", widest=_WIDEST)
        same = note.place.file == shown.place.file and [row.number for row in own] == [row.number for row in rows]
        notes.append(Note(note.place, note.text, [] if same else own))
    return Entry(shown, rows, tuple(notes))


def explanations(view: View) -> tuple[Explanation, ...]:
    """The rules with findings, by name."""
    known = {rule.name: rule for rule in view.result.rules}
    counted = sorted(view.by_rule())
    return tuple(_explanation(known[name], count) for name, count in counted if name in known)


def _explanation(rule: Rule, count: int) -> Explanation:
    page = page_of(rule)
    sections = tuple((head, _paragraphs(page.sections[head])) for head in _HEADINGS if head in page.sections)
    return Explanation(rule.name, rule.code, rule.title, count, sections)


def _paragraphs(text: str) -> tuple[tuple[Piece, ...], ...]:
    """The paragraphs of a section; nothing else is written there.

    >>> _paragraphs("One `a`.")
    ((Piece(text='One ', code=False), Piece(text='a', code=True), Piece(text='.', code=False)),)
    """
    return tuple(_pieces(" ".join(part.split())) for part in re.split(r"\n\s*\n", text) if part.strip())


def _pieces(text: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    end = 0
    for match in _CODE.finditer(text):
        pieces += [Piece(text[end : match.start()], code=False), Piece(match[2].strip(), code=True)]
        end = match.end()
    pieces.append(Piece(text[end:], code=False))
    return tuple(piece for piece in pieces if piece.text)
