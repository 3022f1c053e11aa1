"""What takes longer than an answer may: all safe fixes, a suggestion, who may call a rule; made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from policy.editor import actions, lens
from policy.editor.buffers import Buffer
from policy.errors import PolicyError

if TYPE_CHECKING:
    from policy.editor.analysis import Analysis
    from policy.editor.server import Server
    from policy.text import Document

T = TypeVar("T")


def bind(server: Server) -> None:
    """Take the commands that actions and lenses name."""

    @server.command(actions.FIX_ALL)
    async def fix_all(uri: str) -> bool:
        found = _analysed(server, uri)
        if found is None:
            return False
        buffer, analysis = found
        texts = server.state.buffers.texts()
        return await server.changed_by(
            "Fix all that can be fixed safely", lambda: _tried(lambda: actions.fix_all(analysis, buffer.path, texts))
        )

    @server.command(actions.SUGGEST)
    async def suggest(uri: str, rule: str) -> bool:
        found = _analysed(server, uri)
        if found is None:
            return False
        buffer, analysis = found
        texts, told = server.state.buffers.texts(), []

        def make_one() -> Mapping[str, tuple[Document, bytes]] | None:
            best = _tried(lambda: actions.suggested(analysis, buffer.path, rule, texts))
            if best is None:
                return None
            told.append(analysis.masks.text(best[0]))
            return best[1]

        applied = await server.changed_by(f"policy suggest close {rule}", make_one)
        server.say(told[0] if applied and told else f"No suggestion closes {rule}.")
        return applied

    @server.command(lens.WHO_CAN)
    def who_can(data: Any) -> None:
        found = lens.passing_at(data, server.state)
        place = lens.row_of(data, server.state)
        if found is None or place is None:
            return
        buffer, row = place
        who = [*(["anybody without a token"] if found.anybody else []), *found.allowed]
        text = f"{row.method.upper()} {row.pattern}: {', '.join(who) or 'nobody'}"
        server.say(server.state.shown(text, server.state.analysis(buffer)))


def _analysed(server: Server, uri: str) -> tuple[Buffer, Analysis] | None:
    buffer = server.state.buffers.get(uri)
    analysis = server.state.analysis(buffer) if buffer is not None else None
    return (buffer, analysis) if buffer is not None and analysis is not None else None


def _tried(make_one: Callable[[], T]) -> T | None:
    try:
        return make_one()
    except PolicyError:
        return None
