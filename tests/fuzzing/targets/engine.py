"""A configuration is refused with an error of ours, or decides: always, the same twice, and the same by every way.

An input is a JSON document: ``plugin``, ``configuration``, ``permissions``, ``anonymous``, ``service`` (what the web service
answers), and ``requests``: lists of method, target, headers, token and body.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from policy import Policy, text
from policy.engine import Decision, Request
from policy.errors import PolicyError
from policy.testing import Archive, Service

from .. import folders, trees
from ..target import ROOT, Target

_WORLD: dict[str, dict[str, Any]] = {
    "a0": {"level": "patient", "dicom-uid": "P1", "labels": ["red"], "parent": None},
    "a1": {"level": "study", "dicom-uid": "1.1", "labels": ["green"], "parent": "a0"},
    "a2": {"level": "series", "dicom-uid": "1.1.1", "labels": [], "parent": "a1"},
    "a3": {"level": "instance", "dicom-uid": "1.1.1.1", "labels": ["blue"], "parent": "a2"},
    "b1": {"level": "study", "dicom-uid": "1.2", "labels": ["red"], "parent": "a0"},
}
_ARCHIVE = Archive(_WORLD)
_MOST = 6


def check(data: bytes) -> None:
    """What must hold for one configuration and some requests."""
    root = text.parse(data).root
    given = root.python() if root is not None else None
    if not isinstance(given, dict) or not isinstance(given.get("configuration"), dict):
        return
    try:
        one, two = _policy(given), _policy(given)
    except PolicyError as error:
        assert str(error)
        return
    service = _service(given.get("service"))
    requests = given.get("requests")
    for request in requests[:_MOST] if isinstance(requests, list) else ():
        if isinstance(request, list):
            _decided(one, two, service, *_request(request))


def _policy(given: dict[str, Any]) -> Policy:
    more = {name: given[name] for name in ("permissions", "anonymous") if isinstance(given.get(name), dict | str)}
    return Policy.from_configuration(given["configuration"], plugin=str(given.get("plugin", "0.11.4")), **more)


def _service(given: Any) -> Service:
    tables = given if isinstance(given, dict) else {}
    tokens = tables.get("tokens")
    return Service(anonymous=tables.get("anonymous"), tokens=tokens if isinstance(tokens, dict) else None)


_Asked = tuple[str, str, tuple[tuple[str, str], ...], Any, bytes | None]


def _request(given: list[Any]) -> _Asked:
    method, target, headers, token, body, *_ = [*given, None, None, None, None, None]
    named = tuple((str(name), str(value)) for name, value in headers.items()) if isinstance(headers, dict) else ()
    return (
        method if isinstance(method, str) else "GET",
        target if isinstance(target, str) else "/",
        named,
        token,
        body.encode("utf-8", "surrogatepass") if isinstance(body, str) else None,
    )


def _decided(
    one: Policy, two: Policy, service: Service, method: str, target: str, headers: Any, token: Any, body: bytes | None
) -> None:
    decisions = [
        policy.decide_request(method, target, headers, service=service, archive=_ARCHIVE, body=body)
        for policy in (one, one, two)
    ]
    for decision in decisions:
        _well_formed(decision)
        assert _told(decision) == _told(decisions[0])
    route = f"{method} {target}"
    answers = [_asked(one, route, token), _asked(one, route, token), _asked(two, route, token)]
    plain = (
        method in ("GET", "POST", "PUT", "DELETE") and target.startswith("/") and target.isascii() and " " not in target
    )
    if plain and target == target.strip():
        # A request that is written out takes the long way.
        answers.append(_asked(two, Request(method, target), token))
    for answer in answers:
        assert answer == answers[0], answers
    if body is not None:
        _asked(one, route, token, body=body)
    try:
        rule = one.first_rule(method, target)
    except PolicyError as error:
        assert str(error)
    else:
        assert rule is None or rule in one.rules


def _asked(policy: Policy, route: str | Request, token: Any, *, body: bytes | None = None) -> object:
    try:
        decision = policy.decide(route, token, body=body)
    except PolicyError as error:
        return str(error)
    _well_formed(decision)
    return _told(decision)


def _well_formed(decision: Decision) -> None:
    assert decision.explain()
    assert bool(decision) == (str(decision.effect) == "permit")
    assert (decision.status is None) or 400 <= decision.status < 600 or 300 <= decision.status < 400
    assert bool(decision.conditions) == (str(decision.effect) == "conditional")


def _told(decision: Decision) -> object:
    rule = decision.rule
    return (
        decision.effect, decision.reason, None if rule is None else (rule.index, str(rule)), sorted(map(str, decision.conditions)),
        decision.status, decision.answer, decision.explain(),
    )  # fmt: skip


_DONORS = (
    *folders.JSON, '["GET", "/studies/a1", {"token": "one"}, "a"]', '["GET", "/dicom-web/studies?00100020=P1", {}, ["a", "b"]]',
    '["POST", "/tools/find", {}, "a", "{\\"Level\\": \\"Study\\", \\"Query\\": {}}"]', '"/dicom-web/studies/1.1/series/1.1.1"',
    '"/tools/create-archive?resources=a1,b1"', '"/instances/a3/file"', '"/patients/a0"', '"DELETE"', '"POST"', '"HEAD"', '"*"',
    '{"name": "x", "permissions": ["view"], "authorized-labels": ["*"], "validity": 60}', '{"status": 403}', '"0.5.0"', '"0.6.2"',
    '"0.7.0"', '"0.8.2"', '"0.9.2"', '"0.10.0"', '"0.11.1"', '"0.11.4"', '["get", "^/(a*)*$", "view"]', '["put", "", "|"]',
    '{"sub": "x", "realm_access": {"roles": ["a"]}}', '{"exp": 1}', '"PatientID"', '"patients"', '"study"', '"system"', "-1",
)  # fmt: skip


def _change(chance: random.Random, data: bytes) -> bytes:
    return trees.changed(chance, data, donors=_DONORS)


def _seeds() -> Iterator[bytes]:
    requests = [
        ["GET", "/studies/a1", {"token": "one"}, "doctor-role", None],
        [
            "POST",
            "/tools/find",
            {"api-key": "two"},
            None,
            '{"Level": "Study", "Query": {"PatientID": "P1"}, "Labels": ["a"]}',
        ],
        ["GET", "/dicom-web/studies?StudyInstanceUID=1.1&token=one", {}, ["admin-role", "x"], None],
        [
            "PUT",
            "/auth/tokens/x",
            {},
            None,
            '{"id": "i", "resources": [{"dicom-uid": "1.1", "level": "study"}], "type": "x"}',
        ],
    ]
    service = {
        "anonymous": {"name": "n", "permissions": ["view"], "authorized-labels": [], "validity": 60},
        "tokens": {
            "one": {"name": "o", "permissions": ["all"], "authorized-labels": ["*"], "validity": 60},
            "two": {"status": 500},
        },
    }
    for folder in ("samples/clinic", "samples/forum-thread", "tests/properties/good"):
        read = {}
        for name, path in (("configuration", "orthanc.jsonc"), ("permissions", "permissions.json")):
            root = text.parse((ROOT / folder / path).read_bytes()).root
            read[name] = root.python() if root is not None else {}
        for plugin in ("0.5.0", "0.6.2", "0.7.0", "0.9.2", "0.10.0", "0.11.4"):
            yield json.dumps({"plugin": plugin, "service": service, **read, "requests": requests}).encode()
            levels = {
                "UncheckedLevels": ["patients"],
                "WebServiceRootUrl": "http://a/",
                "Permissions": [["get", "^/.*$", "view"]],
            }
            small = {"AuthenticationEnabled": False, "Authorization": levels}
            yield json.dumps(
                {"plugin": plugin, "service": service, "configuration": small, "requests": requests}
            ).encode()


TARGET = Target(check, _seeds, folders.words(folders.OPTIONS, _DONORS), _change, longest=6000)
