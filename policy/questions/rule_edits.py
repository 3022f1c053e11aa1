"""Changes to the lists of rules in a file that keep all else: every comment, also those among rows that go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from policy.errors import UsageError
from policy.records import dataclass
from policy.text import Document, Span
from policy.text.edits import Edit, edited, insert, remove, rename, replace
from policy.text.embedding import EmbeddedDocument

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Source
    from policy.questions.merging import Merge, Row

SECTION = "Authorization"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands: the file, and the path of the section in it."""

    source: Source
    section: tuple[str, ...]

    def path(self, *steps: str | int) -> tuple[str | int, ...]:
        """The path of something in the section."""
        return (*self.section, *steps)


def place_of(server: OrthancServer, option: str) -> Place:
    """Where ``option`` of the section is written in a file that can be edited.

    :raises UsageError: where it is not: a variable, JSON inside YAML, a text that was put together.
    """
    entry = server.option(option)
    origin = entry.key_origin if entry is not None else None
    return _place(server, option, origin.source if origin is not None else None)


def section_of(server: OrthancServer) -> Place:
    """Where the section itself is written, for options that are not there yet."""
    entry = server.configuration.entry(SECTION)
    sources = [] if entry is None else [entry.key_origin.source]
    sources += [one.key_origin.source for one in entry.setting.members.values()] if entry is not None else []
    return _place(server, "the section", next((one for one in sources if one is not None), None))


def _place(server: OrthancServer, what: str, source: Source | None) -> Place:
    place = Place(source, () if source.bare_section else (SECTION,)) if source is not None else None
    own = source is not None and source.variable is None and not isinstance(source.document, EmbeddedDocument)
    if place is None or not own or _node(place.source.document, place.section) is None:
        where = f"in {source.path}" if source is not None else f"for {server.name}"
        raise UsageError(f"{what} is not written in a file of its own {where}", help="Change it there by hand.")
    return place


def _node(document: Document, path: Iterable[str]) -> Any:
    """The value at a path, or None; of equal keys the last one."""
    node: Any = document.root
    for step in path:
        node = node.get(step) if node is not None else None
    return node


# -- single changes: each gives the document as it is afterwards --


def add_row(
    document: Document, place: Place, option: str, row: Iterable[str], *, before: int | None = None
) -> Document:
    """A row put into a list, before the one with an index or at the end; the list is made where it is missing."""
    cells = list(row)
    section = _node(document, place.section)
    if section is not None and section.get(option) is None:
        return edited(document, insert(document, place.path(), [cells], key=option))
    return edited(document, insert(document, place.path(option), cells, before=before))


def remove_rows(document: Document, place: Place, option: str, indexes: Iterable[int]) -> Document:
    """Rows taken out; comments in them and beside them stay."""
    targets = [place.path(option, index) for index in indexes]
    return edited(document, _with_comments(document, remove(document, *targets))) if targets else document


def replace_permissions(document: Document, place: Place, option: str, index: int, names: str) -> Document:
    """Another third element for a row."""
    return edited(document, replace(document, place.path(option, index, 2), names))


# -- the outcomes of a merge --


def remove_list(place: Place, merged: Merge) -> Document:  # noqa: ARG001 - one signature for all outcomes
    """The document without ``Permissions``; comments in the list stay where it was."""
    document = place.source.document
    return edited(document, _with_comments(document, remove(document, place.path("Permissions"))))


def to_extra(place: Place, merged: Merge) -> Document:
    """The document with one's own rows as ``ExtraPermissions`` and without the rest."""
    document = place.source.document
    own = [index for index in range(len(merged.own)) if index in merged.local]
    if _has(document, place, "ExtraPermissions"):
        document = remove_list(place, merged)
        for number, index in enumerate(own):
            document = add_row(document, place, "ExtraPermissions", _cells(merged.own[index]), before=number)
        return document
    document = remove_rows(document, place, "Permissions", [i for i in range(len(merged.own)) if i not in own])
    return edited(document, rename(document, place.path("Permissions"), "ExtraPermissions"))


def rewrite(place: Place, merged: Merge) -> Document:
    """The document with the merged list; rows that stay keep their place and their words."""
    document = place.source.document
    for index, names in merged.asks:
        document = replace_permissions(document, place, "Permissions", index, names)
    at = 0
    positions: list[int] = []
    for index in range(len(merged.own) + 1):
        positions.append(at)
        at += index not in merged.removed
    document = remove_rows(document, place, "Permissions", sorted(merged.removed))
    length = len(merged.own) - len(merged.removed)
    for count, one in enumerate(merged.inserted):
        at = positions[one.before] + count
        before = at if at < length + count else None
        document = add_row(document, place, "Permissions", _cells(one.row), before=before)
    return document


def _cells(row: Row) -> list[str]:
    return [row.method, row.pattern, row.permissions]


def _has(document: Document, place: Place, option: str) -> bool:
    return _node(document, (*place.section, option)) is not None


def _with_comments(document: Document, edits: list[Edit]) -> list[Edit]:
    """The edits, each with the comments that it would take away put back on lines of their own."""
    found: list[Edit] = []
    for span, text in edits:
        lost = [
            document.text[one.span.start : one.span.end].rstrip()
            for one in document.comments
            if span.start <= one.span.start and one.span.end <= span.end
        ]
        lost = [comment for comment in lost if comment not in text]
        if not lost:
            found.append(Edit(span, text))
            continue
        line_end = "\r\n" if "\r\n" in document.text[span.start : span.end] else "\n"
        start = document.text.rfind("\n", 0, span.start) + 1
        removed = document.text[span.start : span.end]
        lead = removed[: len(removed) - len(removed.lstrip(" \t"))] if span.start == start else ""
        lines = "".join(f"{lead}{comment}{line_end}" for comment in lost)
        found.append(Edit(Span(*span), lines + text if span.start == start else f"{text} {lines}"))
    return found
