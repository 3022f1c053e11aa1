"""Mutation testing of a random sample: ``python -m tests.mutation.run ROOM [--sample 150] [--seed 1]``.

Needs ``mutmut`` and ``coverage`` (``pip install -e .[mutation]``).
It prints what became of the mutants, with the survivors' changes; ``--only NAME`` tries mutants by name again.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter

import pytest

from . import mutants
from .rooms import TESTS
from .trial import Outcome, Trials, pytest_arguments


def main() -> int:
    """The exit code: 1 if tests fail without a mutant."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutation.run", description=__doc__.partition("\n")[0])
    asked.add_argument("room", choices=TESTS)
    asked.add_argument("--sample", type=int, default=150)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", nargs="+", metavar="NAME", default=())
    given = asked.parse_args()
    if given.only:
        chosen = [mutants.named(name) for name in given.only]
        which = f"{len(chosen)} mutants by name"
    else:
        population = mutants.of(given.room)
        chosen = mutants.sample(population, given.sample, given.seed)
        which = f"{len(chosen)} of {len(population)} mutants, seed {given.seed}"
    outcomes: Counter[Outcome] = Counter()

    def report(mutant: mutants.Mutant, outcome: Outcome) -> None:
        outcomes[outcome] += 1
        if outcome in {"survived", "no test"}:
            print(f"\n{outcome}: {mutant.name}\n{mutant.diff()}", flush=True)

    began = time.monotonic()
    code = pytest.main(pytest_arguments(given.room), plugins=[Trials(given.room, chosen, report)])
    if sum(outcomes.values()) != len(chosen):
        return int(code) or 1
    noticed = outcomes["killed"] + outcomes["timeout"]
    low, high = interval(noticed, len(chosen))
    print(
        f"\n{given.room}: {which}: "
        f"{outcomes['killed']} killed, {outcomes['timeout']} by time, {outcomes['survived']} survived, "
        f"{outcomes['no test']} reached by no test; {noticed / len(chosen):.1%} noticed "
        f"(95 % interval {low:.1%} to {high:.1%}); {time.monotonic() - began:.0f} s"
    )
    return 0


def interval(hits: int, tries: int) -> tuple[float, float]:
    """Wilson's interval of a rate, at 95 %."""
    z = 1.959964
    rate, square = hits / tries, z * z / tries
    middle, half = rate + square / 2, z * math.sqrt(rate * (1 - rate) / tries + square / (4 * tries))
    return (middle - half) / (1 + square), (middle + half) / (1 + square)


if __name__ == "__main__":
    sys.exit(main())
