"""Times of the language server as an editor sees them: from request to answer, through the real process.

The last column is what the server computed for an answer, which does not depend on what else the machine does.

    python benchmarks/editor.py [--rules 1000] [--times 15]

Each line gives median and worst of the answers for one folder; "while typing" puts the questions right behind a key
press, so that the worker looks at the files at the same time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient

ROOT = Path(__file__).parent.parent
SERVER = [sys.executable, "-c", "from policy.commands.main import toolkit; toolkit()", "lsp"]
ROLES = 15
SHAPES = (
    "^/plugin-{0}/(studies|series)/([a-f0-9-]+)(|/.*)$",
    "^/app-{0}/api/v1/(.*)/status$",
    "^/tools/task-{0}$",
    "^/ward-{0}/(.*)$",
)


def made(folder: Path, rules: int) -> None:
    """A configuration with so many rules, and its roles."""
    names = ("view", "download", "send", "modify", "delete")
    rows = [
        [("get", "post", "put", "delete")[i % 4], SHAPES[i % len(SHAPES)].format(i), f"all|{names[i % 5]}"]
        for i in range(rules)
    ]
    section = {"WebServiceRootUrl": "http://auth/", "CheckedLevel": "studies", "Permissions": rows}
    text = json.dumps({"AuthenticationEnabled": False, "Authorization": section}, indent=2)
    (folder / "orthanc.jsonc").write_text(text)
    roles = {
        f"role-{i}": {"permissions": [names[i % 5]], "authorized-labels": ["*" if i % 2 else "external"]}
        for i in range(ROLES)
    }
    (folder / "permissions.json").write_text(json.dumps({"roles": roles, "available-labels": ["external"]}, indent=2))


class Client:
    """An editor that keeps the time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client: Any = BaseLanguageClient("benchmark", "1")
        self.version = 0
        self.arrived = asyncio.Event()
        self.wanted = 0
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(partial(Client._arrive, self))
        self.uri = (folder / "orthanc.jsonc").as_uri()
        self.text = (folder / "orthanc.jsonc").read_text()

    def _arrive(self, params: types.PublishDiagnosticsParams) -> None:
        if params.uri == self.uri and params.version == self.version:
            self.arrived.set()

    async def start(self) -> None:
        await self.client.start_io(*SERVER)
        folders = [types.WorkspaceFolder(self.folder.as_uri(), self.folder.name)]
        await self.client.initialize_async(
            types.InitializeParams(capabilities=types.ClientCapabilities(), workspace_folders=folders)
        )
        self.client.initialized(types.InitializedParams())

    async def open(self) -> float:
        """Open the configuration; seconds to the findings."""
        began = time.perf_counter()
        self.version = 1
        item = types.TextDocumentItem(self.uri, "jsonc", 1, self.text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await self.arrived.wait()
        return time.perf_counter() - began

    def change(self) -> None:
        """A key press."""
        self.version += 1
        self.arrived.clear()
        self.text = self.text.rstrip("\n") + "\n" * (1 + self.version % 2)
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.version, self.uri),
                [types.TextDocumentContentChangeWholeDocument(self.text)],
            )
        )

    def place(self, mark: str) -> types.Position:
        at = self.text.rindex(mark) + 2
        return types.Position(self.text.count("\n", 0, at), at - self.text.rfind("\n", 0, at) - 1)

    def questions(self) -> dict[str, Any]:
        """Each question as something to await."""
        client, document = self.client, types.TextDocumentIdentifier(self.uri)
        rule, permission, level = self.place('"^/'), self.place('"all|'), self.place('"CheckedLevel')
        everything = types.Range(types.Position(0, 0), types.Position(10**6, 0))
        option = "Permissions" if '"Permissions"' in self.text else "ExtraPermissions"
        lens = types.CodeLens(everything, data=f"{option} 0 {self.uri}")
        return {
            "hover on a rule": lambda: client.text_document_hover_async(types.HoverParams(document, rule)),
            "hover on a permission": lambda: client.text_document_hover_async(types.HoverParams(document, permission)),
            "hover on an option": lambda: client.text_document_hover_async(types.HoverParams(document, level)),
            "completion of permissions": lambda: client.text_document_completion_async(
                types.CompletionParams(document, permission)
            ),
            "completion of routes": lambda: client.text_document_completion_async(
                types.CompletionParams(document, rule)
            ),
            "definition": lambda: client.text_document_definition_async(types.DefinitionParams(document, permission)),
            "references": lambda: client.text_document_references_async(
                types.ReferenceParams(types.ReferenceContext(include_declaration=True), document, permission)
            ),
            "symbols": lambda: client.text_document_document_symbol_async(types.DocumentSymbolParams(document)),
            "code lenses": lambda: client.text_document_code_lens_async(types.CodeLensParams(document)),
            "one code lens in words": lambda: client.code_lens_resolve_async(lens),
            "code actions": lambda: client.text_document_code_action_async(
                types.CodeActionParams(document, everything, types.CodeActionContext([]))
            ),
        }

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


async def measure(name: str, folder: Path, times: int) -> None:
    client = Client(folder)
    await client.start()
    opened = await client.open()
    first = {what: await _timed(ask) for what, ask in client.questions().items()}
    print(f"\n{name}: findings {opened * 1000:.0f} ms after opening")
    rows: dict[str, list[float]] = {what: [] for what in first}
    typing: dict[str, list[float]] = {what: [] for what in first}
    await _idle(client)
    spent: dict[str, float] = {}
    for what, ask in client.questions().items():
        began = _spent(client.client._server.pid)
        for _ in range(times):
            rows[what].append(await _timed(ask))
        spent[what] = (_spent(client.client._server.pid) - began) / times
    for what in first:
        for _ in range(max(times // 3, 1)):
            client.change()
            await asyncio.sleep(0.25)  # the worker has begun
            typing[what].append(await _timed(client.questions()[what]))
            await asyncio.wait_for(client.arrived.wait(), 60)
    print(f"  {'':28}{'first':>9}{'median':>9}{'worst':>9}{'while typing':>14}{'computed':>10}")
    for what, values in rows.items():
        figures = (first[what], statistics.median(values), max(values))
        print(
            f"  {what:28}"
            + "".join(f"{1000 * one:7.1f}ms" for one in figures)
            + f"{1000 * statistics.median(typing[what]):12.1f}ms{1000 * spent[what]:8.1f}ms"
        )
    client.change()
    began = time.perf_counter()
    await client.arrived.wait()
    print(f"  findings after a key press: {(time.perf_counter() - began) * 1000:.0f} ms")
    await client.stop()


async def _idle(client: Client) -> None:
    """Until the worker has nothing left to do."""
    while True:
        before = _spent(client.client._server.pid)
        await asyncio.sleep(0.5)
        if _spent(client.client._server.pid) - before < 0.01:
            return


def _spent(process: int) -> float:
    """Seconds of processor time of all threads of a process; Linux alone tells, elsewhere 0."""
    tasks = Path(f"/proc/{process}/task")
    if not tasks.is_dir():
        return 0.0
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


async def _timed(ask: Any) -> float:
    began = time.perf_counter()
    await ask()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--times", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for name in ("clinic", "forum-thread"):
            folder = Path(place).resolve() / name
            shutil.copytree(ROOT / "samples" / name, folder)
            asyncio.run(measure(f"samples/{name}", folder, given.times))
        folder = Path(place).resolve() / "large"
        folder.mkdir()
        made(folder, given.rules)
        asyncio.run(measure(f"{given.rules} rules", folder, given.times))


if __name__ == "__main__":
    main()
