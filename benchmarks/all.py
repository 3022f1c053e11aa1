"""Run every benchmark and write what they print to docs/performance.md.

python benchmarks/all.py [NAME ...]
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
SCRIPTS = {
    "commands": "Whole processes, beside other linters of configurations",
    "decide": "Decisions, beside other policy engines on the same rules",
    "deployment": "One compose file with many services",
    "growth": "Growth with the number of rules",
    "patterns": "Matching and proofs on patterns",
    "proofs": "Proofs of the lint rules about routes",
    "questions": "Diff, check and matrix",
    "replay": "A log of 1,000,000 lines against a policy",
}


def main() -> int:
    """Write the page; exit status 1 if a benchmark failed."""
    chosen = sys.argv[1:] or list(SCRIPTS)
    processor = platform.processor() or platform.machine()
    page = [
        "# Figures",
        "",
        "Written by `python benchmarks/all.py`; every table holds its peers in the same run, so that the ratios are what counts.",
        f"This run: Python {platform.python_version()}, {platform.system()} on {processor}.",
    ]
    failed = False
    for name in chosen:
        done = subprocess.run(
            [sys.executable, TOP / "benchmarks" / f"{name}.py"], capture_output=True, text=True, check=False, cwd=TOP
        )
        failed = failed or done.returncode != 0
        text = done.stdout.strip() or f"no output, exit status {done.returncode}"
        page += ["", f"## {SCRIPTS[name]}", "", f"`python benchmarks/{name}.py`", "", "```text", text, "```"]
        print(f"{name}: {'done' if done.returncode == 0 else done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    (TOP / "docs" / "performance.md").write_text("\n".join(page) + "\n", "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
