"""The real validators, where they are there."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any

import pytest

from tests.parts import needed

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def editor() -> Callable[[dict[str, Any], list[dict[str, Any]]], list[Any]]:
    """``editor(schemas by file name, questions)``: what the language service of VS Code answers to each."""
    node = shutil.which("node")
    there = node is not None and (HERE / "node_modules" / "vscode-json-languageservice").is_dir()
    needed("the language service of VS Code (npm ci --prefix tests/schemas)", there=there)

    def ask(schemas: dict[str, Any], questions: list[dict[str, Any]]) -> list[Any]:
        done = subprocess.run(
            [node, HERE / "editor.cjs"],
            input=json.dumps({"schemas": schemas, "questions": questions}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stderr)
        return json.loads(done.stdout)

    return ask


@pytest.fixture(scope="session")
def check_jsonschema() -> Callable[..., tuple[int, str]]:
    """``check_jsonschema(arguments)``: exit code and output of the program of that name."""
    needed("check-jsonschema", there=util.find_spec("check_jsonschema") is not None)
    from check_jsonschema import main
    from click.testing import CliRunner

    def run(*arguments: str | Path) -> tuple[int, str]:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        return result.exit_code, result.output

    return run
