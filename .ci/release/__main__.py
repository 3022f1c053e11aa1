"""Try what a release promises, and say what was tried.

TESTs are what pytest is given for the lowest and the newest dependencies; without them the whole suite.
What is to be released lies in FOLDER/dist afterwards.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from release import built, tested, used
from release.built import TOP, Work
from release.running import Failed

STEPS: dict[str, Callable[[Work], str]] = {
    step.__name__: step
    for step in (
        built.build, used.pythons, used.extras, used.container, used.action, built.parts, built.audit, tested.lowest,
        tested.newest,
    )
}  # fmt: skip


def main() -> int:
    """Run the steps; exit status 1 if one does not hold."""
    parser = argparse.ArgumentParser(prog=".ci/release_check", description=__doc__)
    parser.add_argument(
        "--work", type=Path, metavar="FOLDER", default=TOP / "build" / "release", help="default: build/release"
    )
    parser.add_argument("--only", metavar="STEP,STEP", default=",".join(STEPS), help=f"default: {','.join(STEPS)}")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    work = Work(given.work.resolve(), tuple(given.tests) or ("tests",))
    failed = False
    for name in given.only.split(","):
        begun = time.monotonic()
        try:
            told = STEPS[name](work)
        except Failed as error:
            failed, told = True, f"FAILED: {error}"
        print(f"{name} ({time.monotonic() - begun:.0f} s): {told}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
