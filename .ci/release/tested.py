"""The tests with the lowest allowed dependencies, and with the newest."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from pathlib import Path

from release.built import TOP, Work
from release.running import Failed, run


def lowest(work: Work) -> str:
    """The tests with the lowest allowed version of each direct dependency."""
    pins = work.folder / "lowest.txt"
    run(
        work.tool("uv"), "pip", "compile", "-q", "--no-header", "--no-annotate", "--extra", "all",
        "--resolution", "lowest-direct", "--python-version", "3.11", "-o", pins, TOP / "pyproject.toml",
    )  # fmt: skip
    return _tested(work, "lowest", pins)


def newest(work: Work) -> str:
    """The tests with the newest version of everything."""
    return _tested(work, "newest", None)


def _tested(work: Work, name: str, pins: Path | None) -> str:
    folder = work.folder / f"tested-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(work.archive) as archive:
        archive.extractall(folder, filter="data")
    [unpacked] = folder.iterdir()
    constraint = ("-c", pins) if pins is not None else ()
    python = work.environment(name, *constraint, f"{work.wheel}[all,test]")
    workers = str(os.cpu_count() or 1)
    told = run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", workers, *work.tests,
        cwd=unpacked, status=(0, 1, 2, 3, 4, 5),
    )  # fmt: skip
    log = work.folder / f"tested-{name}.log"
    log.write_text(told, "utf-8")
    last = (told.strip().splitlines() or ["nothing"])[-1]
    if not re.search(r"\d+ passed", last) or re.search(r"failed|error", last):
        raise Failed(f"{last} (all of it in {log})")
    there = work.installed(python)
    table = (TOP / "pyproject.toml").read_text("utf-8").partition("\ndependencies = [")[2].partition("]")[0]
    names = re.findall(r'"([a-z0-9.]+)>=', table)
    versions = [f"{one} {there.get(one) or there.get(one.replace('.', '-'))}" for one in names]
    return f"{last}, with {', '.join(versions)}"
