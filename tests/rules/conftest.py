"""Runs the linter on small deployments that are written as texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policy.configuration.loading import Given, load
from policy.lint.run import Result, run
from policy.lint.settings import Settings

Lint = Callable[..., Result]


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """``lint(files, plugin=..., persona=..., ...)``: findings on the given texts by file name."""
    monkeypatch.chdir(tmp_path)

    def call(files: Mapping[str, str | bytes], *, settings: Settings | None = None, **versions: str) -> Result:
        paths = []
        for name, text in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
            paths.append(path)
        return run(load(paths, given=Given.of(**versions), env={}), settings)

    return call
