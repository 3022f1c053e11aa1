"""What stands at the cursor, whatever file it is in: the place in Orthanc's configuration, in roles, in variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policy.configuration.source import Kind
from policy.editor.compose import compose_cursor
from policy.editor.cursor import Cursor, cursor_in
from policy.text import Span

if TYPE_CHECKING:
    from policy.editor.buffers import Buffer
    from policy.editor.compose import ComposeCursor
    from policy.editor.content import Name, RuleRow
    from policy.editor.cursor import Path
    from policy.editor.state import Read


class Spot(NamedTuple):
    """A place with its meaning.

    ``kind`` is what the JSON there is (that of a Compose variable is Orthanc's), ``path`` the whole path in it.
    ``variable`` is set where the name of an environment variable stands, in ``service``.
    """

    kind: Kind | None
    cursor: Cursor
    path: Path
    variable: str | None = None
    service: ComposeCursor | None = None

    @property
    def key(self) -> Path:
        """The path of the key at the cursor; empty where it is none."""
        return (*self.path, self.cursor.value) if self.cursor.place == "key" else ()


_NOWHERE = Cursor("", (), Span(0, 0))


def spot(buffer: Buffer, offset: int) -> Spot:
    """The place of an offset in an open text."""
    if buffer.kind is Kind.COMPOSE:
        found = compose_cursor(buffer.lines, offset)
        if found.json is not None:
            return Spot(Kind.ORTHANC, found.json, (*found.at, *found.json.path))
        return Spot(Kind.COMPOSE, _NOWHERE._replace(span=found.span), (), found.variable, found)
    if buffer.kind in (Kind.ORTHANC, Kind.PERMISSIONS, Kind.ANONYMOUS, Kind.REALM):
        cursor = cursor_in(buffer.lines.text, offset)
        at: Path = ("Authorization",) if buffer.bare_section else ()
        return Spot(buffer.kind, cursor, (*at, *cursor.path))
    return Spot(buffer.kind, _NOWHERE, ())


def row_at(read: Read, offset: int) -> RuleRow | None:
    """The row of rules around an offset."""
    return next((row for row in read.rows if row.node.span.start <= offset <= row.node.span.end), None)


def name_at(read: Read, offset: int) -> Name | None:
    """The name at an offset, its end included."""
    return next((name for name in read.names if name.span.start <= offset <= name.span.end), None)
