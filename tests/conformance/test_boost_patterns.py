"""What Boost's ``regex_match`` said of 1,704 patterns: refusals, matches, and paths on which it gave up."""

import json
import lzma
from collections import Counter
from pathlib import Path

import pytest

from policy import patterns

RECORDING = Path(__file__).parent / "recordings" / "boost-regex.json.xz"
ROWS = json.loads(lzma.decompress(RECORDING.read_bytes()))["patterns"]
BATCH = 142
BATCHES = [ROWS[start : start + BATCH] for start in range(0, len(ROWS), BATCH)]


def compiled(text):
    try:
        return patterns.compile(text)
    except patterns.PatternRefused:
        return None


@pytest.mark.parametrize("batch", BATCHES, ids=range(len(BATCHES)))
def test_a_pattern_is_refused_where_boost_refuses_it(batch):
    expected = [row["pattern"] for row in batch if "refused" in row]
    assert [row["pattern"] for row in batch if compiled(row["pattern"]) is None] == expected


@pytest.mark.parametrize("batch", BATCHES, ids=range(len(BATCHES)))
def test_paths_match_as_recorded(batch):
    differs = []
    for row in batch:
        if "refused" in row:
            continue
        pattern = compiled(row["pattern"])
        differs += [(row["pattern"], path) for path in row["match"] if not pattern.matches(path)]
        differs += [(row["pattern"], path) for path in row["no"] if pattern.matches(path)]
    assert differs == []


def test_boost_gives_up_as_recorded_and_nowhere_else():
    gave_up = [row for row in ROWS if row.get("gives-up")]
    assert len(gave_up) == 12
    for row in gave_up:
        pattern = compiled(row["pattern"])
        assert pattern.ambiguity is not None
        assert [pattern.gives_up(path) for path in row["gives-up"]] == [True] * len(row["gives-up"])
        assert not any(pattern.gives_up(path) for path in row["match"] + row["no"])


def test_no_other_recorded_path_is_given_up():
    differs = []
    for row in ROWS:
        if "refused" not in row and not row.get("gives-up"):
            pattern = compiled(row["pattern"])
            differs += [(row["pattern"], path) for path in row["match"] + row["no"] if pattern.gives_up(path)]
    assert differs == []


def test_what_is_not_analysable_is_named():
    constructs = Counter()
    for row in ROWS:
        pattern = compiled(row["pattern"])
        if pattern is not None and not pattern.analysable:
            constructs[pattern.obstacles[0].construct] += 1
    assert constructs == {
        "a back-reference": 5,
        "a conditional": 3,
        "a recursion": 20,
        "a shortcut of Boost that misses matches": 4,
    }
