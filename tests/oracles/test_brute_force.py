"""All short strings over three letters, against the automata and the questions about languages."""

from itertools import product

import pytest
from generate import Generator

from policy import patterns
from policy.patterns import language
from policy.patterns.machine import GaveUp

LETTERS = "ab/"
SHORT = ["".join(letters) for length in range(6) for letters in product(LETTERS, repeat=length)]


def regular(seed, count):
    generator = Generator(seed, odd=0.12, broken=0)
    out = []
    while len(out) < count:
        try:
            pattern = patterns.compile(generator.pattern())
        except patterns.PatternRefused:
            continue
        if pattern.analysable:
            out.append(pattern)
    return out


def language_of(pattern):
    found = set()
    for path in SHORT:
        try:
            if pattern.machine.run(path.encode()).matched:
                found.add(path)
        except GaveUp:
            pass
    return found


PATTERNS = regular(5, 60)
LANGUAGES = [language_of(pattern) for pattern in PATTERNS]


@pytest.mark.parametrize("place", range(len(PATTERNS)))
def test_automata_hold_exactly_what_the_machine_matches(place):
    assert {path for path in SHORT if PATTERNS[place].automaton.accepts(path.encode())} == LANGUAGES[place]


def shortest(paths):
    return min((len(path) for path in paths), default=None)


@pytest.mark.parametrize("place", range(0, len(PATTERNS) - 1, 2))
def test_witnesses_are_right_and_shortest(place):
    one, two = PATTERNS[place : place + 2]
    first, second = LANGUAGES[place : place + 2]
    for witness, expected, check in (
        (language.difference(one, [two]), first - second, lambda path: one.matches(path) and not two.matches(path)),
        (language.intersection(one, two), first & second, lambda path: one.matches(path) and two.matches(path)),
        (language.some(one), first, one.matches),
    ):
        if witness is None:
            assert expected == set()
            continue
        assert check(witness)
        if expected:
            assert len(witness.encode("utf-8", "surrogateescape")) <= shortest(expected)
