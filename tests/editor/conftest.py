"""An editor that drives the real server process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest  # noqa: TC002 - pytest looks at the annotations of fixtures
import pytest_asyncio
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

ROLES = """{
  "roles": {
    "admin": {"permissions": ["all"], "authorized-labels": ["*"]},
    "guest": {"permissions": ["view"], "authorized-labels": ["external"]}
  },
  "available-labels": ["external"]
}
"""
"""Two roles: one that may everything, one that is limited by a label."""
SERVER = [sys.executable, "-c", "from policy.commands.main import toolkit; toolkit()", "lsp", "--stdio"]
_TIMEOUT = 30.0


def _converter() -> Any:
    """That of pygls, which takes an action that holds a command for the command alone."""
    made = default_converter()
    made.register_structure_hook(
        types.Command | types.CodeAction,
        lambda given, _: made.structure(
            given, types.Command if isinstance(given.get("command"), str) else types.CodeAction
        ),
    )
    return made


def make_client() -> LanguageClient:
    """A client that keeps what diagnostics come for which version, and takes the edits that it is asked for."""
    client = LanguageClient(converter_factory=_converter)
    register_lsp_features(client, {**DEFAULT_CLIENT_FEATURES, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: _arrive})
    client.arrived = {}
    client.applied = []
    client.registered = []

    @client.feature(types.WORKSPACE_APPLY_EDIT)
    def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        client.applied.append(params)
        return types.ApplyWorkspaceEditResult(applied=True)

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams) -> None:
        client.registered.extend(params.registrations)

    @client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
    def refresh(_: Any) -> None:
        return None

    return client


def _arrive(client: LanguageClient, params: types.PublishDiagnosticsParams) -> None:
    client.arrived.setdefault(params.uri, []).append(params)


CAPABILITIES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        apply_edit=True,
        code_lens=types.CodeLensWorkspaceClientCapabilities(refresh_support=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    )
)


def capabilities(*encodings: str) -> types.ClientCapabilities:
    """Those of an editor that can count in these units; none: one that says nothing of it."""
    general = types.GeneralClientCapabilities(position_encodings=list(encodings)) if encodings else None
    return types.ClientCapabilities(workspace=CAPABILITIES.workspace, general=general)


class Editor:
    """What a person does in an editor, with files in ``folder``."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self._versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def write(self, name: str, text: str) -> None:
        """Put a file on the disk."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def open(self, name: str, text: str | None = None, language: str = "jsonc") -> None:
        """Open a file: from the disk, or a new one with ``text``."""
        text = text if text is not None else (self.folder / name).read_text("utf-8")
        self._versions[name] = 1
        self.texts[name] = text
        item = types.TextDocumentItem(self.uri(name), language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, name: str, text: str) -> None:
        """Change the whole text, without saving."""
        self._versions[name] += 1
        self.texts[name] = text
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._versions[name], self.uri(name)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def close(self, name: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self._id(name)))

    async def shutdown(self) -> None:
        await self.client.shutdown_session()

    async def findings(self, name: str) -> list[types.Diagnostic]:
        """The findings for the text as it is now."""
        wanted = self._versions.get(name)
        async with asyncio.timeout(_TIMEOUT):
            while True:
                for params in self.client.arrived.get(self.uri(name), []):
                    if wanted is None or params.version == wanted:
                        return list(self.client.arrived[self.uri(name)][-1].diagnostics)
                await self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)

    async def codes(self, name: str) -> set[str]:
        return {str(one.code) for one in await self.findings(name)}

    async def next_findings(self, name: str) -> list[types.Diagnostic]:
        """The findings that come for a file after what has come already."""
        before = len(self.client.arrived.get(self.uri(name), []))
        async with asyncio.timeout(_TIMEOUT):
            while len(self.client.arrived.get(self.uri(name), [])) == before:
                await self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return list(self.client.arrived[self.uri(name)][-1].diagnostics)

    def _id(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def place(self, name: str, mark: str, *, offset: int = 0, nth: int = 0) -> types.Position:
        """The place ``offset`` characters behind the beginning of ``mark``, the columns in units of UTF-16."""
        text = self.texts[name]
        at = -1
        for _ in range(nth + 1):
            at = text.index(mark, at + 1)
        at += offset
        line = text.count("\n", 0, at)
        column = text[text.rfind("\n", 0, at) + 1 : at]
        return types.Position(line, len(column.encode("utf-16-le")) // 2)

    async def hover(self, name: str, mark: str, *, offset: int = 0, nth: int = 0) -> str:
        """What is shown there; empty for nothing."""
        position = self.place(name, mark, offset=offset, nth=nth)
        found = await self.client.text_document_hover_async(types.HoverParams(self._id(name), position))
        return found.contents.value if found is not None else ""

    async def complete(self, name: str, position: types.Position) -> dict[str, types.CompletionItem]:
        found = await self.client.text_document_completion_async(types.CompletionParams(self._id(name), position))
        return {item.label: item for item in found.items} if found is not None else {}

    async def complete_at_bar(self, name: str, text: str) -> tuple[dict[str, types.CompletionItem], str]:
        """Type a text in which ``¦`` is the cursor; what is offered, and the text without the mark."""
        at = text.index("¦")
        plain = text.replace("¦", "")
        if name in self._versions:
            self.type(name, plain)
        else:
            self.open(name, plain)
        position = types.Position(text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1))
        return await self.complete(name, position), plain

    async def definition(self, name: str, mark: str, *, offset: int = 0, nth: int = 0) -> set[tuple[str, str]]:
        """The places as (file, text of the range)."""
        position = self.place(name, mark, offset=offset, nth=nth)
        params = types.DefinitionParams(self._id(name), position)
        return self.shown(await self.client.text_document_definition_async(params))

    async def references(
        self, name: str, mark: str, *, offset: int = 0, nth: int = 0, declaration: bool = True
    ) -> list[tuple[str, str]]:
        position = self.place(name, mark, offset=offset, nth=nth)
        params = types.ReferenceParams(types.ReferenceContext(declaration), self._id(name), position)
        found = await self.client.text_document_references_async(params)
        return sorted(self._shown(one) for one in found or ())

    def shown(self, found: Any) -> set[tuple[str, str]]:
        return {self._shown(one) for one in found or ()}

    def _shown(self, one: types.Location) -> tuple[str, str]:
        name = one.uri.removeprefix(self.folder.as_uri() + "/")
        return name, cut(self.texts.get(name) or (self.folder / name).read_text("utf-8"), one.range)

    async def actions(
        self, name: str, diagnostic: types.Diagnostic | None = None, only: list[str] | None = None
    ) -> dict[str, types.CodeAction]:
        area = (
            diagnostic.range if diagnostic is not None else types.Range(types.Position(0, 0), types.Position(9999, 0))
        )
        context = types.CodeActionContext([diagnostic] if diagnostic is not None else [], only=only)
        found = await self.client.text_document_code_action_async(types.CodeActionParams(self._id(name), area, context))
        return {one.title: one for one in found or ()}

    async def run(self, command: types.Command) -> Any:
        return await self.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command.command, command.arguments)
        )

    def after(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """The texts after an edit, by name."""
        found = {}
        for change in edit.document_changes or ():
            if isinstance(change, types.CreateFile):
                continue
            name = change.text_document.uri.removeprefix(self.folder.as_uri() + "/")
            path = self.folder / name
            text = self.texts.get(name) or (path.read_text("utf-8") if path.exists() else "")
            found[name] = edited(text, change.edits)
        return found


def _offset(text: str, position: types.Position) -> int:
    lines = text.split("\n")
    line = lines[position.line] if position.line < len(lines) else ""
    column = len(line.encode("utf-16-le")[: 2 * position.character].decode("utf-16-le"))
    return sum(len(one) + 1 for one in lines[: position.line]) + column


def cut(text: str, area: types.Range) -> str:
    """The text of a range."""
    return text[_offset(text, area.start) : _offset(text, area.end)]


def edited(text: str, edits: Any) -> str:
    """The text after edits, which do not overlap."""
    for edit in sorted(edits, key=lambda one: -_offset(text, one.range.start)):
        text = text[: _offset(text, edit.range.start)] + edit.new_text + text[_offset(text, edit.range.end) :]
    return text


def start(client: LanguageClient, folder: Path | None, *encodings: str) -> Any:
    """The editor introduces itself, with ``folder`` open."""
    folders = [types.WorkspaceFolder(folder.as_uri(), folder.name)] if folder is not None else None
    return client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities(*encodings),
            workspace_folders=folders,
            root_uri=folder.as_uri() if folder is not None else None,
        )
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[LanguageClient, Path]]:
    """One server process for the tests of a module, and a folder above those of the tests."""
    folder = tmp_path_factory.mktemp("workspace").resolve()
    client = make_client()
    await client.start_io(*SERVER)
    await start(client, None)
    yield client, folder
    await client.shutdown_session()
    await client.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def editor(server: tuple[LanguageClient, Path], request: pytest.FixtureRequest) -> AsyncIterator[Editor]:
    """An editor with a folder of its own, whose texts are closed in the end."""
    client, workspace = server
    folder = workspace / request.node.name.replace("/", "-")[:60]
    folder.mkdir()
    made = Editor(client, folder)
    here = types.WorkspaceFolder(folder.as_uri(), folder.name)
    move(client, added=[here])
    yield made
    for name in made.texts:
        made.close(name)
    move(client, removed=[here])


def move(
    client: LanguageClient,
    added: Sequence[types.WorkspaceFolder] = (),
    removed: Sequence[types.WorkspaceFolder] = (),
) -> None:
    """Open and close folders in the editor."""
    event = types.WorkspaceFoldersChangeEvent(added=list(added), removed=list(removed))
    client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
