"""What may stand at the cursor: keys, permissions, labels, levels, standard configurations, words of routes, variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from policy.editor import words
from policy.editor.spot import Spot, spot
from policy.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policy.editor.buffers import Buffer
    from policy.editor.state import State
    from policy.editor.words import Word

TRIGGERS = ('"', "|", "/", "-", "_")
_COLON = re.compile(r"\s*:")


class _Slot(NamedTuple):
    """The stretch that a word takes the place of, and what has to stand around it."""

    span: Span
    before: str = ""
    after: str = ""


def completions(buffer: Buffer, offset: int, state: State) -> types.CompletionList:
    """What may stand at an offset of an open text."""
    here = spot(buffer, offset)
    analysis = state.analysis(buffer)
    found = _words(here, offset, buffer, state)
    slot = _slot(here, offset, buffer)
    area = state.units.range(buffer.lines, slot.span)
    typed = buffer.lines.text[slot.span.start : slot.span.end].rstrip("\"'")
    items = [
        types.CompletionItem(
            label=word.text,
            kind=word.kind,
            detail=word.detail or None,
            documentation=word.about or None,
            sort_text=f"{number:04}",
            text_edit=types.TextEdit(area, f"{slot.before}{word.text}{slot.after}"),
        )
        for number, word in enumerate(found)
        # What is being typed is no suggestion, and nothing that could be a secret is spread.
        if not word.written or (word.text not in ("", typed) and state.shown(word.text, analysis) == word.text)
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def _words(here: Spot, offset: int, buffer: Buffer, state: State) -> Iterable[Word]:
    if here.service is not None:
        if here.variable is None or here.service.parents[-1:] != ("environment",):
            return ()
        if offset > here.cursor.span.end:
            return ()
        return words.variables(here.service.parents, buffer, state)
    cursor = here.cursor
    if cursor.place == "key":
        return words.keys(here.kind, here.path, cursor.keys, buffer, state)
    if cursor.place == "value" and here.kind is not None:
        before = buffer.lines.text[cursor.span.start : offset].lstrip("\"'")
        return words.values(here.kind, here.path, before, buffer, state)
    return ()


def _slot(here: Spot, offset: int, buffer: Buffer) -> _Slot:
    text, cursor = buffer.lines.text, here.cursor
    if here.service is not None:
        span = cursor.span
        named = text[span.end : span.end + 1] in (":", "=")
        return _Slot(span, after="" if named else "=" if here.service.in_list else ": ")
    start, end = cursor.span
    is_key = cursor.place == "key"
    colon = ": " if is_key and _COLON.match(text, end) is None else ""
    if not cursor.quoted:
        return _Slot(cursor.span, '"', f'"{colon}')
    quote = text[start]
    closed = end - start > 1 and text[end - 1] == quote
    if is_key:
        return _Slot(Span(start + 1, end), after=f"{quote}{colon}")
    inside = Span(start + 1, end - 1 if closed else end)
    if words.is_asked(here.path):
        # Of names between bars the one at the cursor.
        left = max(text.rfind("|", inside.start, offset) + 1, inside.start)
        right = text.find("|", offset, inside.end)
        inside = Span(left, right if right >= 0 else inside.end)
    return _Slot(inside, after="" if closed else quote)
