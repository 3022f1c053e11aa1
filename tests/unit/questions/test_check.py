"""Checks: proved where they hold, broken by a request where they do not."""

from __future__ import annotations

from typing import Any

import pytest

from policy.engine import Policy
from policy.errors import UsageError
from policy.questions.check import (
    Result,
    Verdict,
    always_granted,
    language,
    no_new_access,
    no_public_access,
    not_granted,
)

ROLES = {
    "roles": {
        "doctor": {"permissions": ["view", "delete"], "authorized_labels": ["*"]},
        "guest": {"permissions": ["view"], "authorized_labels": ["external"]},
    }
}
STUDY = ["get", "^/studies/([a-f0-9-]+)(|/.*)$", "view"]
REMOVE = ["delete", "^/(patients|studies)/.*$", "delete"]


def policy(*rows: list[str], visitor: list[str] | None = None, **options: Any) -> Policy:
    section: dict[str, Any] = {
        "WebServiceRootUrl": "http://auth/",
        "TokenHttpHeaders": ["token"],
        "CheckedLevel": "studies",
    }
    section |= {"Permissions": list(rows), **options}
    anonymous = {"name": "Anonymous", "permissions": visitor or [], "validity": 60, "authorized-labels": ["*"]}
    return Policy.from_configuration(
        {"AuthenticationEnabled": False, "Authorization": section},
        plugin="0.11.4",
        permissions=ROLES,
        anonymous=anonymous,
    )


def broken(result: Result) -> list[tuple[str, str, int | None]]:
    return [(one.who, one.request, one.rule.index if one.rule else None) for one in result.counterexamples]


def test_nobody_but_doctors_deletes() -> None:
    one = policy(STUDY, REMOVE)
    assert not_granted(one, "anonymous", "DELETE", "*")
    assert not_granted(one, "guest", "delete", "/studies/{id}")
    result = not_granted(one, "anybody", "DELETE", "*")
    assert Verdict.FAIL is result.verdict
    assert {("doctor", 1)} == {(who, rule) for who, _, rule in broken(result)}


def test_a_witness_is_permitted_by_the_engine() -> None:
    one = policy(STUDY, REMOVE)
    result = not_granted(one, "doctor", "*", "*")
    assert len(result.counterexamples) >= 2
    assert all(one.decide(each.request, each.who) for each in result.counterexamples if each.rule is not None)


def test_access_for_some_labels_is_access() -> None:
    result = not_granted(policy(STUDY), "guest", "GET", "/studies/{resource}/archive")
    assert ["is permitted, only if the study has the label 'external'"] == [one.why for one in result.counterexamples]


def test_unchecked_paths_count() -> None:
    one = policy(STUDY, UncheckedFolders=["/studies/"])
    assert [("anonymous", None)] == [
        (who, rule) for who, _, rule in broken(not_granted(one, "anonymous", "*", "/studies/*"))
    ]


def test_a_pattern() -> None:
    one = policy(STUDY)
    assert always_granted(one, "doctor", "GET", "^/studies/[0-9a-f]{8}$")
    assert not always_granted(one, "doctor", "GET", "^/studies/[0-9a-g]{8}$")


def test_always_granted_means_without_conditions() -> None:
    one = policy(STUDY)
    assert always_granted(one, "doctor", "GET", "/studies/{resource}")
    assert not always_granted(one, "guest", "GET", "/studies/{resource}")
    assert always_granted(one, "guest", "GET", "/studies/{resource}", if_labels_allow=True)
    result = always_granted(one, "doctor", "GET", "/studies/{name}")
    assert ["is refused (no-rule)"] == [each.why for each in result.counterexamples]


def test_roles_together() -> None:
    one = policy(STUDY)
    assert always_granted(one, "guest+doctor", "GET", "/studies/{resource}")


