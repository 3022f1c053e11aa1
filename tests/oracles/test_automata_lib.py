"""automata-lib as a second opinion on inclusion, intersection and equality, for the syntax that both share."""

import random

import pytest

pytest.importorskip("automata", reason="automata-lib is not installed")

from automata.fa.dfa import DFA
from automata.fa.nfa import NFA

from policy import patterns
from policy.patterns import language

SYMBOLS = {"a", "b", "/"}


def expression(source, depth=3):
    roll = source.random()
    if depth == 0 or roll < 0.3:
        return source.choice(["a", "b", "/"])
    if roll < 0.6:
        return expression(source, depth - 1) + expression(source, depth - 1)
    if roll < 0.8:
        return f"({expression(source, depth - 1)}|{expression(source, depth - 1)})"
    return f"({expression(source, depth - 1)}){source.choice('*+?')}"


def theirs(text):
    return DFA.from_nfa(NFA.from_regex(text, input_symbols=SYMBOLS))


@pytest.mark.parametrize("seed", range(40))
def test_automata_lib_agrees(seed):
    source = random.Random(seed)
    first, second = expression(source), expression(source)
    one, two = patterns.compile(first), patterns.compile(second)
    left, right = theirs(first), theirs(second)
    assert language.includes([two], one) == left.issubset(right)
    assert language.equivalent([one], [two]) == (left == right)
    assert (language.intersection(one, two) is None) == left.isdisjoint(right)
    witness = language.difference(one, [two])
    rest = left - right
    assert (witness is None) == rest.isempty()
    if witness is not None:
        assert len(witness) == rest.minimum_word_length()
        assert rest.accepts_input(witness)
