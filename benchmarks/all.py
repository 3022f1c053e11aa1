"""Run every benchmark and write what they print to docs/performance.md.

    python benchmarks/all.py [NAME ...]

Where some are named, what the page has of the others stays, each with the day of its run.
"""

from __future__ import annotations

import datetime
import platform
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
PAGE = TOP / "docs" / "performance.md"
SCRIPTS = {
    "commands": "Whole processes, beside other linters of configurations",
    "decide": "Decisions, beside other policy engines on the same rules",
    "editor": "The language server",
    "deployment": "One compose file with many services",
    "growth": "Growth with the number of rules",
    "large": "Large, deep, broken and strangely encoded files",
    "patterns": "Matching and proofs on patterns",
    "proofs": "Proofs of the lint rules about routes",
    "questions": "Diff, check and matrix",
    "replay": "A log of 1,000,000 lines against a policy",
    "start_up": "What a start spends its time on",
}


def main() -> int:
    """Write the page; exit status 1 if a benchmark failed."""
    sections = written()
    failed = False
    for name in sys.argv[1:] or SCRIPTS:
        done = subprocess.run(
            [sys.executable, TOP / "benchmarks" / f"{name}.py"], capture_output=True, text=True, check=False, cwd=TOP
        )
        failed = failed or done.returncode != 0
        sections[name] = section(name, done.stdout.strip() or f"no output, exit status {done.returncode}")
        print(f"{name}: {'done' if done.returncode == 0 else done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    head = (
        "# Figures\n\n"
        "Written by `python benchmarks/all.py`; every table holds its peers in the same run, so that the ratios are what counts.\n"
    )
    PAGE.write_text("\n".join([head, *(sections[name] for name in SCRIPTS if name in sections)]), "utf-8")
    return 1 if failed else 0


def section(name: str, text: str) -> str:
    """What the page has of one benchmark."""
    run = f"{datetime.datetime.now(tz=datetime.UTC).date()}, Python {platform.python_version()}, {platform.system()} on {platform.machine()}"
    return f"## {SCRIPTS[name]}\n\n`python benchmarks/{name}.py` ({run})\n\n```text\n{text}\n```\n"


def written() -> dict[str, str]:
    """The sections that the page has, by name."""
    found = re.findall(r"^## .*?^```$\n", PAGE.read_text("utf-8") if PAGE.exists() else "", re.DOTALL | re.MULTILINE)
    names = {f"## {title}\n": name for name, title in SCRIPTS.items()}
    return {names[text[: text.index("\n") + 1]]: text for text in found if text[: text.index("\n") + 1] in names}


if __name__ == "__main__":
    raise SystemExit(main())
