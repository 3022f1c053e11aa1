"""One count for patterns that are alike, and walks through many of them that stay small."""

from __future__ import annotations

import pytest

from policy import patterns
from policy.patterns import FirstMatch, first_match
from policy.patterns.alike import alike

TEXTS = [f"^/(.*)/([a-f0-9-]+)/word-{number}$" for number in range(8)]
PATHS = ["/a/b/word-3", "/x", "/" + "a/" * 40 + "word-7", "/" + "a/" * 400, "/" + "-/" * 4000]


def test_what_one_count_shows_is_true_of_each() -> None:
    made = {number: patterns.compile(text) for number, text in enumerate([*TEXTS, "^/(a+)+$"])}
    groups = alike(made)
    assert 1 == len({groups[number] for number in range(8)})
    assert groups[0] is not groups[8]
    for path in PATHS:
        assert groups[0].cannot_give_up(path.encode())
        assert not any(made[number].gives_up(path) for number in range(8))
    assert groups[8].cannot_give_up(b"/aaa")
    assert not groups[8].cannot_give_up(b"/" + b"a" * 60 + b"c")


def test_a_pattern_that_gives_up_is_found_among_those_that_are_alike() -> None:
    rules = FirstMatch([patterns.compile(text) for text in ("^/(b+)+$", "^/(a+)+$", "^/.*$")])
    assert 2 == rules.find("/aaab")
    with pytest.raises(patterns.TooComplex) as caught:
        rules.find("/" + "a" * 60 + "c")
    assert 1 == caught.value.index


def test_words_in_a_path_make_no_state_for_each_set_of_them() -> None:
    rules = FirstMatch([patterns.compile(f"^/(.*)/word-{number}(|/.*)$") for number in range(9)])
    for first in range(9):
        for second in range(9):
            for third in range(9):
                path = f"/a/word-{first}/word-{second}/word-{third}"
                assert min(first, second, third) == rules.find(path)
    assert rules.size < 600


def test_states_are_forgotten_by_what_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_match, "MOST_ALIVE", 100)
    rules = FirstMatch([patterns.compile(text) for text in TEXTS])
    assert [3, None, 7] == [rules.find(path) for path in PATHS[:3]]
    assert rules.size < 40
