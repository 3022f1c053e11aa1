"""Decisions about routes and people: tokens of every kind, conditions, traces, the default policy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import policy
from policy import Policy, Profile, Share
from policy.auth_service import SharedResource
from policy.engine import Answered, ApiKey, Effect, Forwarded, Level, Reason, Request, Step
from policy.engine.default import current
from policy.errors import UsageError
from policy.testing import Archive

ROLES = {
    "roles": {
        "doctor": {"permissions": ["view", "send"], "authorized-labels": ["*"]},
        "external": {"permissions": ["view"], "authorized-labels": ["external", "shared"]},
        "labelless": {"permissions": ["view"], "authorized-labels": []},
    },
    "available-labels": [],
}
STUDY = "/studies/06d643a1-e154382d"
DICOM_WEB = "/dicom-web/studies/1.2.3/series"


def make(plugin: str = "0.11.4", core: Any = None, **section: Any) -> Policy:
    configuration = {
        "AuthenticationEnabled": False,
        "Authorization": {
            "WebServiceRootUrl": "http://auth/",
            "StandardConfigurations": ["orthanc-explorer-2"],
            "CheckedLevel": "studies",
            **section,
        },
        **(core or {}),
    }
    return Policy.from_configuration(
        configuration, plugin=plugin, permissions=ROLES, anonymous=Profile("Guest", ("upload",), ())
    )


POLICY = make()


@pytest.mark.parametrize(
    ("route", "token", "effect", "reason"),
    [
        ("GET /ui/app/index.html", None, Effect.PERMIT, Reason.UNCHECKED_FOLDER),
        ("/ui/api/configuration", None, Effect.PERMIT, Reason.UNCHECKED_RESOURCE),
        ("POST /tools/lookup", None, Effect.PERMIT, Reason.OPEN_RULE),
        ("POST /instances", None, Effect.PERMIT, Reason.PERMISSION),
        ("GET /statistics", None, Effect.DENY, Reason.NO_PERMISSION),
        ("GET /statistics", "doctor", Effect.PERMIT, Reason.PERMISSION),
        ("GET /nothing/of/the/kind", "doctor", Effect.DENY, Reason.NO_RULE),
        ("GET /studies", "doctor", Effect.PERMIT, Reason.PERMISSION),
        ("GET /studies", "external", Effect.DENY, Reason.LIST_OF_RESOURCES),
        (f"GET {STUDY}", "doctor", Effect.PERMIT, Reason.PERMISSION),
        (f"GET {STUDY}", "external", Effect.CONDITIONAL, Reason.LABELS),
        (f"GET {STUDY}", "labelless", Effect.DENY, Reason.LABELS),
        ("GET /patients/a0", "external", Effect.PERMIT, Reason.PERMISSION),
        ("GET /dicom-web/studies", "nobody-knows-this-role", Effect.PERMIT, Reason.SEARCH_EXCEPTION),
        ("PATCH /studies", "doctor", Effect.DENY, Reason.METHOD),
        ("HEAD /statistics", "doctor", Effect.PERMIT, Reason.PERMISSION),
        ("GET /modalities/x?_method=DELETE", "doctor", Effect.DENY, Reason.NO_PERMISSION),
    ],
)
def test_routes_and_roles(route: str, token: Any, effect: Effect, reason: Reason) -> None:
    decision = POLICY.decide(route, token)
    assert (decision.effect, decision.reason) == (effect, reason)
    assert bool(decision) is (effect is Effect.PERMIT)


def test_several_roles_are_merged_as_the_service_merges_them() -> None:
    assert POLICY.decide(f"GET {STUDY}", ["external", "doctor"])
    assert POLICY.decide(f"GET {STUDY}", ("external", "doctor")) == POLICY.decide(
        f"GET {STUDY}", frozenset({"doctor", "external"})
    )


def test_conditions_are_data_and_a_sentence() -> None:
    decision = POLICY.decide(f"GET {STUDY}", "external")
    (condition,) = decision.conditions
    assert (condition.kind, condition.level) == ("labels", Level.STUDY)
    assert condition.labels == {"external", "shared"}
    assert str(condition) == "the study 06d643a1-e154382d has one of the labels 'external', 'shared'"
    assert f"permitted if {condition}" in decision.explain()


@pytest.mark.parametrize(
    ("resource", "effect"),
    [
        ({"study": ["external"]}, Effect.PERMIT),
        ({"studies": ["internal"]}, Effect.DENY),
        (["shared", "x"], Effect.PERMIT),
        ([], Effect.DENY),
        ({"patient": ["external"]}, Effect.CONDITIONAL),
    ],
)
def test_a_resource_settles_conditions(resource: Any, effect: Effect) -> None:
    assert POLICY.decide(f"GET {STUDY}", "external", resource=resource).effect is effect


def test_an_archive_settles_existence_too() -> None:
    archive = Archive(
        {
            "a0": {"level": "patient", "dicom-uid": "P", "labels": [], "parent": None},
            "a1": {"level": "study", "dicom-uid": "1.2.3", "labels": ["shared"], "parent": "a0"},
        }
    )
    assert POLICY.decide(f"GET {DICOM_WEB}", "external", resource=archive)
    unknown = POLICY.decide("GET /studies/bb", "external", resource=archive)
    assert (unknown.effect, unknown.reason) == (Effect.DENY, Reason.UNKNOWN_RESOURCE)
    assert POLICY.decide("GET /studies/bb", "doctor", resource=archive), "with '*' the core answers 404"


def test_existence_matters_where_no_level_is_checked() -> None:
    decision = make(CheckedLevel="series").decide(f"GET {STUDY}", "external")
    assert decision.effect is Effect.CONDITIONAL
    assert [str(one) for one in decision.conditions] == ["the study 06d643a1-e154382d exists"]


def share(**resource: str) -> Share:
    return Share((SharedResource(**resource),), "stone-viewer-publication")


@pytest.mark.parametrize(
    ("token", "route", "effect"),
    [
        (share(orthanc_id="06d643a1-e154382d"), f"GET {STUDY}/archive", Effect.PERMIT),
        (share(orthanc_id="other"), f"GET {STUDY}/archive", Effect.DENY),
        (share(dicom_uid="1.2.3"), f"GET {DICOM_WEB}", Effect.PERMIT),
        (share(dicom_uid="1.2.4"), f"GET {DICOM_WEB}", Effect.DENY),
        (share(dicom_uid="1.2.3"), f"GET {STUDY}/archive", Effect.CONDITIONAL),
        (share(orthanc_id="06d643a1-e154382d"), "GET /series/aa/study", Effect.CONDITIONAL),
        (share(dicom_uid="1.2.3"), "GET /statistics", Effect.DENY),
        (share(dicom_uid="1.2.3"), "GET /dicom-web/studies", Effect.PERMIT),
    ],
)
def test_share_tokens(token: Share, route: str, effect: Effect) -> None:
    decision = POLICY.decide(route, token)
    assert decision.effect is effect, decision.explain()
    if effect is Effect.CONDITIONAL:
        assert {one.kind for one in decision.conditions} >= {"shared"}


def test_a_share_expires() -> None:
    token = Share((SharedResource(dicom_uid="1.2.3"),), "stone-viewer-publication", datetime(2030, 1, 1, tzinfo=UTC))
    assert POLICY.decide(f"GET {DICOM_WEB}", token, now=datetime(2029, 1, 1, tzinfo=UTC))
    assert not POLICY.decide(f"GET {DICOM_WEB}", token, now=datetime(2031, 1, 1, tzinfo=UTC))


def test_claims_are_judged_at_a_moment() -> None:
    claims = {"aud": "account", "exp": 2_000_000_000, "realm_access": {"roles": ["doctor"]}}
    assert POLICY.decide("GET /statistics", claims, now=1_900_000_000)
    expired = POLICY.decide("GET /statistics", claims, now=2_100_000_000)
    assert expired.reason is Reason.NO_PERMISSION, "an expired login has the rights of a visitor"
    assert POLICY.decide("POST /instances", claims, now=2_100_000_000)


def test_profiles_stand_for_themselves() -> None:
    assert POLICY.decide("GET /statistics", Profile("x", ("view",), ("*",)))
    wire = {"name": "x", "permissions": ["view"], "authorized-labels": ["*"], "validity": 60}
    assert POLICY.decide("GET /statistics", wire)
    assert not POLICY.decide("GET /statistics", wire | {"validity": "60"}), "an invalid profile is an empty one"


def test_api_keys_travel_in_their_own_header() -> None:
    unread = POLICY.decide("GET /statistics", ApiKey("k"))
    assert "does not look at" in unread.explain()
    configured = Policy.from_configuration(
        {
            "AuthenticationEnabled": False,
            "Authorization": {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["api-key"]},
        },
        plugin="0.11.4",
        permissions=ROLES,
        api_keys={"k": "doctor"},
    )
    assert configured.decide("GET /statistics", ApiKey("k"), resource=[])
    assert not configured.decide("GET /statistics", ApiKey("other"))
    assert repr(ApiKey("secret")) == "ApiKey(…)"


def test_a_token_that_nothing_carries_is_nobodys() -> None:
    lost = Policy.from_configuration(
        {"AuthenticationEnabled": False, "Authorization": {"WebServiceRootUrl": "http://auth/"}},
        plugin="0.11.4",
        permissions=ROLES,
    )
    assert not lost.decide("GET /statistics", "doctor")
    assert "in no header or argument" in lost.decide("GET /statistics", "doctor").explain()
    by_argument = make(StandardConfigurations=[], TokenGetArguments=["token"])
    assert by_argument.decide("GET /statistics", "doctor")
    assert not by_argument.decide("POST /tools/find", "doctor"), "arguments exist on GET only"


@pytest.mark.parametrize("wrong", [3, object(), [1, 2]])
def test_what_is_no_token_is_said(wrong: Any) -> None:
    with pytest.raises(UsageError):
        POLICY.decide("GET /", wrong)


def test_roles_need_the_file() -> None:
    bare = Policy.from_configuration({"Authorization": {"WebServiceRootUrl": "http://auth/"}}, plugin="0.11.4")
    with pytest.raises(UsageError, match="roles are not known"):
        bare.decide("GET /", "doctor")


@pytest.mark.parametrize("wrong", ["studies", "", "GET studies", 7])
def test_what_is_no_route_is_said(wrong: Any) -> None:
    with pytest.raises(UsageError):
        POLICY.decide(wrong)


class OneHost:
    def to_orthanc(self, url: str) -> Forwarded | Answered:
        path = url.removeprefix("https://pacs.example.org/orthanc")
        return Forwarded(path) if path != url else Answered(302, "the proxy sends browsers to /orthanc/ui/app/")


def test_public_addresses() -> None:
    assert POLICY.decide("https://pacs.example.org/statistics?x=1", "doctor"), "no proxy known: the path as it is"
    behind = make()
    behind.proxy = OneHost()
    assert behind.decide("https://pacs.example.org/orthanc/statistics", "doctor")
    answered = behind.decide("https://pacs.example.org/statistics", "doctor")
    assert (answered.effect, answered.reason, answered.status) == (Effect.DENY, Reason.PROXY, 302)
    assert [check.step for check in answered.trace] == [Step.PROXY]


def test_requests_bring_headers_and_body() -> None:
    faked = Request("POST", "/modalities/x", (("X-HTTP-Method-Override", "DELETE"),))
    rule = POLICY.decide(faked, "doctor").rule
    assert rule is not None
    assert rule.method == "DELETE"
    patients = Request("POST", "/tools/find", body=b'{"Level": "Patient", "Query": {}}')
    assert POLICY.decide(patients, "doctor")
    refused = POLICY.decide(patients, "external")
    assert (refused.reason, refused.status) == (Reason.BODY, 403)


def test_behind_the_filter() -> None:
    passes = POLICY.decide("POST /tools/find", "external")
    assert passes
    assert "narrowed to the labels 'external', 'shared'" in passes.explain()
    studies = b'{"Level": "Study", "Query": {}}'
    narrowed = POLICY.decide("POST /tools/find", "external", body=studies)
    assert narrowed.answer is not None
    assert narrowed.answer.text == "only what has one of the labels 'external', 'shared' is found"
    below = POLICY.decide(
        "POST /tools/find", "external", body=b'{"Level": "Series", "Query": {"StudyInstanceUID": "1.2.3"}}'
    )
    assert below.effect is Effect.CONDITIONAL
    assert str(below.conditions[0]).startswith("the study 1.2.3 has one of the labels")


def test_core_authentication_turns_nobody_away() -> None:
    guarded = make(core={"AuthenticationEnabled": True, "RegisteredUsers": {"u": "p"}})
    nobody = guarded.decide("GET /ui/app/x")
    assert (nobody.reason, nobody.status) == (Reason.CORE_AUTHENTICATION, 401)
    assert guarded.decide(Request("GET", "/ui/app/x", (("Authorization", "Basic dTpw"),)))
    assert guarded.decide("GET /statistics", "doctor"), "who has a token is taken to be a registered user too"


def test_without_filter_everything_passes() -> None:
    off = Policy.from_configuration({"Authorization": []}, plugin="0.11.4")
    assert off.off is not None
    decision = off.decide("DELETE /studies/x")
    assert (decision.effect, decision.reason) == (Effect.PERMIT, Reason.FILTER_OFF)
    assert off.off in decision.explain()


def test_the_trace_is_in_order_and_explains() -> None:
    decision = POLICY.decide(f"GET {STUDY}", "external", resource=[])
    assert [check.step for check in decision.trace] == [
        Step.CREDENTIALS,
        Step.UNCHECKED,
        Step.RULE,
        Step.PERMISSION,
        Step.LABELS,
    ]
    assert decision.trace[-1].passed is False
    assert "this ends the request, no share token is asked" in decision.explain()
    assert decision.explain().startswith(f"GET {STUDY}: deny (labels)\n")


def test_decisions_are_values() -> None:
    first, second = POLICY.decide("GET /statistics", "doctor"), make().decide("GET /statistics", "doctor")
    assert first == second
    assert len({first, second}) == 1
    assert POLICY.decide_many([("GET /statistics", "doctor"), ("GET /statistics", None)]) == [
        first,
        POLICY.decide("GET /statistics"),
    ]


def test_the_default_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLICY_FILES", raising=False)
    with pytest.raises(UsageError, match="no default policy"):
        policy.decide("GET /")
    policy.use(POLICY)
    try:
        assert current() is POLICY
        assert policy.decide("GET /statistics", "doctor")
    finally:
        policy.use(None)


def test_the_default_policy_comes_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    file = tmp_path / "orthanc.json"
    file.write_text('{"Authorization": {"WebServiceRootUrl": "http://auth/", "UncheckedFolders": ["/open/"]}}')
    monkeypatch.setenv("POLICY_FILES", str(file))
    assert policy.decide("GET /open/x").reason is Reason.UNCHECKED_FOLDER
    file.write_text("{}")
    assert policy.decide("GET /open/x").reason is Reason.UNCHECKED_FOLDER, "files are read once"
