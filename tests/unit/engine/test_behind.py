"""Behind the filter: bodies that are odd, searches by share tokens, audit logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy import Policy
from policy.engine import Decision, Reason
from policy.testing import Archive, Service

ARCHIVE = Archive(
    {
        "a0": {"level": "patient", "dicom-uid": "P", "labels": [], "parent": None},
        "a1": {"level": "study", "dicom-uid": "1.1", "labels": ["red", "blue"], "parent": "a0"},
        "a2": {"level": "series", "dicom-uid": "1.1.1", "labels": [], "parent": "a1"},
        "a3": {"level": "instance", "dicom-uid": "1.1.1.1", "labels": [], "parent": "a2"},
        "b1": {"level": "study", "dicom-uid": "1.2", "labels": ["green"], "parent": "a0"},
    }
)
USERS = {
    "red": {"name": "red", "permissions": ["view"], "authorized-labels": ["red"], "validity": 60},
    "star": {"name": "star", "permissions": ["view"], "authorized-labels": ["*"], "validity": 60},
    "known": {"name": "k", "permissions": ["view"], "authorized-labels": ["*"], "validity": 60, "user-id": "u"},
    "share": {"name": "none", "permissions": [], "authorized-labels": [], "validity": 60},
}
SERVICE = Service(tokens=USERS, grants={"share": {"levels": ["study"], "dicom-uids": ["1.1"], "uris": []}})


def make(version: str = "0.11.4", **section: Any) -> Policy:
    rules = [[method, "^/.*$", ""] for method in ("get", "post", "put", "delete")]
    section = {"WebServiceRootUrl": "http://auth/", "CheckedLevel": "studies", "TokenHttpHeaders": ["token"]} | section
    configuration = {"AuthenticationEnabled": False, "Authorization": {"Permissions": rules, **section}, "DicomWeb": {}}
    return Policy.from_configuration(configuration, plugin=version)


def ask(policy: Policy, who: str, route: str, body: Any = None) -> Decision:
    method, target = route.split(" ")
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return policy.decide_request(method, target, [("token", who)], service=SERVICE, archive=ARCHIVE, body=data)


FIND = {"Level": "Study", "Query": {}}


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("red", FIND, None),
        ("red", FIND | {"Level": "studies"}, None),
        ("red", FIND | {"Level": "Image"}, 403),
        ("red", {"Query": {}}, 400),
        ("red", {"Level": "Study"}, 400),
        ("red", FIND | {"Labels": "red", "LabelsConstraint": "Any"}, 400),
        ("red", FIND | {"Labels": [1], "LabelsConstraint": "Any"}, 400),
        ("red", FIND | {"Labels": ["red"], "LabelsConstraint": 5}, 400),
        ("star", FIND | {"Labels": [], "LabelsConstraint": None}, 400),
        ("star", FIND | {"Labels": ["green"]}, 403),
        ("red", FIND | {"Labels": ["red", "green"], "LabelsConstraint": "All"}, 403),
        ("red", FIND | {"Labels": ["red", "green"], "LabelsConstraint": "Any"}, None),
        ("red", {"Level": "Series", "Query": {"0020000D": "1.1"}}, None),
        ("red", {"Level": "Series", "Query": {"0020000d": "1.1"}}, 403),
        ("red", {"Level": "Series", "Query": {"StudyInstanceUID": "1.2"}}, 403),
        ("red", {"Level": "Series", "Query": {}, "ParentStudy": "a1"}, None),
        ("red", {"Level": "Instance", "Query": {}, "ParentSeries": "a2"}, None),
        ("red", {"Level": "Instance", "Query": {}, "ParentStudy": "b1", "ParentSeries": "a2"}, 403),
        ("red", [], 400),
        ("red", b"", 400),
        ("red", b"[" * 100_000, 400),
    ],
)
def test_bodies_of_searches(who: str, body: Any, status: int | None) -> None:
    for route in ("POST /tools/find", "POST /tools/count-resources"):
        assert ask(make(), who, route, body).status == status


def test_a_search_by_the_studies_of_a_share_token_keeps_their_labels() -> None:
    found = ask(make(), "share", "POST /tools/find", FIND | {"Expand": True}).answer
    assert found is not None
    assert (found.items, found.labels) == (("a1",), frozenset({"red", "blue"}))
    named = ask(
        make(), "share", "POST /tools/find", {"Level": "Study", "Query": {"StudyInstanceUID": "1.1"}, "Expand": True}
    ).answer
    assert named is not None
    assert (named.items, named.labels) == (("a1",), frozenset())


@pytest.mark.parametrize(
    ("version", "who", "elements", "status"),
    [
        ("0.11.4", "red", ["a1"], None),
        ("0.11.4", "red", ["b1"], 403),
        ("0.11.4", "red", [{"ID": "a1", "Level": "Study"}], None),
        ("0.11.4", "red", [5, None, {}], None),
        ("0.11.4", "red", ["a0"], 403),
        ("0.11.4", "star", ["unknown"], 404),
        ("0.11.4", "star", [{"ID": "unknown", "Level": "Study"}], None),
        ("0.11.4", "star", [{"ID": "a1", "Level": "nonsense"}], 400),
        ("0.11.4", "nobody", ["a1"], 403),
        ("0.11.3", "star", ["unknown"], None),
        ("0.11.3", "red", ["unknown"], 404),
        ("0.11.3", "red", [{"ID": "a1"}], 400),
        ("0.10.3", "red", ["b1"], None),
        ("0.11.4", "red", {"a1": 1}, 400),
        ("0.10.3", "red", [], None),
    ],
)
def test_bodies_of_bulk_routes(version: str, who: str, elements: Any, status: int | None) -> None:
    assert ask(make(version), who, "POST /tools/bulk-delete", {"Resources": elements}).status == status


JOB, WAIT = {"Asynchronous": True}, {"Asynchronous": False}


@pytest.mark.parametrize(
    ("version", "who", "route", "body", "status"),
    [
        ("0.11.4", "star", "DELETE /studies/a1", None, 403),
        ("0.11.4", "known", "DELETE /studies/a1", None, None),
        ("0.11.4", "star", "DELETE /instances/a3", None, None),
        ("0.11.4", "star", "PUT /studies/a1/labels/x", None, 403),
        ("0.11.4", "known", "PUT /studies/a1/labels/x", None, None),
        ("0.11.4", "star", "POST /studies/a1/modify", JOB, 403),
        ("0.11.4", "star", "POST /studies/a1/modify", JOB | {"UserData": {"AuditLogsUserId": "x"}}, None),
        ("0.11.4", "star", "POST /studies/a1/modify", JOB | {"UserData": {"AuditLogsUserId": 5}}, 403),
        ("0.11.4", "known", "POST /studies/a1/modify", JOB, None),
        ("0.11.4", "known", "POST /studies/a1/modify", {"Synchronous": False}, None),
        ("0.11.4", "known", "POST /studies/a1/modify", {}, 501),
        ("0.11.4", "known", "POST /studies/a1/anonymize", WAIT, 501),
        ("0.10.3", "known", "POST /studies/a1/anonymize", WAIT, None),
        ("0.10.3", "known", "POST /studies/a1/anonymize", JOB, 501),
        ("0.11.4", "known", "POST /series/a2/modify", JOB, 500),
        ("0.11.4", "known", "POST /series/a2/anonymize", JOB, None),
        ("0.11.4", "known", "POST /tools/bulk-modify", {"Resources": ["a1"]}, 501),
        ("0.11.4", "star", "POST /tools/bulk-delete", {"Resources": ["a1"]}, 403),
        ("0.11.4", "star", "POST /tools/bulk-delete", {"Resources": []}, None),
        ("0.11.4", "nobody", "POST /instances", None, 403),
        ("0.11.4", "star", "POST /instances", None, None),
        ("0.9.4", "star", "DELETE /studies/a1", None, None),
    ],
)
def test_audit_logs_make_routes_stricter(version: str, who: str, route: str, body: Any, status: int | None) -> None:
    assert ask(make(version, EnableAuditLogs=True), who, route, body).status == status


def test_with_audit_logs_an_access_that_cannot_be_recorded_is_refused() -> None:
    for route in ("GET /studies/ff", "GET /dicom-web/studies/9.9/series"):
        assert ask(make(EnableAuditLogs=True), "star", route).reason is Reason.AUDIT_LOG
    assert ask(make(EnableAuditLogs=True), "star", "GET /patients/ff"), "an unknown patient is no error"
    assert ask(make(), "star", "GET /studies/ff")
