"""The server and its state: texts taken in, findings told, changes asked for.

Texts come whole with each change: configuration files are small, and a whole text cannot get out of step.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from policy._version import __version__
from policy.editor import diagnostics
from policy.editor.buffers import real_path
from policy.editor.changes import fits, workspace_edit
from policy.editor.scheduling import DELAY, Scheduler
from policy.editor.state import State
from policy.editor.units import MARK

if TYPE_CHECKING:
    from policy.editor.actions import Diagnosed
    from policy.editor.analysis import Analysis
    from policy.text import Document


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
        if text.startswith(MARK):
            self.state.units.with_marks = True
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
