"""Boost itself, compiled where g++ and its headers are present.

The full comparison is a command: ``python tests/oracles/compare.py --cases 10000``.
"""

import pytest

asking = pytest.importorskip("asking")
compare = pytest.importorskip("compare")


@pytest.fixture(scope="module", autouse=True)
def boost():
    try:
        asking.helper()
    except asking.MissingError as reason:
        pytest.skip(f"Boost cannot be asked: {reason}")


@pytest.mark.parametrize("seed", [11, 12])
def test_boost_agrees_on_patterns_made_at_random(seed):
    found, counts = compare.compare(300, seed)
    assert found == []
    assert counts["paths"] > 500


def test_boost_gives_up_on_attacks_and_not_a_letter_earlier():
    from policy import patterns
    from policy.patterns.attack import attack

    texts = ["^/(a+)+$", "^/([a-z]+)*$", "^/(a|aa)+$", "^/(.*)*x$", "(?<n>a)(x+x+)+y"]
    paths = [attack(patterns.compile(text)) for text in texts]
    rows = [(text, [path, path[:-2] + path[-1]]) for text, path in zip(texts, paths, strict=True)]
    assert [[path is None for path in answer.paths] for answer in asking.ask(rows)] == [[True, False]] * len(texts)
