"""Folders of files, and what is loaded from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policy.configuration.deployment import Deployment
from policy.configuration.given import NOTHING_GIVEN, Given
from policy.configuration.loading import load

Deploy = Callable[..., Deployment]


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """Write files below a folder of its own and load the folder, or the paths named."""

    def write_and_load(
        files: Mapping[str, str | bytes],
        *paths: str,
        given: Given = NOTHING_GIVEN,
        env: Mapping[str, str] | None = None,
    ) -> Deployment:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(paths or ["."], given=given, env=env, here=tmp_path)

    return write_and_load
