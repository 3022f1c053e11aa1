"""The server: what the editor asks, bound to the features that answer it.

Texts come whole with each change: configuration files are small, and a whole text cannot get out of step.
A request that fails is answered with an error that names its kind and nothing of what a file holds.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from policy._version import __version__
from policy.editor import actions, diagnostics, layout, lens, navigation, outline, words
from policy.editor.buffers import Buffer, real_path
from policy.editor.changes import fits, workspace_edit
from policy.editor.completion import TRIGGERS, completions
from policy.editor.hover import hover
from policy.editor.scheduling import DELAY, Scheduler
from policy.editor.state import State
from policy.editor.units import Units
from policy.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policy.editor.actions import Diagnosed
    from policy.editor.analysis import Analysis
    from policy.text import Document

T = TypeVar("T")
_WATCHED = ("json", "jsonc", "json5", "yml", "yaml", "env", "conf", "toml")
"""Endings of files that count, one glob each: not every editor knows groups of globs."""


class Server(LanguageServer):
    """The language server with its state."""

    def __init__(self) -> None:
        super().__init__("policy-lint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.state = State()
        self.scheduler = Scheduler(self.state.buffers.texts, self.told)
        self.diagnosed: dict[str, list[Diagnosed]] = {}
        """The findings that the editor shows, by real path."""
        self._published: dict[Path, set[str]] = {}

    # -- texts --

    def keep(self, uri: str, version: int, text: str) -> None:
        """Take a text and look at its folder soon."""
        buffer = self.state.buffers.put(uri, version, text)
        if buffer is None:
            return
        root = self.state.root(buffer.path)
        if buffer.kind is not None or root in self.state.analyses:
            # What was never looked at is looked at at once.
            self.scheduler.changed(root, DELAY if root in self.state.analyses else 0)

    def drop(self, uri: str) -> None:
        """Forget a closed text; with the last one of a folder all that is known of it."""
        path = real_path(uri)
        if path is None:
            return
        self.state.buffers.drop(uri)
        root = self.state.root(path)
        if any(self.state.root(other.path) == root for other in self.state.buffers):
            self.scheduler.changed(root)
            return
        self._leave(root)

    def again(self) -> None:
        """Look at everything again: something on the disk has changed, maybe what belongs together."""
        self.state.roots.clear()
        roots = {self.state.root(buffer.path) for buffer in self.state.buffers if buffer.kind is not None}
        for root in {*self.state.analyses, *self._published} - roots:
            self._leave(root)
        for root in roots:
            self.scheduler.changed(root)

    def _leave(self, root: Path) -> None:
        """Forget a folder, with the findings that the editor shows of it."""
        self.scheduler.forget(root)
        self.state.analyses.pop(root, None)
        self._publish(root, {})
        del self._published[root]

    # -- outcomes --

    def told(self, root: Path, outcome: Analysis | Exception) -> None:
        """Take what the worker found out."""
        if isinstance(outcome, Exception):
            path, one = diagnostics.refused(outcome, root)
            real = os.path.realpath(path)
            # What is wrong with the folder as a whole has no place: a new file is nothing yet when it is begun.
            has_place = os.path.isfile(real) or self.state.buffers.at(real) is not None  # noqa: PTH113 - raises for no path
            self._publish(root, {real: [one]} if has_place else {})
            if not has_place:
                self.window_log_message(types.LogMessageParams(types.MessageType.Warning, one.message))
            return
        self.state.analyses[root] = outcome
        if outcome.result is None:
            return
        found = diagnostics.diagnostics(outcome, self.state.units, self.state.buffers.uri)
        self.diagnosed.update(found)
        self._publish(root, {path: [one for _, one in rows] for path, rows in found.items()})
        self._refresh_lenses()

    def _publish(self, root: Path, found: Mapping[str, list[types.Diagnostic]]) -> None:
        buffers = self.state.buffers
        before = self._published.get(root, set())
        open_here = {buffer.path for buffer in buffers if self.state.root(buffer.path) == root}
        for path in sorted({*found, *before, *open_here}):
            buffer = buffers.at(path)
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(
                    buffers.uri(path), found.get(path, []), buffer.version if buffer is not None else None
                )
            )
            if path not in found:
                self.diagnosed.pop(path, None)
        self._published[root] = set(found)

    def _refresh_lenses(self) -> None:
        workspace = self.client_capabilities.workspace
        if workspace is not None and workspace.code_lens is not None and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None, callback=lambda _: None)

    # -- changes --

    async def changed_by(self, label: str, made: Callable[[], Mapping[str, tuple[Document, bytes]] | None]) -> bool:
        """Make a change on the worker's thread and ask the editor for it; whether it was made.

        A change of texts that have moved on in the meantime is not made.
        """
        changed = await asyncio.get_running_loop().run_in_executor(self.scheduler.worker, made)
        if not changed:
            return False
        if not fits(((path, before.data) for path, (before, _) in changed.items()), self.state.buffers):
            return False
        edit = workspace_edit(changed, self.state.buffers, self.state.units)
        answer = await self.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        return answer.applied

    def say(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a message."""
        self.window_show_message(types.ShowMessageParams(kind, text))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Nothing is shown to the client: the texts of exceptions could hold anything."""


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
