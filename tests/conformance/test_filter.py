"""The filter against the answers of real servers: four versions of the plugin, 632 configurations.

By default every fifth request of the long scenarios is asked; with ALL_RECORDINGS=1 all of them are.
"""

from __future__ import annotations

import json
import lzma
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policy import Policy, ServerRefuses
from policy.engine.request import Seen, headers_of, see
from policy.testing import Archive, Service

RECORDINGS = Path(__file__).parent / "recordings"
VERSIONS = ("0.7.2", "0.9.4", "0.10.3", "0.11.4")
STRIDE = 1 if os.environ.get("ALL_RECORDINGS") else 5
LONG = 60
SLOW = "catastrophic"
"""Patterns on which Boost gives up: asked in full for one version, as the matcher's work is the same for all."""


@cache
def scenarios(version: str) -> dict[str, Any]:
    data = json.loads(lzma.decompress((RECORDINGS / f"filter-{version}.json.xz").read_bytes()))
    assert data["plugin"] == version
    return {one["name"]: one for one in data["scenarios"]}


@cache
def archive() -> Archive:
    return Archive(json.loads((RECORDINGS / "filter-world.json").read_text()))


def names(version: str, *, starts: bool) -> list[str]:
    return [name for name, one in scenarios(version).items() if one["starts"] is starts]


@pytest.mark.parametrize("version", VERSIONS)
def test_refuses_to_start_where_the_server_did(version: str) -> None:
    refused = []
    for name, one in scenarios(version).items():
        try:
            Policy.from_configuration(one["configuration"], plugin=version)
        except ServerRefuses as error:
            refused.append((name, bool(error.message)))
    assert refused == [(name, True) for name in names(version, starts=False)]


@pytest.mark.parametrize("version", VERSIONS)
def test_decides_as_the_server_did(version: str) -> None:
    differences, asked = [], 0
    for name in names(version, starts=True):
        one = scenarios(version)[name]
        requests = one["requests"]
        if name == SLOW and version != VERSIONS[-1]:
            continue
        policy = Policy.from_configuration(one["configuration"], plugin=version)
        service = Service(anonymous=one["anonymous"], tokens=one["tokens"], grants=one["grants"])
        for method, target, headers, permit, rule, _, status in requests[:: STRIDE if len(requests) > LONG else 1]:
            decision = policy.decide_request(
                method, target, [tuple(each) for each in headers], service=service, archive=archive()
            )
            asked += 1
            got = decision.rule.pattern if decision.rule else None
            if bool(decision) != permit or (rule is not None and got != rule):
                differences.append((name, method, target, headers, decision.explain()))
            elif status is not None and decision.status != status:
                differences.append((name, method, target, headers, decision.status))
    assert differences == []
    assert asked > 4000


@pytest.mark.parametrize("version", VERSIONS)
def test_sees_what_reached_the_filter(version: str) -> None:
    differences = []
    for name in names(version, starts=True):
        for method, target, headers, _, _, seen, _ in scenarios(version)[name]["requests"]:
            if seen is None:
                continue
            got = see(method, target, headers_of(tuple(each) for each in headers))
            assert isinstance(got, Seen)
            # The recording is a line of the log, which a line break in the path cuts off.
            if [got.method, got.path.partition("\n")[0]] != seen:
                differences.append((method, target, got))
    assert differences == []


def test_starts_without_any_filter() -> None:
    open_ = {
        name: Policy.from_configuration(one["configuration"], plugin="0.11.4").off
        for name, one in scenarios("0.11.4").items()
        if one["starts"] and name.startswith("startup-")
    }
    assert {name for name, why in open_.items() if why} == {
        "startup-authentication-no-section",
        "startup-authentication-no-url",
        "startup-creation-only",
        "startup-decoder-only",
        "startup-invented-names",
        "startup-no-section",
        "startup-section-empty",
        "startup-section-list",
        "startup-section-lower-case",
        "startup-section-misspelt",
        "startup-section-null",
        "startup-section-number",
        "startup-section-string",
        "startup-url-misspelt",
    }
