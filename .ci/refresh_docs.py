"""Rewrite the outputs in README.md and docs/*.md with what the tool really prints; ``--check`` only compares.

A block to fill is marked ``<!-- output: COMMAND -->``, with ``| lines N`` at its end where the first N lines are enough.
The command runs from the top of the checkout.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
BLOCK = re.compile(
    r"(?P<head><!-- output: (?P<command>.+?)(?: \| lines (?P<lines>\d+))? -->\n```\w*\n)(?P<text>.*?)(?P<tail>^```$)",
    re.DOTALL | re.MULTILINE,
)


def output_of(command: str, lines: str | None) -> str:
    """What ``command`` prints on standard output, colours off, cut to the first lines where so asked."""
    program, *arguments = shlex.split(command)
    modules = {"policy-lint": "lint", "policy": "toolkit"}
    call = f"import sys; sys.argv[0] = {program!r}; from policy.commands.main import {modules[program]} as main; main()"
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "110", "PYTHONPATH": str(TOP), "PYTHONUTF8": "1"}
    done = subprocess.run(  # noqa: S603 - the commands stand in this project's own pages
        [sys.executable, "-c", call, *arguments], capture_output=True, text=True, cwd=TOP, env=environment, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: exit status {done.returncode}\n{done.stderr}")
    text = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
    if lines is not None:
        kept = text.splitlines(keepends=True)[: int(lines)]
        text = "".join(kept) + "[...]\n"
    return text


def refreshed(text: str) -> str:
    """``text`` with every marked block filled."""
    return BLOCK.sub(lambda match: match["head"] + output_of(match["command"], match["lines"]) + match["tail"], text)


def main() -> int:
    """Rewrite, or with ``--check`` name the pages that differ and return 1."""
    check = "--check" in sys.argv[1:]
    stale = []
    for page in (TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))):
        before = page.read_text("utf-8")
        after = refreshed(before)
        if before != after:
            stale.append(page.relative_to(TOP).as_posix())
            if not check:
                page.write_text(after, "utf-8")
    for name in stale:
        print(f"{name}: {'differs from what the tool prints' if check else 'rewritten'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
