"""Coverage-guided fuzzing: ``python -m tests.fuzzing.run TARGET [--minutes 30]``; without a target, the targets.

Needs ``atheris``.
What is found, and the corpus of the run, lie in ``--work`` (.fuzzing by default); run again, it goes on from there.
``--keep`` makes the corpus as small as its coverage allows and puts it into ``tests/fuzzing/corpus``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from . import corpus
from .target import ROOT
from .targets import NAMES, load

_SLICE = 2000
"""Seconds after which a new process goes on: it reads the code anew, and memory that it kept is free again."""
_MEMORY = 2048
"""MiB that a process may take."""
_WALL = 300
"""Seconds after which libFuzzer itself stops an input that processor time does not: one that waits."""
_PROGRESS = re.compile(rb"^#\d+\s.*cov: (\d+) ft: (\d+)", re.MULTILINE)
_EXECUTED = re.compile(rb"stat::number_of_executed_units: (\d+)")


def main() -> int:
    """The exit code: 1 if something was found."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzzing.run", description=__doc__.partition("\n")[0])
    asked.add_argument("target", nargs="?", choices=NAMES)
    asked.add_argument("--minutes", type=float, default=30)
    asked.add_argument("--work", type=Path, default=ROOT / ".fuzzing")
    asked.add_argument("--keep", action="store_true", help="do not fuzz: minimise the corpus and keep it")
    given = asked.parse_args()
    if given.target is None:
        print(*NAMES, sep="\n")
        return 0
    work = given.work / given.target
    for name in ("corpus", "findings", "crashes"):
        (work / name).mkdir(parents=True, exist_ok=True)
    corpus.unpack(given.target, work / "corpus")
    if given.keep:
        return _keep(given.target, work)
    return _fuzz(given.target, work, given.minutes * 60)


def _fuzz(name: str, work: Path, seconds: float) -> int:
    target = load(name)
    for number, seed in enumerate(target.seeds()):
        (work / "corpus" / f"seed-{number:03}").write_bytes(seed)
    (work / "words").write_text("".join(f"{_quoted(word)}\n" for word in target.words))
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 5:
        _slice(name, work, int(min(left, _SLICE)), target.longest)
    found = sorted((work / "findings").glob("*.txt"))
    for path in found:
        print(f"{path}: {path.read_text().strip().rpartition(chr(10))[2][:200]}")
    return bool(found)


def _slice(name: str, work: Path, seconds: int, longest: int) -> None:
    """One process, and what it did added to ``statistics.json``."""
    words = work / "words"
    began, used = time.monotonic(), _processor()
    child = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzzing.fuzzer", name, work / "findings", work / "corpus"),
            *(f"-max_total_time={seconds}", f"-max_len={longest}", f"-timeout={_WALL}"),
            *((f"-dict={words}",) if words.stat().st_size else ()),  # libFuzzer ends at an empty one
            *(
                f"-rss_limit_mb={_MEMORY}",
                f"-artifact_prefix={work / 'crashes'}/",
                "-print_final_stats=1",
                "-len_control=20",
            ),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        check=False,
    )
    with (work / "log").open("ab") as log:
        log.write(child.stderr)
    progress, executed = _PROGRESS.findall(child.stderr), _EXECUTED.findall(child.stderr)
    if not executed:
        raise SystemExit(f"{name}: the fuzzer did not start, see {work / 'log'}")
    path = work / "statistics.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    for key, more in (
        ("executions", int(executed[-1]) if executed else 0),
        ("wall seconds", round(time.monotonic() - began)),
        ("processor seconds", round(_processor() - used)),
        ("processes that libFuzzer stopped", int(child.returncode != 0)),
    ):
        known[key] = known.get(key, 0) + more
    if progress:
        known["edges"], known["features"] = (int(figure) for figure in progress[-1])
    known["corpus"] = len(list((work / "corpus").iterdir()))
    path.write_text(json.dumps(known, indent=2))
    print(f"{name}: {json.dumps(known)}", flush=True)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _keep(name: str, work: Path) -> int:
    small = work / "small"
    small.mkdir(exist_ok=True)
    for path in small.iterdir():
        path.unlink()
    child = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "tests.fuzzing.fuzzer",
                name,
                work / "findings",
                "-merge=1",
                small,
                work / "corpus",
            ),
            *(f"-rss_limit_mb={_MEMORY}", f"-artifact_prefix={work / 'crashes'}/"),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    print(f"{name}: {corpus.pack(name, small)} inputs kept")
    return child.returncode


def _quoted(word: str) -> str:
    """A word as libFuzzer's dictionaries have it."""
    return (
        '"'
        + "".join(chr(byte) if 32 < byte < 127 and byte not in b'"\\' else f"\\x{byte:02X}" for byte in word.encode())
        + '"'
    )


if __name__ == "__main__":
    sys.exit(main())
