"""Route classes: what is in them, their requests, and that a request finds its own."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import patterns
from policy.engine import Level, Policy
from policy.engine.request import Seen, path_of
from policy.engine.route import seen_of
from policy.patterns.joint import Joint
from policy.questions.classes import REACHABLE, Partition, literal
from policy.questions.requests import known_requests, request_text


def policy(*rows: list[str], plugin: str = "0.11.4", **options: Any) -> Policy:
    section = {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], **options}
    if rows:
        section["Permissions"] = list(rows)
    return Policy.from_configuration({"AuthenticationEnabled": False, "Authorization": section}, plugin=plugin)


@given(st.text(alphabet="/.a\\%?+ \u00e9\x00-", max_size=12))
def test_reachable_paths_are_those_that_the_web_server_leaves_alone(path: str) -> None:
    request = request_text("GET", path)
    seen = path_of(request.removeprefix("GET ")) if path else None
    assert patterns.compile(REACHABLE).matches(path) is (seen == path)


@pytest.mark.parametrize("plugin", ["0.5.0", "0.9.2", "0.11.1", "0.11.4"])
def test_each_class_has_a_request_that_finds_it(plugin: str) -> None:
    partition = Partition([policy(plugin=plugin)])
    likely = partition.likely(partition.classes)
    for one in partition.classes:
        for request in (one.request, likely[one]):
            seen, _ = seen_of(request, None)
            assert isinstance(seen, Seen)
            assert one is partition.find(seen.method, seen.path, seen.arguments), request


def test_known_routes_stand_for_their_class() -> None:
    partition = Partition([policy()])
    likely = partition.likely(partition.classes)
    known = {
        f"{method} {path}"
        for method in ("GET", "POST", "PUT", "DELETE")
        for _, path in known_requests(method, "/dicom-web/")
    }
    for one in partition.classes:
        if partition.routes(one):
            assert likely[one].partition("?")[0] in known
    assert sum(bool(partition.routes(one)) for one in partition.classes) > 60


def test_the_level_of_a_path_tells_classes_apart() -> None:
    partition = Partition(
        [policy(["get", "^/(patients|studies|series|instances)/([a-f0-9-]+)$", "view"])], methods=["GET"]
    )
    levels = {one.sides[0].level for one in partition.classes if one.sides[0].rule is not None}
    assert {Level.PATIENT, Level.STUDY, Level.SERIES, Level.INSTANCE} == levels


def test_arguments_of_searches_tell_classes_apart() -> None:
    partition = Partition([policy(["get", "^/dicom-web/studies$", "view"])], methods=["GET"])
    own = [one for one in partition.classes if one.sides[0].rule is not None]
    assert {"patient", "study", "series", "instance", "system"} == {str(one.sides[0].level) for one in own}
    assert {one.request for one in own} >= {"GET /dicom-web/studies", "GET /dicom-web/studies?00100020=P1"}


def test_archives_without_and_with_resources() -> None:
    partition = Partition([policy(["get", "^/tools/create-archive$", "view"])], methods=["GET"])
    own = [one.sides[0].level for one in partition.classes if one.sides[0].rule is not None]
    assert [None, Level.STUDY] == sorted(own, key=str)


def test_unchecked_paths_are_one_class_whatever_the_rules_say() -> None:
    one = policy(
        ["get", "^/ui/a$", "view"], ["get", "^/ui/.*$", "all"], UncheckedFolders=["/ui/"], UncheckedResources=["/x y"]
    )
    partition = Partition([one], methods=["GET"])
    free = [each for each in partition.classes if each.sides[0].unchecked]
    assert 1 == len(free)
    assert free[0] is partition.find("GET", "/x y")
    assert free[0] is not partition.find("GET", "/x y/")


def test_paths_that_cannot_be_sent_make_no_class() -> None:
    one = policy(["get", "^//.*$", "view"], ["get", "^studies$", "view"], ["get", "^/a\\./b$", "view"])
    assert {None} == {each.sides[0].rule for each in Partition([one]).classes}


def test_marks_cut_classes() -> None:
    mark = patterns.compile("^/studies/1$")
    partition = Partition([policy(["get", "^/studies/.*$", "view"])], methods=["GET"], marks=[mark])
    inside = [one for one in partition.classes if one.marks]
    assert ["GET /studies/1"] == [one.request for one in inside]
    assert inside[0] is partition.find("GET", "/studies/1")


def test_rules_that_are_no_regular_languages_are_assumed_both_ways() -> None:
    partition = Partition([policy(["get", r"^/(a+)/\1$", "view"])], methods=["GET"])
    own = [one for one in partition.classes if one.sides[0].rule is not None]
    assert own
    assert any(one.certain for one in own)
    assert all(one.request.startswith("GET /a") for one in own if one.certain)


def test_without_a_filter_all_requests_of_a_method_are_one_class() -> None:
    off = Policy.from_configuration({"AuthenticationEnabled": False}, plugin="0.11.4")
    assert ["GET", "POST", "PUT", "DELETE"] == [one.method for one in Partition([off]).classes]


@given(st.text(max_size=8), st.text(alphabet=string.printable + "\u00e9", max_size=8))
def test_literals_match_their_text_alone(one: str, other: str) -> None:
    if not one.isprintable():
        one = one.encode("ascii", "ignore").decode()
    assert patterns.compile(literal("resource", one)).matches(one)
    assert patterns.compile(literal("resource", one)).matches(other) is (one == other)
    assert patterns.compile(literal("folder", one)).matches(one + other)


WILD = ["^/(.*)/a(/.*)?$", "^/b.*$", "^/(.*)/c(/.*)?$", "^/[^/]+/d$", "^/(.*)$", "^/studies/(.*)/e.*$"]


def test_what_no_longer_matters_changes_no_class(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["get", text, name] for text, name in zip(WILD, ("view", "all", "", "view", "all", "upload"), strict=True)]
    policies = [policy(*rows, UncheckedFolders=["/b", "/x/"]), policy(*reversed(rows))]
    pruned = Partition(policies, methods=["GET"])
    monkeypatch.setattr("policy.questions.pruned.PrunedJoint", lambda patterns, **_: Joint(patterns))
    whole = Partition(policies, methods=["GET"])
    assert {(one.sides, one.query) for one in whole.classes} == {(one.sides, one.query) for one in pruned.classes}
    assert max(len(members) for one in pruned.classes for members in one.sets) < max(
        len(members) for one in whole.classes for members in one.sets
    )


def test_words_anywhere_in_the_path_make_few_classes() -> None:
    rows = [["get", f"^/(.*)/word{number}(/.*)?$", "view"] for number in range(10)]
    assert len(Partition([policy(*rows)], methods=["GET"]).classes) < 100
