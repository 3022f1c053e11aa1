"""What an editor asks, bound to the features that answer it.

A request that fails is answered with an error that names its kind and nothing of what a file holds.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError

from policy.editor import actions, commands, diagnostics, layout, lens, navigation, outline, words
from policy.editor.buffers import Buffer, real_path
from policy.editor.completion import TRIGGERS, completions
from policy.editor.hover import hover
from policy.editor.server import Server
from policy.editor.units import Units

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_WATCHED = ("json", "jsonc", "json5", "yml", "yaml", "env", "conf", "toml")
"""Endings of files that count, one glob each: not every editor knows groups of globs."""


def _quiet(function: Callable[..., T]) -> Callable[..., T]:
    """An error of ours, or a fault, becomes an answer of one line."""

    @functools.wraps(function)
    def guarded(*args: Any) -> T:
        try:
            return function(*args)
        except JsonRpcException:
            raise
        except Exception as error:
            raise JsonRpcInternalError(f"policy-lint: {diagnostics.fault(error)}") from None

    return guarded


def make() -> Server:
    """The server, ready to be started."""
    logging.getLogger("pygls").addHandler(logging.NullHandler())
    logging.getLogger("pygls").propagate = False
    server = Server()
    _life(server)
    _texts(server)
    _questions(server)
    _changes(server)
    return server


def _life(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    @_quiet
    def initialized(_: types.InitializedParams) -> None:
        state = server.state
        state.units = Units(_text(server.workspace.position_encoding))
        folders = [real_path(uri) for uri in server.workspace.folders]
        root = real_path(server.workspace.root_uri) if server.workspace.root_uri else None
        state.workspace = tuple(dict.fromkeys(folder for folder in (*folders, root) if folder))
        server.scheduler.worker.submit(words.prepare)
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is not None and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(f"**/*.{ending}") for ending in _WATCHED]
            )
            server.client_register_capability(
                types.RegistrationParams(
                    [types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)]
                ),
                callback=lambda _: None,
            )

    @server.feature(types.SHUTDOWN)
    def shutdown(_: Any) -> None:
        server.scheduler.stop()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    @_quiet
    def watched(_: types.DidChangeWatchedFilesParams) -> None:
        server.again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    @_quiet
    def folders_changed(_: types.DidChangeWorkspaceFoldersParams) -> None:
        folders = [real_path(uri) for uri in server.workspace.folders]
        server.state.workspace = tuple(folder for folder in folders if folder)
        server.again()


def _text(encoding: Any) -> str:
    return str(getattr(encoding, "value", encoding) or "utf-16")


def _texts(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    @_quiet
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        server.keep(document.uri, document.version, document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    @_quiet
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        if params.content_changes:
            server.keep(document.uri, document.version, params.content_changes[-1].text)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    @_quiet
    def saved(_: types.DidSaveTextDocumentParams) -> None:
        server.again()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    @_quiet
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.drop(params.text_document.uri)


def _at(server: Server, params: Any) -> tuple[Buffer, int] | None:
    """The text and the offset that a request is about; None for a text that is not open."""
    buffer = server.state.buffers.get(params.text_document.uri)
    if buffer is None or buffer.kind is None:
        return None
    return buffer, server.state.units.offset(buffer.lines, params.position)


def _open(server: Server, uri: str) -> Buffer | None:
    buffer = server.state.buffers.get(uri)
    return buffer if buffer is not None and buffer.kind is not None else None


def _questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    @_quiet
    def hovered(params: types.HoverParams) -> types.Hover | None:
        found = _at(server, params)
        return hover(*found, server.state) if found is not None else None

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=list(TRIGGERS)))
    @_quiet
    def completed(params: types.CompletionParams) -> types.CompletionList | None:
        found = _at(server, params)
        return completions(*found, server.state) if found is not None else None

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    @_quiet
    def defined(params: types.DefinitionParams) -> Sequence[types.Location]:
        found = _at(server, params)
        return navigation.definition(*found, server.state) if found is not None else []

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    @_quiet
    def referred(params: types.ReferenceParams) -> Sequence[types.Location]:
        found = _at(server, params)
        if found is None:
            return []
        return navigation.references(*found, server.state, declaration=params.context.include_declaration)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    @_quiet
    def highlighted(params: types.DocumentHighlightParams) -> Sequence[types.DocumentHighlight]:
        found = _at(server, params)
        return navigation.highlights(*found, server.state) if found is not None else []

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    @_quiet
    def outlined(params: types.DocumentSymbolParams) -> Sequence[types.DocumentSymbol]:
        buffer = _open(server, params.text_document.uri)
        return outline.outline(buffer, server.state) if buffer is not None else []

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=True))
    @_quiet
    def lenses(params: types.CodeLensParams) -> Sequence[types.CodeLens]:
        buffer = _open(server, params.text_document.uri)
        return lens.lenses(buffer, server.state) if buffer is not None else []

    @server.feature(types.CODE_LENS_RESOLVE)
    @_quiet
    def resolved(one: types.CodeLens) -> types.CodeLens:
        return lens.resolved(one, server.state)


def _changes(server: Server) -> None:
    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, actions.FIX_ALL_KIND])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    @_quiet
    def acted(params: types.CodeActionParams) -> Sequence[types.CodeAction]:
        buffer = _open(server, params.text_document.uri)
        if buffer is None:
            return []
        diagnosed = server.diagnosed.get(buffer.path, [])
        return actions.actions(buffer, diagnosed, params.range, params.context.only, server.state)

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    @_quiet
    def formatted(params: types.DocumentFormattingParams) -> Sequence[types.TextEdit]:
        buffer = _open(server, params.text_document.uri)
        if buffer is None:
            return []
        options = params.options
        return layout.formatted(buffer, server.state, tab_size=options.tab_size, blanks=options.insert_spaces)

    commands.bind(server)
