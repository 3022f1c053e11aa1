"""Where a run of policy-lint spends its start: CPU time of each import, by package and by module.

    python benchmarks/start_up.py [--runs 7] [--top 30] [ARGUMENT...]

First a table of what is imported and what is done by a few command lines.  Then the modules of one of them: without
arguments the forum sample is linted; ``-- --help`` shows what help costs.  Each figure is the least of several
runs, so that a busy machine counts little.  A module's own time is what it takes without those that it imports.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "forum-thread"
PROFILE = {
    "--help": ["--help"],
    "--version": ["--version"],
    "orthanc.jsonc": ["--no-config", str(SAMPLE / "orthanc.jsonc")],
    "permissions.json": ["--no-config", str(SAMPLE / "permissions.json")],
    "the forum sample": ["--no-config", str(SAMPLE)],
}
PROBE = """\
import sys, time
loader = sys.modules["_frozen_importlib"]
load, clock = loader._load_unlocked, time.process_time
own, above = {}, [0.0]
def timed(spec):
    above.append(0.0)
    start = clock()
    try:
        return load(spec)
    finally:
        taken = clock() - start
        own[spec.name] = taken - above.pop()
        above[-1] += taken
loader._load_unlocked = timed
def report(path):
    import json
    with open(path, "w") as file:
        json.dump({"own": own, "whole": clock()}, file)
from policy.commands.main import lint
try:
    lint(args=sys.argv[2:], prog_name="policy-lint")
finally:
    report(sys.argv[1])
"""


def measure(arguments: list[str], runs: int) -> tuple[dict[str, float], float]:
    """The least own time of each module in seconds of CPU, and that of the whole process."""
    own: dict[str, float] = {}
    whole = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        told = Path(folder, "told.json")
        for number in range(runs + 1):
            command = [sys.executable, "-c", PROBE, str(told), *arguments]
            subprocess.run(command, env=environment, capture_output=True, check=False)
            if number:  # the first run compiles what an installed package has compiled
                found = json.loads(told.read_text("utf-8"))
                whole = min(whole, found["whole"])
                for name, taken in found["own"].items():
                    own[name] = min(taken, own.get(name, taken))
    return own, whole


def nothing(runs: int) -> float:
    """The least CPU time of Python that does nothing, in seconds."""
    command = [sys.executable, "-c", "import time; print(time.process_time())"]
    return min(float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(runs))


def package(name: str) -> str:
    """The group that a module is counted in: two levels of ours, three of the linter, one of all others."""
    parts = name.split(".")
    depth = 1 if parts[0] != "policy" else 3 if parts[1:2] == ["lint"] and len(parts) > 3 else 2
    return ".".join(parts[:depth])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="CPU time of each import of a run of policy-lint.")
    parser.add_argument("--runs", type=int, default=7, help="counted runs (default: %(default)s)")
    parser.add_argument("--top", type=int, default=30, help="modules to list (default: %(default)s)")
    parser.add_argument("arguments", nargs="*", help="arguments of policy-lint (default: the forum sample)")
    asked = parser.parse_args()
    print(f"{'policy-lint ...':<28} {'whole':>7} {'Python':>7} {'imports':>8} {'work':>7} {'modules':>8}")
    for name, arguments in PROFILE.items():
        own, whole = measure(arguments, asked.runs)
        bare, imports = nothing(asked.runs), sum(own.values())
        times = f"{whole * 1000:>4.0f} ms {bare * 1000:>4.0f} ms {imports * 1000:>5.0f} ms"
        print(f"{name:<28} {times} {(whole - bare - imports) * 1000:>4.0f} ms {len(own):>8}")
    print()
    own, whole = measure(asked.arguments or ["--no-config", str(SAMPLE)], asked.runs)
    groups: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for name, taken in own.items():
        groups[package(name)] += taken  # type: ignore[assignment]
        sizes[package(name)] += 1
    print(
        f"whole process {whole * 1000:.0f} ms of CPU, imports {sum(own.values()) * 1000:.0f} ms, {len(own)} modules\n"
    )
    for name, taken in groups.most_common(asked.top):
        print(f"{taken * 1000:8.1f} ms {sizes[name]:4} {name}")
    print()
    for name, taken in sorted(own.items(), key=lambda item: -item[1])[: asked.top]:
        print(f"{taken * 1000:8.1f} ms      {name}")


if __name__ == "__main__":
    main()
