"""Fuzzing for long: ``python -m tests.security.fuzz [--seconds 900] [--seed 0] [TARGET]...``.

Each failure is told once, with the seed that repeats it: ``--seed SEED --turns 1 TARGET``.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback

from .fuzzing import TARGETS

_SLOW = 10.0
"""Seconds; an input that takes longer is a failure too."""


def main() -> int:
    """The number of different failures."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET", help=", ".join(TARGETS))
    asked.add_argument("--seconds", type=float, default=900)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--turns", type=int, default=sys.maxsize)
    given = asked.parse_args()
    seen: set[str] = set()
    for name in given.targets:
        until = time.monotonic() + given.seconds / len(given.targets)
        seed = given.seed
        while time.monotonic() < until and seed - given.seed < given.turns:
            began = time.process_time()
            try:
                TARGETS[name](random.Random(seed))
            except Exception as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{name}: {type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}: {error}"[
                    :300
                ]
                if (key := place[:120]) not in seen:
                    seen.add(key)
                    print(f"seed {seed}: {place}", flush=True)
            if time.process_time() - began > _SLOW:
                print(f"seed {seed}: {name} took {time.process_time() - began:.1f} s", flush=True)
                seen.add(f"{name} slow")
            seed += 1
        print(f"{name}: {seed - given.seed} inputs", flush=True)
    return len(seen)


if __name__ == "__main__":
    sys.exit(bool(main()))
