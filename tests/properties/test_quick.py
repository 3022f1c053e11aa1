"""The quick way of a decision gives what the full way gives, for every path that is taken to be like another."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from policy import patterns
from policy.auth_service import Profile, Share
from policy.engine import Decision, Policy
from policy.engine.archive import UNKNOWN
from policy.errors import ServerRefuses
from policy.knowledge import plugin
from policy.patterns import FirstMatch

IDS = ("6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715", "a", "0", "1.2.840.1", "1.2.3", "x-1", "AB", "abc123def456-abc")
SEGMENTS = (
    "studies", "series", "patients", "instances", "tools", "create-archive", "dicom-web", "metadata", "frames", "app",
    "osimis-viewer", "images", "web-viewer", "wsi", "tiles", "rendered", "pacs", "x", "", "1", "%31", "..", "a+b", "é",
)  # fmt: skip
PIECES = (
    *SEGMENTS[:14],
    "([a-f0-9-]+)",
    "(.*)",
    "[^/]+",
    "(studies|series)",
    "[0-9]+",
    "(a+)+",
    "([.0-9]+)",
    "(?!a).+",
)
PATHS = st.lists(st.sampled_from(SEGMENTS + IDS), min_size=1, max_size=6).map(lambda parts: "/" + "/".join(parts))
KNOWN = st.sampled_from(
    [
        text.format(id=one, uid=uid)
        for one, uid in ((IDS[0], IDS[3]), (IDS[1], IDS[4]), (IDS[5], IDS[5]))
        for text in (
            "/studies/{id}", "/series/{id}/metadata", "/patients/{id}/", "/instances/{id}/frames/0", "/studies", "/series/",
            "/dicom-web/studies", "/dicom-web/studies/", "/dicom-web/series", "/dicom-web/studies/{uid}",
            "/dicom-web/studies/{uid}/series/{uid}/instances/{uid}/frames/1", "/tools/create-archive", "/{id}/{uid}",
            "/pacs/studies/{uid}/series/{uid}", "/wsi/tiles/{id}/0/0/0", "/osimis-viewer/studies/{id}", "/app/{id}.js",
        )
    ]
)  # fmt: skip
ROUTES = st.tuples(
    st.sampled_from(["GET ", "GET ", "", "POST ", "PUT ", "DELETE ", "HEAD "]), KNOWN | KNOWN | PATHS
).map("".join)
RULES = st.tuples(
    st.sampled_from(["get", "get", "post", "put", "delete"]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(lambda parts: "^/" + "/".join(parts))
    | st.just("SINGLE_RESOURCE_PATTERNS"),
    st.sampled_from(["view", "all", "", "view|all"]),
).map(lambda row: [row[0], row[1] + ("" if row[1][0] == "S" else "(|/.*)$"), row[2]])
SENDERS = (
    None,
    Profile("a", permissions=("view",), labels=("*",)),
    Profile("b", permissions=("view", "all"), labels=("x",)),
    Profile("c", permissions=("all",)),
    Profile("d"),
    Share.from_claims(
        {
            "type": "ohif-viewer-publication",
            "resources": [{"level": "study", "orthanc-id": IDS[0], "dicom-uid": IDS[4]}],
        }
    ),
)
VERSIONS = tuple(str(one.version) for one in plugin.releases() if one.has_permissions)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    section: dict[str, Any] = {"TokenHttpHeaders": ["token"]}
    section |= draw(st.sampled_from([{"CheckedLevel": "studies"}, {"CheckedLevel": "series"}, {"UncheckedLevels": []}]))
    section |= draw(
        st.sampled_from(
            [
                {"WebServiceRootUrl": "http://auth/"},
                {"WebServiceUserProfileUrl": "http://auth/user"},
                {"WebServiceTokenValidationUrl": "http://auth/tokens"},
                {},
            ]
        )
    )
    if draw(st.booleans()):
        section["UncheckedFolders"] = ["/app/", "/x"]
        section["UncheckedResources"] = ["/studies"]
    if draw(st.booleans()):
        section["Permissions"] = draw(st.lists(RULES, max_size=12))
    if draw(st.booleans()):
        section["EnableAuditLogs"] = True
    configuration: dict[str, Any] = {"Authorization": section}
    configuration |= draw(
        st.sampled_from(
            [{"AuthenticationEnabled": False}, {"AuthenticationEnabled": True, "RegisteredUsers": {"a": "b"}}]
        )
    )
    root = draw(st.sampled_from(["/dicom-web/", "/dicom-web/", "/pacs/", "/pa.s/"]))
    version = draw(st.sampled_from(VERSIONS))
    try:
        return Policy.from_configuration(configuration | {"DicomWeb": {"Root": root}}, plugin=version)
    except ServerRefuses:
        reject()


def told(decision: Decision) -> tuple[Any, ...]:
    return decision.effect, decision.reason, decision.status, decision.explain(), hash(decision)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies(), st.lists(ROUTES, min_size=20, max_size=60))
def test_the_quick_way_is_the_full_way(policy: Policy, routes: list[str]) -> None:
    for sender in SENDERS:
        quick = policy.decide_many(routes, sender)
        for route, got in zip(routes, quick, strict=True):
            expected = policy._decide(route, policy.subject_of(sender), UNKNOWN, None)
            assert told(expected) == told(got)
            assert expected == got
        again = policy.decide_many([(route, sender) for route in routes])
        assert [id(one) for one in quick] == [id(one) for one in again]


WORDS = st.text("ab1-.", max_size=12) | st.sampled_from(["aaa111", "a-1", "111", "b" * 40, "1.1.1", "a1/b2"])
ONE_OF = st.sampled_from(
    ["a+1+", "[ab]+", "[ab1]+", "a*[1-]*b*", "[^/]+", "(a|1)+b?", "1(.*)", "(?:a+1+)+", "(a+)+", "(a|b)\\1"]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(ONE_OF, min_size=1, max_size=2).map(lambda parts: f"^/{'/'.join(parts)}$"), min_size=1, max_size=5
    ),
    st.lists(st.lists(WORDS, min_size=1, max_size=2).map(lambda parts: f"/{'/'.join(parts)}"), min_size=5, max_size=40),
)
def test_words_that_take_the_same_way_lead_to_the_same_rule(rules: list[str], paths: list[str]) -> None:
    compiled = [patterns.compile(rule) for rule in rules]
    walk, marks = FirstMatch(compiled[:-1], compiled[-1:]), compiled[-1]
    for path in paths:
        expected = next((index for index, pattern in enumerate(compiled[:-1]) if pattern.matches(path)), None)
        for asked in (path, path.encode()):
            met = walk.meet(asked)
            assert (expected, (0,) if marks.matches(path) else ()) == (met.first, met.marks)
