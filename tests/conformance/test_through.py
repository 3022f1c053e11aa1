"""Whole answers of real servers: the filter, then the routes that narrow or refuse, with ids and labels."""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policy import Policy
from policy.engine import Answer
from policy.testing import Archive, Service

RECORDINGS = Path(__file__).parent / "recordings"
NARROWED = ("/tools/find", "/tools/count-resources", "/tools/labels")
LABELS_FROM = (0, 9, 0)
"""The first version that takes labels out of answers."""


@cache
def files() -> dict[str, Any]:
    data = json.loads(lzma.decompress((RECORDINGS / "through.json.xz").read_bytes()))
    return {one["name"]: one for one in data}


@cache
def archive() -> Archive:
    return Archive(json.loads((RECORDINGS / "filter-world.json").read_text()))


def differs(answer: Answer | None, recorded: dict[str, Any]) -> bool:
    """Whether ids, number or labels are not those that the server answered."""
    if answer is None:
        return True
    items = None if answer.items is None else sorted(answer.items)
    if "Count" in recorded:
        return items is None or len(items) != recorded["Count"]
    if recorded == {"value": None}:
        return items != []
    if "Labels" in recorded:
        return sorted(answer.labels or ()) != sorted(recorded["Labels"])
    return items != sorted(recorded["items"]) or sorted(answer.labels or ()) != sorted(recorded["labels"])


def computed(target: str, version: str) -> bool:
    """Whether the engine computes the answer of a route: those that the plugin or the DICOMweb plugin narrows."""
    path = target.partition("?")[0]
    if path in NARROWED or path.startswith("/dicom-web/"):
        return True
    labelled = path.startswith(("/studies/", "/series/", "/patients/")) and not path.endswith("/archive")
    return labelled and tuple(map(int, version.split("."))) >= LABELS_FROM


@pytest.mark.parametrize("name", sorted(files()))
def test_answers_as_the_server_did(name: str) -> None:
    one = files()[name]
    policy = Policy.from_configuration(one["configuration"], plugin=one["plugin"])
    service = Service(anonymous=one["anonymous"], tokens=one["tokens"], grants=one["grants"])
    differences, judged, compared = [], 0, 0
    for method, target, token, body, status, recorded in one["requests"]:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        headers = [("token", token)] if token else []
        decision = policy.decide_request(method, target, headers, service=service, archive=archive(), body=data)
        if status not in {200, 403}:
            # An error of the server is no permit, but for what the core finds wrong after the plugin has let it pass.
            if decision and not target.startswith("/tools/bulk-"):
                differences.append((method, target, token, body, status, decision.explain()))
            continue
        judged += 1
        if bool(decision) != (status == 200):
            differences.append((method, target, token, body, status, decision.explain()))
        elif status == 200 and computed(target, one["plugin"]):
            compared += 1
            if differs(decision.answer, recorded):
                differences.append((method, target, token, body, recorded, decision.answer))
    assert differences == []
    assert judged > 1100
    assert compared > 40
