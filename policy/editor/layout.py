"""Formatting: what ``policy format`` does, as edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.configuration.source import Kind
from policy.editor.changes import text_edits
from policy.errors import PolicyError

if TYPE_CHECKING:
    from lsprotocol import types

    from policy.editor.buffers import Buffer
    from policy.editor.state import State

_KINDS = (Kind.ORTHANC, Kind.PERMISSIONS, Kind.ANONYMOUS)


def formatted(buffer: Buffer, state: State, *, tab_size: int, blanks: bool) -> list[types.TextEdit]:
    """The edits that lay an open text out anew; none for a text that no program reads, or that is none of ours.

    The indentation of the file stays; ``tab_size`` and ``blanks`` are for a text that has none yet.
    """
    from policy.text.formatting import format_document

    document = buffer.document
    if buffer.kind not in _KINDS or document.language != "json":
        return []
    step = None if "\n" in document.text.strip() else (" " * min(max(tab_size, 1), 8) if blanks else "\t")
    try:
        return text_edits(document, format_document(document, step=step), state.units)
    except PolicyError:
        return []
