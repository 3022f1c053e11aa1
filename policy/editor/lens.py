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
            data={"uri": buffer.uri, "option": row.option, "number": row.number},
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
    row = row_of(data, state)
    buffer = state.buffers.get(str(data["uri"])) if row is not None else None
    analysis = state.analysis(buffer) if buffer is not None else None
    if row is None or buffer is None or analysis is None:
        return None
    found = analysis.own(buffer.path, row)
    return passing(*found, analysis) if found is not None else None


def row_of(data: Any, state: State) -> RuleRow | None:
    """The row that ``data`` of a lens names."""
    if not isinstance(data, dict):
        return None
    buffer = state.buffers.get(str(data.get("uri")))
    rows = state.read(buffer).rows if buffer is not None else ()
    return next((row for row in rows if (row.option, row.number) == (data.get("option"), data.get("number"))), None)


def lens_title(found: Passing) -> str:
    """Few words on who passes."""
    if found.example is None:
        return "decides no request that was found"
    if not found.roles:
        return "anybody" if found.anybody else "the files give no roles"
    count = len(found.allowed)
    words = "1 role" if count == 1 else f"{count} roles"
    return f"{words} of {found.roles}" + (" and anybody without a token" if found.anybody else "")
