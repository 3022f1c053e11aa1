"""How long a replay of a million lines takes: logs made from the recorded ones, with many studies and users.

    python benchmarks/replay.py [--lines 1000000] [--backend duckdb]

The recorded requests are repeated with other identifiers, so that there are many distinct ones, as on a busy server.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).parent.parent
LOGS = TOP / "samples" / "logs"
RESOURCES = 20_000
GOAL = 20.0


def main() -> int:
    """Measure; the exit code is 1 where a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--backend", default="duckdb")
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        deployment(folder)
        for kind in ("nginx-access", "orthanc-verbose"):
            log = folder / f"{kind}.log"
            repeated(LOGS / f"{kind}.log", log, options.lines)
            seconds, said = timed(log, folder, options.backend)
            missed |= seconds > GOAL
            size = log.stat().st_size / 1e6
            print(
                f"{kind}: {options.lines} lines, {size:.0f} MB, {options.backend}: {seconds:.1f} s (goal {GOAL:.0f} s); {said}"
            )
    return 1 if missed else 0


def deployment(folder: Path) -> None:
    """The configuration under which the logs were recorded, the senders as roles."""
    recorded = json.loads((LOGS / "configuration.json").read_text("utf-8"))
    roles = {
        name: {"permissions": profile["permissions"], "authorized-labels": profile["authorized-labels"]}
        for name, profile in recorded["tokens"].items()
    }
    (folder / "orthanc.json").write_text(json.dumps(recorded["configuration"]), "utf-8")
    (folder / "permissions.json").write_text(json.dumps({"roles": roles}), "utf-8")


def repeated(source: Path, target: Path, count: int) -> None:
    """``count`` lines: the source again and again, each time with other identifiers in place of its own."""
    chance = random.Random(1)
    lines = source.read_text("utf-8", "replace").splitlines()
    identifier = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}|(?<=/)1\.2\.3(?:\.\d+)+")

    def other(match: re.Match[str]) -> str:
        number = chance.randrange(RESOURCES)
        if match[0][0] == "1":
            return f"1.2.3.{number}"
        return "-".join(f"{number * factor % 2**32:08x}" for factor in (1, 40503, 65599, 7919, 104729))

    written = 0
    with target.open("w", encoding="utf-8") as file:
        while written < count:
            made = [identifier.sub(other, line) for line in lines[: count - written]]
            file.write("\n".join(made) + "\n")
            written += len(made)


def timed(log: Path, folder: Path, backend: str) -> tuple[float, str]:
    """Seconds of the whole command, start of Python included, and its first line."""
    call = "from policy.commands.main import toolkit; toolkit()"
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    arguments = ["replay", str(log), str(folder / "orthanc.json"), "--backend", backend, "--plugin-version", "0.11.4"]
    deployed = folder / "deployment"
    deployed.mkdir(exist_ok=True)
    for name in ("orthanc.json", "permissions.json"):
        (deployed / name).write_bytes((folder / name).read_bytes())
    arguments[2] = str(deployed)
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", call, *arguments], cwd=TOP, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - begin
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(done.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        seconds,
        f"{used.ru_utime + used.ru_stime:.0f} s of processor time so far; {done.stdout.partition(chr(10))[0]}",
    )


if __name__ == "__main__":
    raise SystemExit(main())
