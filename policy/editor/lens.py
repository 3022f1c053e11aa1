"""Above each row of rules: how many roles it lets pass. Counted when the row comes into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from policy.editor.callers import passing
from policy.editor.content import RuleRow

if TYPE_CHECKING:
    from policy.editor.buffers import Buffer
    from policy.editor.callers import Passing
    from policy.editor.state import State

WHO_CAN = "policy-lint.whoCan"


def lenses(buffer: Buffer, state: State) -> list[types.CodeLens]:
    """A lens for each row, still without its words."""
    document = buffer.document
    return [
        types.CodeLens(
            state.units.range(document, row.node.span),
            data=f"{row.option} {row.number} {buffer.uri}",
        )
        for row in state.read(buffer).rows
    ]


def resolved(lens: types.CodeLens, state: State) -> types.CodeLens:
    """The lens with its words."""
    found = passing_at(lens.data, state)
    title = lens_title(found) if found is not None else "who can call this: not known yet"
    lens.command = types.Command(title=title, command=WHO_CAN, arguments=[lens.data])
    return lens


def passing_at(data: Any, state: State) -> Passing | None:
    """Who passes the row that ``data`` of a lens names; None where the text has moved on, or nothing is known yet."""
    found = row_of(data, state)
    analysis = state.analysis(found[0]) if found is not None else None
    if found is None or analysis is None:
        return None
    own = analysis.own(found[0].path, found[1])
    return passing(*own, analysis) if own is not None else None


def row_of(data: Any, state: State) -> tuple[Buffer, RuleRow] | None:
    """The text and the row that ``data`` of a lens names; it is one text, since a thousand of them are sent at once."""
    option, number, uri = [*str(data).split(" ", 2), "", ""][:3]
    buffer = state.buffers.get(uri)
    for row in state.read(buffer).rows if buffer is not None else ():
        if (row.option, str(row.number)) == (option, number) and buffer is not None:
            return buffer, row
    return None


def lens_title(found: Passing) -> str:
    """Few words on who passes."""
    if found.example is None:
        return "decides no request that was found"
    if not found.roles:
        return "anybody" if found.anybody else "the files give no roles"
    count = len(found.allowed)
    words = "1 role" if count == 1 else f"{count} roles"
    return f"{words} of {found.roles}" + (" and anybody without a token" if found.anybody else "")
