"""Whole-process times of policy-lint beside other linters, measured in one run, in turns.

    python benchmarks/commands.py [--runs 15]

Each row is one command as a person starts it; the last column is its median over that of ``policy-lint`` on the sample.
A linter that is not installed is left out, and said so.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "forum-thread"
WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo "${{ github.event.head_commit.message }}"
"""
NGINX = """\
events {}
http {
  server {
    listen 80;
    location /orthanc/ { proxy_pass http://orthanc:8042/; }
    location /static { alias /srv/static/; }
  }
}
"""


@dataclass(slots=True)
class Case:
    """One command with its times in seconds; ``lines`` is how much it read."""

    name: str
    command: list[str]
    lines: int
    times: list[float] = field(default_factory=list)


def program(name: str) -> str | None:
    """The program beside this Python, or on the path."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def cases(folder: Path) -> tuple[list[Case], list[str]]:
    """What is measured, and what is not because it is not installed."""
    own = "import sys; from policy.commands.main import lint; sys.exit(lint(prog_name='policy-lint'))"
    lint = [sys.executable, "-c", own]
    files = sorted(str(file) for file in SAMPLE.iterdir() if file.name not in ("expected.json", "requests.json"))
    (folder / "workflow.yml").write_text(WORKFLOW)
    (folder / "nginx.conf").write_text(NGINX)
    lines = sum(len(Path(file).read_text("utf-8").splitlines()) for file in files)
    compose = len((SAMPLE / "docker-compose.yml").read_text("utf-8").splitlines())
    found = [
        Case("python, nothing imported", [sys.executable, "-c", "pass"], 0),
        Case("policy-lint forum-thread", [*lint, "--no-config", *files], lines),
        Case("policy-lint --help", [*lint, "--help"], 0),
    ]
    missing: list[str] = []
    for name, case, words, read in (
        ("check-jsonschema", "one compose file", ["--builtin-schema", "vendor.compose-spec", str(SAMPLE / "docker-compose.yml")], compose),
        ("check-jsonschema", "--help", ["--help"], 0),
        ("gixy", "one nginx file", [str(folder / "nginx.conf")], len(NGINX.splitlines())),
        ("gixy", "--help", ["--help"], 0),
        ("zizmor", "one workflow", ["--offline", "--no-exit-codes", str(folder / "workflow.yml")], len(WORKFLOW.splitlines())),
        ("zizmor", "--help", ["--help"], 0),
    ):  # fmt: skip
        path = program(name)
        if path is None:
            missing.append(name)
        else:
            found.append(Case(f"{name} {case}", [path, *words], read))
    return found, sorted(set(missing))


def measure(chosen: list[Case], runs: int, folder: Path) -> None:
    """Run all commands in turns, so that a busy moment hits all of them.

    The first round is not counted: it compiles what an installed package has compiled.
    """
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "NO_COLOR": "1",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for round_number in range(runs + 1):
        for case in chosen:
            start = time.perf_counter()
            done = subprocess.run(case.command, env=environment, capture_output=True, check=False)
            taken = time.perf_counter() - start
            if done.returncode not in (0, 1):
                raise SystemExit(f"{case.name}: exit code {done.returncode}\n{done.stderr.decode(errors='replace')}")
            if round_number:
                case.times.append(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Whole-process times of policy-lint beside other linters.")
    parser.add_argument("--runs", type=int, default=15, help="counted rounds (default: %(default)s)")
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        chosen, missing = cases(Path(folder))
        measure(chosen, runs, Path(folder))
    base = statistics.median(next(case for case in chosen if case.name.startswith("policy-lint forum")).times)
    print(f"{'command':<36} {'lines':>6} {'median':>9} {'fastest':>9} {'ratio':>6}")
    for case in chosen:
        median = statistics.median(case.times)
        fastest = min(case.times)
        print(f"{case.name:<36} {case.lines or '':>6} {median:>8.3f}s {fastest:>8.3f}s {median / base:>6.2f}")
    for name in missing:
        print(f"{name}: not installed, left out")


if __name__ == "__main__":
    main()
