"""Changed texts as edits for the editor: as few lines as possible, so that cursors and folds elsewhere stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lsprotocol import types

from policy.text import Span
from policy.text.document import line_starts
from policy.text.source import decode

if TYPE_CHECKING:
    from policy.editor.buffers import Buffers
    from policy.editor.units import Units
    from policy.text import Document

_MOST_COMPARED = 4_000
"""Changed lines that are compared one by one; of more the whole stretch is replaced."""


def text_edits(document: Document, after: bytes | str, units: Units) -> list[types.TextEdit]:
    """The edits that make ``after`` of a document."""
    text = after if isinstance(after, str) else decode(after).text
    return [types.TextEdit(units.range(document, span), new) for span, new in _replaced(document.text, text)]


def _replaced(before: str, after: str) -> Iterator[tuple[Span, str]]:
    old, new = _lines(before), _lines(after)
    first = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    inner_old, inner_new = old[first : len(old) - last], new[first : len(new) - last]
    start = sum(map(len, old[:first]))
    if max(len(inner_old), len(inner_new)) > _MOST_COMPARED:
        yield Span(start, start + sum(map(len, inner_old))), "".join(inner_new)
        return
    places = [start]
    for line in inner_old:
        places.append(places[-1] + len(line))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, inner_old, inner_new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _narrow(places[i1], "".join(inner_old[i1:i2]), "".join(inner_new[j1:j2]))


def _narrow(start: int, old: str, new: str) -> tuple[Span, str]:
    """Without what is the same at both ends; between CR and LF there is no place that an editor knows."""
    if "\r" in old or "\r" in new:
        return Span(start, start + len(old)), new
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Span(start + head, start + len(old) - tail), new[head : len(new) - tail]


def _lines(text: str) -> list[str]:
    starts = line_starts(text)
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def workspace_edit(
    changed: Mapping[str, tuple[Document, bytes | str]], buffers: Buffers, units: Units
) -> types.WorkspaceEdit:
    """Edits of several texts by real path, each for the version that the editor holds."""
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(buffers.uri(path), _version(path, buffers)),
                list(text_edits(document, after, units)),
            )
            for path, (document, after) in changed.items()
        ]
    )


def fits(paths: Iterable[tuple[str, bytes]], buffers: Buffers) -> bool:
    """Whether the texts that a change was made for are those that the editor holds."""
    for path, data in paths:
        buffer = buffers.at(path)
        if buffer is not None and buffer.data != data:
            return False
    return True


def _version(path: str, buffers: Buffers) -> int | None:
    buffer = buffers.at(path)
    return buffer.version if buffer is not None else None
