"""From a name to where it is given, and to everywhere that it is used: rules, roles, labels, across files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from policy.editor.content import What
from policy.editor.spot import name_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policy.editor.buffers import Buffer
    from policy.editor.content import Name
    from policy.editor.state import State


def definition(buffer: Buffer, offset: int, state: State) -> list[types.Location]:
    """Where the name at an offset comes from.

    A permission that a rule asks for: the roles that hold it; one that a role holds: the rules that ask for it.
    A label: the list of available labels, else the roles that are limited to it. A role: its entry.
    """
    here = name_at(state.read(buffer), offset)
    if here is None:
        return []
    if here.what is What.PERMISSION:
        return _places(here, buffer, state, lambda one: one.asked is not here.asked)
    return _places(here, buffer, state, lambda one: one.defines) or _places(here, buffer, state, lambda _: True)


def references(buffer: Buffer, offset: int, state: State, *, declaration: bool) -> list[types.Location]:
    """Everywhere that the name at an offset stands; ``declaration``: where it is introduced too."""
    here = name_at(state.read(buffer), offset)
    if here is None:
        return []
    return _places(here, buffer, state, lambda one: declaration or not one.defines)


def highlights(buffer: Buffer, offset: int, state: State) -> list[types.DocumentHighlight]:
    """The name at an offset wherever it stands in the same text."""
    read = state.read(buffer)
    here = name_at(read, offset)
    return [
        types.DocumentHighlight(state.units.range(buffer.lines, one.span))
        for one in read.names
        if here is not None and (one.what, one.name) == (here.what, here.name)
    ]


def _places(here: Name, buffer: Buffer, state: State, wanted: Callable[[Name], bool]) -> list[types.Location]:
    return list(_found(here, buffer, state, wanted))


def _found(here: Name, buffer: Buffer, state: State, wanted: Callable[[Name], bool]) -> Iterator[types.Location]:
    for path, read in state.texts_of(buffer):
        for one in read.names:
            if (one.what, one.name) == (here.what, here.name) and wanted(one):
                yield types.Location(state.buffers.uri(path), state.units.range(read.document, one.span))
