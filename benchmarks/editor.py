"""Times of the language server as an editor sees them: from request to answer, through the real process.

The last column is what the server computed for an answer, which does not depend on what else the machine does.

    python benchmarks/editor.py [--rules 1000] [--times 15]

Each line gives median and worst of the answers for one folder; "while typing" puts the questions right behind a key
press, so that the worker looks at the files at the same time.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SERVER = [sys.executable, "-c", "from policy.commands.main import toolkit; toolkit()", "lsp"]
ROLES = 15
_NUMBERS = itertools.count(1)
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
    """An editor that keeps the time; it leaves the answers as bytes, since what it makes of them is its own time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = 0
        self.arrived = asyncio.Event()
        self.uri = (folder / "orthanc.jsonc").as_uri()
        self.text = (folder / "orthanc.jsonc").read_text()
        self._waiting: dict[int, asyncio.Future[None]] = {}

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*SERVER, stdin=pipe, stdout=pipe, cwd=ROOT)
        self._reader = asyncio.create_task(self._read())
        folders = [{"uri": self.folder.as_uri(), "name": self.folder.name}]
        await self.ask("initialize", {"processId": None, "capabilities": {}, "workspaceFolders": folders})
        self.tell("initialized", {})

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while header := await self.process.stdout.readline():
            if header.lower().startswith(b"content-length"):
                size = int(header.split(b":")[1])
            elif not header.strip():
                body = await self.process.stdout.readexactly(size)
                if b"publishDiagnostics" in body[-200:] or b"publishDiagnostics" in body[:200]:
                    told = json.loads(body)["params"]
                    if told["uri"] == self.uri and told.get("version") == self.version:
                        self.arrived.set()
                elif match := re.search(rb'"id": ?(\d+)', body[:200] + body[-200:]):
                    self._waiting.pop(int(match[1])).set_result(None)

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def ask(self, method: str, params: Any) -> None:
        """Send a request and wait for its answer."""
        number = next(_NUMBERS)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        await self._waiting[number]

    async def open(self) -> float:
        """Open the configuration; seconds to the findings."""
        began = time.perf_counter()
        self.version = 1
        item = {"uri": self.uri, "languageId": "jsonc", "version": 1, "text": self.text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        await self.arrived.wait()
        return time.perf_counter() - began

    def change(self) -> None:
        """A key press."""
        self.version += 1
        self.arrived.clear()
        self.text = self.text.rstrip("\n") + "\n" * (1 + self.version % 2)
        document = {"uri": self.uri, "version": self.version}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": self.text}]})

    def place(self, mark: str) -> dict[str, int]:
        at = self.text.rindex(mark) + 2
        return {"line": self.text.count("\n", 0, at), "character": at - self.text.rfind("\n", 0, at) - 1}

    def questions(self) -> dict[str, tuple[str, Any]]:
        """Each question with its method and its parameters."""
        document = {"textDocument": {"uri": self.uri}}
        rule, permission, level = (
            {**document, "position": self.place(mark)} for mark in ('"^/', '"all|', '"CheckedLevel')
        )
        everything = {"start": {"line": 0, "character": 0}, "end": {"line": 10**6, "character": 0}}
        option = "Permissions" if '"Permissions"' in self.text else "ExtraPermissions"
        return {
            "hover on a rule": ("textDocument/hover", rule),
            "hover on a permission": ("textDocument/hover", permission),
            "hover on an option": ("textDocument/hover", level),
            "completion of permissions": ("textDocument/completion", permission),
            "completion of routes": ("textDocument/completion", rule),
            "definition": ("textDocument/definition", permission),
            "references": ("textDocument/references", {**permission, "context": {"includeDeclaration": True}}),
            "symbols": ("textDocument/documentSymbol", document),
            "code lenses": ("textDocument/codeLens", document),
            "one code lens in words": ("codeLens/resolve", {"range": everything, "data": f"{option} 0 {self.uri}"}),
            "code actions": (
                "textDocument/codeAction",
                {**document, "range": everything, "context": {"diagnostics": []}},
            ),
        }

    async def stop(self) -> None:
        await self.ask("shutdown", None)
        self.tell("exit", None)
        await self.process.wait()
        await self._reader


async def measure(name: str, folder: Path, times: int) -> None:
    client = Client(folder)
    await client.start()
    opened = await client.open()
    first = {what: await _timed(client, *ask) for what, ask in client.questions().items()}
    print(f"\n{name}: findings {opened * 1000:.0f} ms after opening")
    rows: dict[str, list[float]] = {what: [] for what in first}
    typing: dict[str, list[float]] = {what: [] for what in first}
    await _idle(client)
    spent: dict[str, float] = {}
    for what, ask in client.questions().items():
        began = _spent(client.process.pid)
        for _ in range(times):
            rows[what].append(await _timed(client, *ask))
        spent[what] = (_spent(client.process.pid) - began) / times
    for what in first:
        for _ in range(max(times // 3, 1)):
            client.change()
            await asyncio.sleep(0.25)  # the worker has begun
            typing[what].append(await _timed(client, *client.questions()[what]))
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
        before = _spent(client.process.pid)
        await asyncio.sleep(0.5)
        if _spent(client.process.pid) - before < 0.01:
            return


def _spent(process: int) -> float:
    """Seconds of processor time of all threads of a process; Linux alone tells, elsewhere 0."""
    tasks = Path(f"/proc/{process}/task")
    if not tasks.is_dir():
        return 0.0
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


async def _timed(client: Client, method: str, params: Any) -> float:
    began = time.perf_counter()
    await client.ask(method, params)
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
