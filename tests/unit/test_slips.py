"""The number of slips is the Damerau-Levenshtein distance of a library, up to its bound."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from policy.slips import few_slips, slips

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
