"""The language server in a real editor: what Neovim shows, and what it makes of an action."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "samples" / "forum-thread"
NEOVIM = shutil.which("nvim")


@pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed")
def test_neovim_shows_findings_and_mends_one(tmp_path):
    folder = tmp_path / "deployment"
    shutil.copytree(SAMPLE, folder)
    server = [sys.executable, "-c", "from policy.commands.main import toolkit; toolkit()", "lsp"]
    environment = os.environ | {
        "POLICY_LSP": json.dumps(server),
        "POLICY_FILE": str(folder / "orthanc.jsonc"),
        "PYTHONPATH": str(HERE.parents[1]),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    ran = subprocess.run(
        [str(NEOVIM), "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {HERE / 'neovim.lua'}"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    said = dict(json.loads(line) for line in ran.stdout.splitlines() if line.startswith("["))
    assert said.pop("hover", "").startswith("**Permission** `view`"), ran.stderr
    assert {
        "found": True,
        "definitions": 3,
        "still found": False,
        "line": '                "post",',
        "stopped": True,
    } == said
