"""The number of slips is the Damerau-Levenshtein distance of a library, up to its bound."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from policy.slips import few_slips, slips, within

words = st.text("abcd", max_size=9) | st.text(max_size=5)


@given(words, words, st.integers(0, 6))
@example("ca", "abc", 3)  # letters between two that were exchanged
@example("abcdef", "badcfe", 3)
@example("a" * 30, "", 6)
def test_as_the_library(one, other, most):
    assert DamerauLevenshtein.distance(one, other, score_cutoff=most) == few_slips(one, other, most)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("ab", "ba", 1),
        ("Permissions", "permissions", 1),
        ("ca", "abc", 2),
        ("abc", "xyz", 3),
    ],
)
def test_examples(one, other, expected):
    assert expected == slips(one, other, 9) == slips(other, one, 9)
    assert expected == slips(one, other, expected)
    assert expected == few_slips(one, other, 9)
    assert expected == 0 or expected == slips(one, other, expected - 1), "one more than is asked for"


@given(words, st.lists(words, max_size=8), st.integers(0, 4))
def test_within_is_the_same_with_and_without_the_library(word, others, most):
    expected = sorted((DamerauLevenshtein.distance(word, other), place) for place, other in enumerate(others))
    expected = [(slipped, place) for slipped, place in expected if slipped <= most]
    for already in (0, 1_000):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("policy.slips._compared", count(already))
            assert sorted(within(word, others, most)) == expected