def test_the_search_for_everybody_counts_where_it_finds_something() -> None:
    assert not_granted(policy(STUDY), "anonymous", "GET", "/series/*")
    hidden = Policy.from_configuration(
        {
            "AuthenticationEnabled": False,
            "Authorization": {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], "Permissions": []},
        },
        plugin="0.11.4",
        permissions=ROLES,
    )
    result = not_granted(hidden, "anonymous", "GET", "/dicom-web/*")
    assert (Verdict.PASS, 1) == (result.verdict, len(result.caveats))
    assert not not_granted(hidden, "doctor", "GET", "/dicom-web/studies")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            {"UncheckedFolders": ["/studies/"]},
            "passes unchecked: folder '/studies/' (Authorization.UncheckedFolders[0])",
        ),
        ({"ExtraPermissions": [["get", "^/x$", ""]]}, "is open: the rule asks for no permission"),
        ({"visitor": ["view"]}, "is permitted by the anonymous profile, which has 'view'"),
    ],
    ids=str,
)
def test_public_access(options: dict[str, Any], why: str) -> None:
    assert why in [one.why for one in no_public_access(policy(STUDY, **options)).counterexamples]


def test_what_the_plugin_opens_by_itself_is_left_aside() -> None:
    own = [["post", "^/tools/lookup$", ""], STUDY]
    one = policy(*own, StandardConfigurations=["orthanc-explorer-2"])
    hidden = Policy.from_configuration(
        {
            "AuthenticationEnabled": False,
            "Authorization": {
                "WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], "Permissions": own,
                "StandardConfigurations": ["orthanc-explorer-2"],
            },
        },
        plugin="0.11.4",
        permissions=ROLES,
    )  # fmt: skip
    assert no_public_access(hidden)
    strict = no_public_access(one, strict=True)
    assert {"is open: the rule asks for no permission"} <= {each.why for each in strict.counterexamples}
    assert any("standard configuration" in each.why for each in strict.counterexamples)


def test_without_a_filter_all_is_public() -> None:
    off = Policy.from_configuration({"AuthenticationEnabled": False}, plugin="0.11.4")
    assert {"GET", "POST", "PUT", "DELETE"} == {one.request.split()[0] for one in no_public_access(off).counterexamples}


def test_new_access() -> None:
    assert no_new_access(policy(STUDY, REMOVE), policy(STUDY))
    result = no_new_access(policy(STUDY), policy(STUDY, REMOVE))
    assert Verdict.FAIL is result.verdict
    assert {("doctor", 1)} == {(who, rule) for who, _, rule in broken(result)}


def test_what_cannot_be_decided_is_told() -> None:
    rough = policy(["get", r"^/studies/(?>a*)(?<!b)(\d+)-\1{40,}$", "view"])
    assert Verdict.UNDECIDED is not_granted(rough, "doctor", "GET", "/studies/*").verdict


def test_a_route_that_no_request_has() -> None:
    result = not_granted(policy(STUDY), "doctor", "GET", "^//studies$")
    assert result
    assert ["no request can have such a path, so that this holds for want of any"] == list(result.caveats)


@pytest.mark.parametrize(
    ("who", "method", "route"),
    [
        ("nobody", "GET", "/"),
        ("doctor", "GETT", "/"),
        ("doctor", "GET", "studies"),
        ("doctor", "GET", "/a?b"),
        ("a+b", "GET", "/"),
    ],
)
def test_questions_that_cannot_be_put(who: str, method: str, route: str) -> None:
    with pytest.raises(UsageError):
        not_granted(policy(STUDY), who, method, route)


@pytest.mark.parametrize(
    ("route", "path", "inside"),
    [
        ("/studies", "/studies", True),
        ("/a.b", "/axb", False),
        ("/studies/{id}", "/studies/1/2", False),
        ("/studies/{resource}", "/studies/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715", True),
        ("/studies/{resource}", "/studies/1.2", False),
        ("/dicom-web/studies/{uid}", "/dicom-web/studies/1.2", True),
        ("/dicom-web/*", "/dicom-web/a/b", True),
        ("*", "/", True),
    ],
)
def test_languages_of_routes(route: str, path: str, inside: bool) -> None:
    assert language(route).matches(path) is inside
