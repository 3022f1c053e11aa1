"""Automata as a page has them: cut where they are large, and what they do not decide is named."""

from __future__ import annotations

import random
from typing import Any

import pytest

from policy.engine import Policy
from policy.engine.rules import METHODS
from policy.patterns import TooComplex
from policy.report.html import automaton
from policy.report.html.automaton import Sets, first_matches

PATTERNS = (
    "^/studies(|/.*)$",
    "^/(.*)/a(.{12})$",
    "^/(.*)/b(.{12})$",
    "^/(a|b|/)*a(a|b|/){14}$",
    "^/(\\w+)/\\1$",
    "^/series/(?!x)[a-z/]+$",
    "^/[a-z/]*$",
)
"""Some need many states; one of them too many, and one is no regular language."""


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automaton, "_STATES", 400)
    monkeypatch.setattr(automaton, "_STATES_EACH", 0)


def walk(tables: dict[str, Any], sets: list[list[int]], path: bytes) -> int | None:
    """As the page walks; None where it cannot tell."""
    found = -1
    for block in tables["blocks"]:
        state: int | None = 0
        for byte in path:
            arcs = block["arcs"][state]
            state = next((arcs[at + 1] for at in range(0, len(arcs), 2) if holds(sets[arcs[at]], byte)), None)
            if state is None:
                break
        if state is not None and block["accept"][state] >= 0:
            found = block["accept"][state]
            break
    for one in tables["beside"]:
        if 0 <= found < one["rule"]:
            break
        if one["count"] is None and path.startswith(one["prefix"].encode("latin-1")):
            return None
    return found


def holds(runs: list[int], byte: int) -> bool:
    return any(runs[at] <= byte <= runs[at + 1] for at in range(0, len(runs), 2))


@pytest.mark.usefixtures("sizes")
def test_large_automata_are_cut_and_too_large_ones_named() -> None:
    rows = [["get", pattern, "view"] for pattern in PATTERNS]
    section = {"WebServiceRootUrl": "http://auth/", "Permissions": rows}
    policy = Policy.from_configuration({"AuthenticationEnabled": False, "Authorization": section}, plugin="0.11.4")
    sets = Sets()
    tables = {
        method: first_matches([rule for rule in policy.rules if rule.method == method], sets) for method in METHODS
    }
    assert [] == tables["POST"]["blocks"]
    tables, runs = tables["GET"], sets.plain()
    assert 1 < len(tables["blocks"])
    assert all(len(block["arcs"]) <= 402 for block in tables["blocks"])
    assert {1, 2, 3, 4} <= {one["rule"] for one in tables["beside"]}
    dice = random.Random(5)
    told = 0
    for _ in range(400):
        path = (
            "/" + dice.choice(["studies", "series", "", "a", "x"]) + "".join(dice.choices("ab/x", k=dice.randrange(20)))
        )
        answer = walk(tables, runs, path.encode())
        if answer is None:
            continue
        told += 1
        try:
            rule = policy.first_rule("GET", path)
        except TooComplex:
            pytest.fail(f"Boost gives up on {path}, and the page does not say so")
        assert (path, -1 if rule is None else rule.index) == (path, answer)
    assert 20 < told < 400
