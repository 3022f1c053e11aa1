"""Runs the programs: in this process, or as a person starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "forum-thread"
FILES = ("orthanc.jsonc", "permissions.json", "anonymous-profile.json", "docker-compose.yml")

PROGRAMS = {
    "policy-lint": "from policy.commands.main import lint as program",
    "policy": "from policy.commands.main import toolkit as program",
}


@pytest.fixture
def lint() -> Callable[..., Result]:
    """``policy-lint`` in this process; a fault of the program fails the test."""
    from policy.commands.main import lint as program

    def call(*arguments: str, **options: object) -> Result:
        result = CliRunner().invoke(program, list(arguments), prog_name="policy-lint", **options)
        assert result.exit_code in (0, 1, 2), result.output
        return result

    return call


@pytest.fixture
def start() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """``start("policy-lint", ...)``: the program in a process of its own; ``after`` is run at its end."""

    def call(
        program: str, *arguments: str | bytes, after: str = "", folder: Path = ROOT, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        code = f"import sys\n{PROGRAMS[program]}\ntry:\n    program(prog_name={program!r})\nfinally:\n    pass\n    {after}"
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("NO_COLOR", "POLICY_", "TERM"))
        }
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=folder,
            env=kept | {"PYTHONPATH": str(ROOT)} | variables,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return call


@pytest.fixture
def forum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The forum sample in a folder of its own, which is the current one."""
    for name in FILES:
        (tmp_path / name).write_bytes((SAMPLE / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path
