"""The outline of a text: sections and options, rules, roles with what they hold, services with their variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from policy.configuration.secrets import masked
from policy.configuration.source import Kind
from policy.editor.content import LISTS
from policy.text import Span

if TYPE_CHECKING:
    from policy.editor.buffers import Buffer
    from policy.editor.state import State
    from policy.text import Member, Node

_DEEPEST = 5
_MOST = 5_000
_ICONS = {
    "object": types.SymbolKind.Object,
    "array": types.SymbolKind.Array,
    "string": types.SymbolKind.String,
    "number": types.SymbolKind.Number,
    "boolean": types.SymbolKind.Boolean,
    "null": types.SymbolKind.Null,
}


def outline(buffer: Buffer, state: State) -> list[types.DocumentSymbol]:
    """The symbols of an open text; values are not shown, as they may be secrets."""
    root = buffer.document.root
    if root is None or buffer.kind is None:
        return []
    return _Outline(buffer, state).below(root, 0)


class _Outline:
    def __init__(self, buffer: Buffer, state: State) -> None:
        self._buffer = buffer
        self._units = state.units
        self._rows = {id(row.node): row for row in state.read(buffer).rows}
        self._left = _MOST

    def below(self, node: Node, depth: int) -> list[types.DocumentSymbol]:
        if depth >= _DEEPEST:
            return []
        return [self._member(member, depth) for member in node.members if self._counted()]

    def _counted(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def _member(self, member: Member, depth: int) -> types.DocumentSymbol:
        value = member.value
        children = self._rules(value) if member.key in LISTS else self.below(value, depth + 1)
        kind = _ICONS.get(value.kind, types.SymbolKind.Property)
        if self._buffer.kind is Kind.PERMISSIONS and depth == 1:
            kind = types.SymbolKind.Class
        return self._symbol(member.key, kind, member.span, member.key_span, children)

    def _rules(self, node: Node) -> list[types.DocumentSymbol]:
        found = []
        for item in node.items:
            row = self._rows.get(id(item))
            if row is not None and self._counted():
                name = f"{row.method.upper()} {row.pattern}"
                found.append(self._symbol(name, types.SymbolKind.Function, item.span, item.span, [], detail=row.asked))
        return found

    def _symbol(
        self,
        name: str,
        kind: types.SymbolKind,
        span: Span,
        selection: Span,
        children: list[types.DocumentSymbol],
        *,
        detail: str | None = None,
    ) -> types.DocumentSymbol:
        document = self._buffer.document
        whole = Span(min(span.start, selection.start), max(span.end, selection.end))
        return types.DocumentSymbol(
            name=masked(name) or "(empty)",  # an empty name is refused by editors
            kind=kind,
            range=self._units.range(document, whole),
            selection_range=self._units.range(document, selection),
            detail=masked(detail) if detail else None,
            children=children or None,
        )
