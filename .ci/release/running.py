"""Programs that are run, and what they must end with."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


class Failed(Exception):
    """A step that does not hold."""


def run(*words: str | Path, status: int | tuple[int, ...] = 0, cwd: Path | None = None, **variables: str) -> str:
    """Standard output of a program that ends with ``status``; what sets up Python or this project is kept from it.

    :raises Failed: for another exit status, with the end of what it printed.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "POLICY_", "VIRTUAL_ENV"))
    }
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=kept | variables, capture_output=True, check=False, text=True
    )
    if done.returncode not in (status if isinstance(status, tuple) else (status,)):
        tail = (done.stdout + done.stderr).strip()[-1500:]
        raise Failed(f"{' '.join(map(str, words))[:200]}: exit status {done.returncode}\n{tail}")
    return done.stdout


def environment(folder: Path, python: str) -> Path:
    """The Python of a new environment in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    run(python, "-m", "venv", folder)
    return folder / "bin" / "python"
