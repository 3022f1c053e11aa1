"""Any words after a program's name end with 0, 1 or 2.

Each byte of an input stands for a word of a list, so that no word names a place where something could be written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from policy.commands.main import lint, toolkit

from ...security.everything import call
from .. import folders
from ..target import ROOT, Target

_GOOD = {path.name: path.read_bytes() for path in sorted((ROOT / "tests" / "properties" / "good").iterdir())}
_WORDS = (
    "--format", "json", "sarif", "--select", "ROL", "--ignore", "all", "--as", "orthanc", "-", "--", "-o", "/nonexistent/x",
    "--image-tag", "25.9.0", "0.9..0.11", "--plugin-version", "-1", "", "\x1b[31m", "--server", "orthanc.jsonc", "--client",
    "ohif", "--config", "pyproject.toml", "--as-of", "latest", "GET", "/studies", "http://[", "--token-file", "/dev/null",
    "explain", "lint", "effective", "test", "schema", "permissions", "diff", "HEAD:", "HEAD~1:./x", "matrix", "--by", "routes",
    "upgrade", "who-can", "can", "check", "--label", "x", "--combine", "a+b", "--fail-on", "error", "--origin", ".", "graph",
    "orthanc.json", "--help", "--version", "rules", "versions", "rule", "anonymous-star", "--persona", "auditor", "--severity",
    "info", "--fail-under", "nan", "1e9", "--route", "--explain", "--from", "--to", "suggest", "export", "replay", "--prefix",
    "permissions.json", "docker-compose.yml", "--fix", "--diff", "--unsafe-fixes", "--statistics", "--verbose", "--anonymous",
)  # fmt: skip
_MOST = 6


def check(data: bytes) -> None:
    """What must hold for one call."""
    program = toolkit if data[:1] > b"\x7f" else lint
    words = [_WORDS[byte % len(_WORDS)] for byte in data[1 : 1 + _MOST]]
    with folders.written(_GOOD) as folder, contextlib.chdir(folder):
        output = call(program, *words, text=b"{}")
    assert output.exit_code in (0, 1, 2), output


def _seeds() -> Iterator[bytes]:
    lists = (
        (lint, "."), (lint, "--format", "sarif", "."), (toolkit, "explain", "GET", "/studies", "."), (toolkit, "matrix", "."),
        (toolkit, "diff", ".", "."), (toolkit, "effective", "--origin", "."), (toolkit, "upgrade", "--to", "latest", "."),
        (toolkit, "rule", "anonymous-star"), (toolkit, "who-can", "/studies", "."), (lint, "--fix", "--diff", "."),
        (toolkit, "schema", "orthanc", "permissions.json"), (toolkit, "versions"), (toolkit, "--help"), (toolkit, "graph", "."),
    )  # fmt: skip
    for program, *words in lists:
        yield bytes([0xFF if program is toolkit else 0, *(_WORDS.index(word) for word in words)])


TARGET = Target(check, _seeds, longest=1 + _MOST)
