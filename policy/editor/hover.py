"""What the thing at the cursor means: a rule, a permission, a role, a label, an option, a variable, a word of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from policy.configuration.source import Kind
from policy.editor.content import SECTION, What
from policy.editor.hover_options import file_key_text, level_text, option_text, standard_text, variable_text
from policy.editor.hover_rules import rule_text
from policy.editor.hover_who import label_text, permission_text, role_text
from policy.editor.spot import name_at, row_at, spot
from policy.text import Span

if TYPE_CHECKING:
    from policy.editor.buffers import Buffer
    from policy.editor.spot import Spot
    from policy.editor.state import State

_LEVELS = ("CheckedLevel", "UncheckedLevels")


def hover(buffer: Buffer, offset: int, state: State) -> types.Hover | None:
    """What stands at an offset of an open text; None where there is nothing to say."""
    found = _found(buffer, offset, state)
    if found is None:
        return None
    text, span = found
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, state.shown(text, state.analysis(buffer))),
        state.units.range(buffer.lines, span),
    )


def _found(buffer: Buffer, offset: int, state: State) -> tuple[str, Span] | None:
    read = state.read(buffer)
    name = name_at(read, offset)
    if name is not None:
        analysis = state.analysis(buffer)
        if name.what is What.PERMISSION:
            return permission_text(name.name, buffer, state), name.span
        if name.what is What.LABEL:
            return label_text(name.name, buffer, state), name.span
        return role_text(name.name, buffer.path, analysis), name.span
    row = row_at(read, offset)
    if row is not None:
        return rule_text(row, buffer, state), row.node.span
    here = spot(buffer, offset)
    text = _text(here, buffer, state)
    return (text, here.cursor.span) if text else None


def _text(here: Spot, buffer: Buffer, state: State) -> str:
    analysis = state.analysis(buffer)
    if here.variable:
        return variable_text(here.variable)
    if here.cursor.place == "key":
        if here.kind is Kind.ORTHANC:
            server = analysis.server(buffer.path) if analysis is not None else None
            return option_text(tuple(map(str, here.key)), server)
        if here.kind in (Kind.PERMISSIONS, Kind.ANONYMOUS):
            service = analysis.service(buffer.path) if analysis is not None else None
            return file_key_text(here.kind, here.key, service)
        return ""
    if here.kind is not Kind.ORTHANC or here.path[:1] != (SECTION,) or len(here.path) < 2:
        return ""
    option = here.path[1]
    if option in _LEVELS:
        return level_text(here.cursor.value)
    if option == "StandardConfigurations":
        server = analysis.server(buffer.path) if analysis is not None else None
        return standard_text(here.cursor.value, server)
    return ""
