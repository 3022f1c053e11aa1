"""What fuzzing kept, asked again: each target's claim holds for a part of its corpus, always the same one.

``python -m tests.fuzzing.run`` does the rest.
"""

from __future__ import annotations

import pytest

from . import corpus
from .limits import bounded
from .targets import NAMES, load

TURNS = {"reader": 250, "patterns": 120, "merge": 50, "engine": 120, "request": 250, "lint": 8, "arguments": 6,
         "replay": 2}  # fmt: skip
"""Inputs of each target that take about a second."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning:ibis", "ignore::FutureWarning:ibis")
@pytest.mark.parametrize("name", NAMES)
def test_kept_inputs(name: str) -> None:
    if name == "replay":
        pytest.importorskip("ibis.backends.duckdb")
    target = load(name)
    inputs = [data for _, data in corpus.kept(name)]
    for data in inputs[:: max(1, len(inputs) // TURNS[name])]:
        with bounded():
            target.check(data)


def test_every_target_has_a_corpus() -> None:
    assert [] == [name for name in NAMES if not any(corpus.kept(name))]
