"""What the page decides is what the engine decides: effect, reason, rule, status, conditions and every check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from policy.auth_service import Share
from policy.auth_service.shares import SharedResource
from policy.engine import Decision, Policy
from policy.patterns import Pattern
from policy.questions.senders import Sender, senders
from policy.text.visible import visible

from .conftest import Browser
from .pages import SAMPLES, WORKING, Asked, Made, deployed, made, policy_in, requests, sample

DECIDE = "return arguments[0].map((asked) => accessReport.decide(...asked))"
GENERATED = range(10)
EACH = 250


def people_of(policy: Policy) -> tuple[Sender, ...]:
    """As the page has them, in its order."""
    return senders([policy], shares=False, labels=("*",))


def expected(decision: Decision) -> dict[str, Any]:
    return {
        "effect": str(decision.effect),
        "reason": str(decision.reason),
        "rule": -1 if decision.rule is None else decision.rule.index,
        "status": decision.status,
        "conditions": list(map(str, decision.conditions)),
        "checks": [[str(check.step), visible(check.text), check.passed] for check in decision.trace],
    }


def answered(told: dict[str, Any]) -> dict[str, Any]:
    shown = {key: told[key] for key in ("effect", "reason", "rule", "status")}
    checks = [[check["step"], check["text"], check["passed"]] for check in told["checks"]]
    return shown | {"conditions": [one["text"] for one in told["conditions"]], "checks": checks}


def is_plain(pattern: Pattern) -> bool:
    """Whether an automaton tells all that Boost does with a pattern."""
    return pattern.analysable and pattern.tame


def compare(browser: Browser, page: str, policy: Policy, asked: list[Asked]) -> Counter[str]:
    """Ask both, and count the answers; where the page cannot tell, the rule that it names must be the cause."""
    people = people_of(policy)
    browser.open(page)
    told = browser.run(DECIDE, [list(one) for one in asked])
    counts: Counter[str] = Counter()
    for one, answer in zip(asked, told, strict=True):
        if "undecided" in answer:
            counts["undecided"] += 1
            assert answer["rule"] < 0 or not is_plain(policy.rules[answer["rule"]].compiled)
            continue
        decision = policy.decide(f"{one.method} {one.target}", people[one.who].token, resource=one.labels)
        assert (one, expected(decision)) == (one, answered(answer))
        counts[str(decision.effect)] += 1
        counts[str(decision.reason)] += 1
    assert [] == browser.log()
    return counts


def known_requests(people: int) -> Iterator[Asked]:
    from policy.questions.matrix import feature_rows, route_rows

    number = 0
    for row in (*feature_rows(("all",)), *route_rows()):
        for ask in row.asks:
            method, _, target = ask.request.partition(" ")
            labels = (None, {"study": ["external"]}, {"study": [], "patient": ["external"]})[number % 3]
            yield Asked(method, target, number % people, labels)
            number += 1


@pytest.mark.parametrize("name", [WORKING, "clinic"])
def test_samples(browser: Browser, name: str) -> None:
    policy = policy_in(deployed(SAMPLES / name))
    asked = list(known_requests(len(people_of(policy))))
    counts = compare(browser, sample(name), policy, asked)
    assert 500 <= len(asked)
    assert 0 == counts["undecided"]
    assert {"permit", "deny", "conditional", "list-of-resources", "search-exception"} <= counts.keys()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    return [made(number, tmp_path_factory.mktemp(f"made-{number}")) for number in GENERATED]


def test_generated_deployments(browser: Browser, pages: list[Made]) -> None:
    counts: Counter[str] = Counter()
    for number, one in enumerate(pages):
        counts += compare(browser, one.page, one.policy, list(requests(number, len(people_of(one.policy)), EACH)))
    wanted = {
        "permit", "deny", "conditional", "unchecked-resource", "unchecked-folder", "permission", "open-rule", "no-rule",
        "no-permission", "labels", "list-of-resources", "no-share", "malformed-request", "method", "proxy",
        "core-authentication", "undecided",
    }  # fmt: skip
    assert set() == wanted - counts.keys()
    assert counts["undecided"] < 0.1 * EACH * len(pages)


def test_share_links(browser: Browser, pages: list[Made]) -> None:
    covered = (
        [{"uid": "1.2", "id": None}],
        [{"uid": None, "id": "0a"}],
        [{"uid": "1.2", "id": "0a"}],
        [{"uid": "1.2", "id": "0a"}, {"uid": "9", "id": None}],
        [],
    )
    counts: Counter[str] = Counter()
    for number, one in enumerate(pages):
        settings = one.policy.settings
        if not settings.shares or settings.off is not None:
            continue
        browser.open(one.page)
        asked = [(each, covered[place % len(covered)]) for place, each in enumerate(requests(number + 99, 1, 100))]
        told = browser.run(DECIDE, [[each.method, each.target, "share", each.labels, share] for each, share in asked])
        for (each, share), answer in zip(asked, told, strict=True):
            if "undecided" in answer:
                continue
            token = Share(tuple(SharedResource(dicom_uid=part["uid"], orthanc_id=part["id"]) for part in share))
            decision = one.policy.decide(f"{each.method} {each.target}", token, resource=each.labels)
            assert (each, share, expected(decision)) == (each, share, answered(answer))
            counts[str(decision.effect)] += decision.reason == "share"
    assert {"permit", "conditional"} <= (+counts).keys()
