"""Exported policies, in the engines that they are for, against our own engine: more than 10,000 requests.

Recorded requests are those of real servers, with headers, labels and share tokens as they were; generated ones are a
request of every route class of some policies, from everybody, with all that may be known of the resource.
With ALL_RECORDINGS=1 every fourth recorded request is asked; ``python -m tests.exports.run`` asks all of them.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from policy import Policy, load
from policy.errors import PolicyError
from tests.exports import asking, engines
from tests.exports.asking import Asked

SAMPLES = Path(__file__).parent.parent.parent / "samples"
STRIDE = 4 if os.environ.get("ALL_RECORDINGS") else 20
LONG = 60
SLOW = "catastrophic"
"""Patterns on which Boost gives up: no other engine does."""
REFUSED = {"NothingToExport": 16, "NotExpressible": 2}
"""Scenarios of each version that are no policy, or that RE2 cannot say: a look-ahead, and a place that it has not."""
ROLES = {
    "roles": {
        "admin": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]},
        "doctor": {"permissions": ["view", "download", "share"], "authorized-labels": ["*"]},
        "guest": {"permissions": ["view", "upload"], "authorized-labels": ["teaching", "external"]},
        "nobody": {"permissions": ["delete"], "authorized-labels": []},
    }
}
VISITORS = {"name": "v", "permissions": ["view"], "authorized-labels": ["teaching"], "validity": 60}
LABELS = (
    None,
    {"study": ["teaching"]},
    {"patient": [], "study": ["internal"], "series": ["external"], "instance": ["teaching"]},
)
OPTIONS = {
    "0.5.3": {},
    "0.6.0": {"UncheckedLevels": ["system"]},
    "0.9.4": {"CheckedLevel": "series"},
    "0.11.1": {"UncheckedFolders": ["/tools/"], "UncheckedResources": ["/system", "/ä b"]},
    "0.11.4": {"CheckedLevel": "studies", "EnableAuditLogs": True, "StandardConfigurations": ["orthanc-explorer-2"]},
}


@cache
def made_up(version: str) -> Policy:
    section = {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], **OPTIONS[version]}
    configuration = {"AuthenticationEnabled": False, "Authorization": section}
    return Policy.from_configuration(configuration, plugin=version, permissions=ROLES, anonymous=VISITORS)


@cache
def generated(version: str) -> tuple[Asked, ...]:
    return tuple(asking.generated(made_up(version), (None, "doctor", "guest", ("guest", "nobody")), LABELS))


def sample(name: str) -> tuple[Policy, tuple[Asked, ...]]:
    policy = load(SAMPLES / name)
    return policy, tuple(asking.generated(policy, (None, *policy.roles.roles), LABELS[2:]))


@cache
def recorded(version: str) -> tuple[tuple[str, Policy, tuple[Asked, ...]], ...]:
    found = []
    for scenario in asking.scenarios(version):
        if scenario["name"] == SLOW:
            continue
        policy = asking.policy_of(scenario, version)
        requests = scenario["requests"]
        chosen = requests[:: STRIDE if len(requests) > LONG else 1]
        found.append((scenario["name"], policy, tuple(asking.recorded(policy, scenario, chosen))))
    return tuple(found)


@pytest.mark.parametrize("version", asking.VERSIONS)
def test_rego_decides_recorded_requests(version: str) -> None:
    pytest.importorskip("regorus")
    refused: Counter[str] = Counter()
    unsupported: Counter[str] = Counter()
    differences, compared = [], 0
    for _, policy, asked in recorded(version):
        try:
            found = engines.regorus(policy, asked)
        except PolicyError as error:
            refused[type(error).__name__] += 1
            continue
        for one, got in zip(asked, found, strict=True):
            if got.unsupported:
                unsupported[got.unsupported] += 1
                assert "deny" == got.effect
                continue
            compared += 1
            if engines.wanted(one) != got:
                differences.append((one.shown, got, engines.wanted(one)))
    assert [] == differences
    assert REFUSED == refused
    assert {"path", "input"} >= set(unsupported)
    assert sum(unsupported.values()) < compared / 20
    assert compared > 1200


@pytest.mark.parametrize("version", asking.VERSIONS)
def test_cedar_decides_recorded_requests(version: str) -> None:
    pytest.importorskip("cedarpy")
    refused: Counter[str] = Counter()
    differences, compared, unsupported = [], 0, 0
    for _, policy, asked in recorded(version):
        anonymous = next((one.input["anonymous"] for one in asked if "anonymous" in one.input), {"failed": True})
        try:
            engine = engines.Cedar(policy, {"permissions": [], "labels": []} | anonymous)
        except PolicyError as error:
            refused[type(error).__name__] += 1
            continue
        for one, got in zip(asked, engine.decide(asked), strict=True):
            if got.unsupported:
                unsupported += 1
                continue
            compared += 1
            if engines.wanted_of_cedar(one, got) != got:
                differences.append((one.shown, got, one))
    assert [] == differences
    assert REFUSED == refused
    assert unsupported < compared / 20
    assert compared > 1200


@pytest.mark.parametrize("version", OPTIONS)
def test_rego_decides_every_route_class(version: str) -> None:
    pytest.importorskip("regorus")
    asked = generated(version)
    found = engines.regorus(made_up(version), asked)
    assert [] == [(o.shown, g, w) for o, g in zip(asked, found, strict=True) if (w := engines.wanted(o)) != g]
    effects = {"permit", "deny", "conditional"} if made_up(version).behaviour.labels else {"permit", "deny"}
    assert effects == {one.effect for one in found}
    assert len(asked) > 400


@pytest.mark.parametrize("version", [one for one in OPTIONS if one != "0.5.3"])
def test_cedar_decides_every_route_class(version: str) -> None:
    pytest.importorskip("cedarpy")
    asked = generated(version)
    found = engines.Cedar(made_up(version)).decide(asked)
    wanted = [engines.wanted_of_cedar(one, got) for one, got in zip(asked, found, strict=True)]
    assert [] == [(o.shown, g, w) for o, g, w in zip(asked, found, wanted, strict=True) if w != g]
    assert {"permit", "deny"} == {one.effect for one in found}


@pytest.mark.parametrize("name", ["clinic", "forum-thread-tests"])
def test_both_decide_the_samples(name: str) -> None:
    pytest.importorskip("regorus")
    pytest.importorskip("cedarpy")
    policy, asked = sample(name)
    by_rego = engines.regorus(policy, asked)
    assert [engines.wanted(one) for one in asked] == by_rego
    by_cedar = engines.Cedar(policy).decide(asked)
    assert [engines.wanted_of_cedar(one, got) for one, got in zip(asked, by_cedar, strict=True)] == by_cedar
    assert len(asked) > 200


def test_a_second_engine_of_rego_agrees() -> None:
    pytest.importorskip("regopy")
    differences, compared = [], 0
    for version in ("0.9.4", "0.11.4"):
        for _, policy, asked in recorded(version)[::20]:
            chosen = [one for one in asked if one.input.get("target", "ä").isascii()][:12]
            try:
                found = engines.regopy(policy, chosen)
            except PolicyError:
                continue
            for one, got in zip(chosen, found, strict=True):
                compared += 1
                if not got.unsupported and engines.wanted(one) != got:
                    differences.append((one.shown, got, engines.wanted(one)))
    assert [] == differences
    assert compared > 80
