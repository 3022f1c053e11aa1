"""The edits of a fix as stretches of files with what stands there afterwards, for formats that machines apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.errors import PolicyError
from policy.records import dataclass
from policy.text import Position

if TYPE_CHECKING:
    from policy.configuration.source import Source
    from policy.lint.finding import Fix
    from policy.report.excerpt import Masks
    from policy.text.edits import Edit


@dataclass(frozen=True, slots=True)
class Replacement:
    """A stretch of a file, in lines and columns as everywhere, and the text that takes its place."""

    file: str
    start: Position
    end: Position
    text: str


def replacements(fix: Fix, masks: Masks) -> tuple[Replacement, ...]:
    """The replacements of ``fix`` by file and place.

    None at all where a secret would have to be written, or where the text around cannot hold the new one: a change is
    shown whole or not.
    """
    found: list[Replacement] = []
    for source, edits in fix.operations:
        try:
            made = _in_file(source, edits)
        except PolicyError:
            return ()
        found += made
    if any(masks.masked(one.text) != one.text for one in found):
        return ()
    return tuple(sorted(found, key=lambda one: (one.file, one.start, one.end)))


def _in_file(source: Source, edits: tuple[Edit, ...]) -> list[Replacement]:
    from policy.text.edits import outside
    from policy.text.embedding import EmbeddedDocument

    document = source.document
    changed = list(edits)
    while isinstance(document, EmbeddedDocument):
        changed = [outside(document, changed)] if changed else []
        document = document.outer
    return [
        Replacement(source.path, document.position(edit.span.start), document.position(edit.span.end), edit.text)
        for edit in changed
    ]
