"""Compares the pattern room with Boost on patterns made at random.

``python tests/oracles/compare.py --cases 10000`` makes that many patterns, each with a dozen paths, and prints what
differs: refusals, matches, the number of states that the machine visits, and answers of the automata.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from asking import Answer, MissingError, ask
from generate import Generator

from policy import patterns
from policy.patterns.automaton import Automaton
from policy.patterns.classes import members
from policy.patterns.machine import GaveUp
from policy.patterns.pattern import Pattern

_LIKED = frozenset(b"ab/\n\r\x0cAB.x")


def walked(automaton: Automaton, source: random.Random, count: int) -> list[str]:
    """Paths along the automaton's ways, most of them in its language or close to it."""
    out = []
    for _ in range(count):
        state, path = automaton.start, bytearray()
        for _ in range(source.randint(1, 10)):
            arcs = automaton.arcs(state)
            if not arcs:
                break
            mask, state = source.choice(arcs)
            letters = members(mask)
            path.append(source.choice([byte for byte in letters if byte in _LIKED] or letters))
            if automaton.final[state] and source.random() < 0.3:
                break
        if path and source.random() < 0.2:
            path[source.randrange(len(path))] = source.choice(b"ab/A\n")
        out.append(path.decode("utf-8", "surrogateescape"))
    return out


def differences(text: str, pattern: Pattern | None, paths: list[str], answer: Answer) -> Iterator[str]:
    """What Boost and the pattern room say differently of one pattern."""
    if pattern is None or answer.refused is not None:
        if (pattern is None) != (answer.refused is not None):
            yield f"{text!r}: Boost says {answer.refused or 'taken'}, we say {'refused' if pattern is None else 'taken'}"
        return
    for path, expected in zip(paths, answer.paths, strict=True):
        data = path.encode("utf-8", "surrogateescape")
        try:
            outcome = pattern.machine.run(data)
            actual = (outcome.matched, outcome.states)
        except GaveUp:
            actual = None
        if actual != expected:
            yield f"{text!r} on {path!r}: Boost {expected}, the machine {actual}"
        if pattern.gives_up(path) != (expected is None):
            yield f"{text!r} on {path!r}: Boost gives up: {expected is None}"
        if expected is not None and pattern.matches(path) != expected[0]:
            yield f"{text!r} on {path!r}: Boost {expected[0]}, matches() {not expected[0]}"


def compare(cases: int, seed: int, *, odd: float = 0.2, batch: int = 500) -> tuple[list[str], Counter[str]]:
    """All differences in so many patterns, and counts of what was met."""
    generator = Generator(seed, odd=odd)
    source = random.Random(seed)
    found: list[str] = []
    counts: Counter[str] = Counter()
    while cases > 0:
        rows: list[tuple[str, Pattern | None, list[str]]] = []
        for _ in range(min(batch, cases)):
            text = generator.pattern()
            paths = [generator.path() for _ in range(6)]
            pattern: Pattern | None = None
            try:
                pattern = patterns.compile(text)
            except patterns.PatternRefused as refusal:
                if "never ends" in refusal.reason:
                    # Boost would hang.
                    continue
            if pattern is not None:
                counts["taken"] += 1
                counts["analysable"] += pattern.analysable
                if pattern.automaton is not None:
                    paths += walked(pattern.automaton, source, 6)
            rows.append((text, pattern, paths))
        cases -= batch
        answers = ask((text, paths) for text, _, paths in rows)
        for (text, pattern, paths), answer in zip(rows, answers, strict=True):
            counts["patterns"] += 1
            counts["paths"] += len(answer.paths)
            found.extend(differences(text, pattern, paths, answer))
    return found, counts


def main() -> int:
    """The command."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    try:
        found, counts = compare(given.cases, given.seed)
    except MissingError as reason:
        print(f"Boost cannot be asked: {reason}")
        return 2
    for line in found[:20]:
        print(line)
    print(f"{len(found)} differences; " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
