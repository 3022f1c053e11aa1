"""The outputs shown in the README and in docs/ are what the tool prints; the README's commands are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


def test_outputs_are_made_by_the_tool() -> None:
    done = subprocess.run(
        [sys.executable, TOP / ".ci" / "refresh_docs.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


@pytest.mark.parametrize(
    ("name", "ends"), [("sample", "policy-lint samples/forum-thread"), ("tests", "-m pytest -n auto")]
)
def test_the_two_commands(name: str, ends: str) -> None:
    done = subprocess.run(
        [sys.executable, TOP / ".ci" / "readme_command.py", name], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().count("\n") == 0
    assert done.stdout.strip().endswith(ends)
