"""What is read of a pattern in which one sign is left out, doubled, or has another one before it.

The snapshot holds one line for each; ``pytest --snapshot-update`` writes it anew, and each line that changed is read.
That Boost takes them so is what the recordings are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from policy import patterns
from policy.patterns.machine import GaveUp, OutOfBudget

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

TEXTS = {
    "rule": "^/(a|bc)*[d-f]{1,2}$",
    "references": "(?<n>a)\\k<n>(b)?\\2|\\g1",
    "looks": "(?=a(?!b)).(?<!c)(?>d)",
    "conditions": "(a)?(?(1)b|(?i)C)",
    "sets": "[^[:digit:]a-c\\d]\\x{41}",
    "verbs": "a(*ACCEPT)b|(?|(c)|d)",
    "spacing": "(?x)a #b\n+(?-x: )",
}
SIGNS = "([{?*|\\$"
PATHS = ["", "a", "b", "aa", "ab", "abb", "ac", "/d", "/ad", "/bcef", "aabb", "aC", "dA", "a ", "aaa"]


def changes(written: str) -> Iterator[str]:
    yield written
    for at, own in enumerate(written):
        yield written[:at] + written[at + 1 :]
        yield written[:at] + own + written[at:]
        for sign in SIGNS:
            yield written[:at] + sign + written[at:]


def answer(pattern: patterns.Pattern, path: str) -> str:
    try:
        matched = pattern.machine.run(path.encode(), 2_000).matched
    except GaveUp:
        return "!"
    except OutOfBudget:
        return "~"
    assert matched == pattern.matches(path)
    return "01"[matched]


def told(written: str) -> str:
    """How it is refused, or what is known of it and which of the paths match (``!``: Boost gives up, ``~``: too long for here)."""
    try:
        pattern = patterns.compile(written)
    except patterns.PatternRefused as refused:
        return f"{refused.reason} @{refused.position}"
    answers = "".join(answer(pattern, path) for path in PATHS)
    obstacles = " ".join(f"{item.construct}@{item.span.start}-{item.span.end}" for item in pattern.obstacles)
    return f"{answers} {pattern.ambiguity or 'plain'} {'tame' if pattern.tame else 'wild'} {obstacles}"


@pytest.mark.parametrize("name", TEXTS)
def test_one_change(name: str, snapshot: SnapshotAssertion) -> None:
    assert snapshot == "\n".join(f"{written!r} {told(written)}" for written in dict.fromkeys(changes(TEXTS[name])))
