"""Diffs: what is said of small changes, and why."""

from __future__ import annotations

from typing import Any

import pytest

from policy.engine import Policy
from policy.questions.diff import Diff, diff
from policy.questions.relation import DENY, PERMIT, Grant, Relation, at_most, compare

ROLES: dict[str, Any] = {
    "roles": {
        "doctor": {"permissions": ["view"], "authorized_labels": ["*"]},
        "guest": {"permissions": ["view"], "authorized_labels": ["external"]},
    }
}
STUDY = ["get", "^/studies/([a-f0-9-]+)$", "view"]


def policy(
    *rows: list[str], roles: dict[str, Any] | None = ROLES, plugin: str = "0.11.4", core: bool = False, **options: Any
) -> Policy:
    section: dict[str, Any] = {
        "WebServiceRootUrl": "http://auth/",
        "TokenHttpHeaders": ["token"],
        "CheckedLevel": "studies",
    }
    section |= {"Permissions": list(rows), **options}
    section = {key: value for key, value in section.items() if value is not None}
    configuration = {"AuthenticationEnabled": core, "Authorization": section}
    return Policy.from_configuration(configuration, plugin=plugin, permissions=roles)


def said(told: Diff) -> list[tuple[str, str, tuple[str, ...], str, str]]:
    return [
        (str(one.relation), one.request.partition("?")[0], one.people, str(one.old.grant), str(one.new.grant))
        for one in told.differences
    ]


def kinds(told: Diff) -> set[str]:
    return {cause.kind for one in told.differences for cause in one.causes}


EXAMPLE = "GET /studies/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
LIMITED = "only if the study has the label 'external'"


def test_a_new_rule() -> None:
    told = diff(policy(), policy(STUDY))
    assert Relation.MORE_PERMISSIVE is told.relation
    assert [
        ("more-permissive", EXAMPLE, ("doctor",), "deny", "permit"),
        ("more-permissive", EXAMPLE, ("guest",), "deny", LIMITED),
    ] == said(told)
    assert {"rule"} == kinds(told)
    _, old, new = told.differences[0].causes[0]
    assert old
    assert new
    assert ("no rule", "GET ^/studies/([a-f0-9-]+)$ asks for 'view'") == (old.text, new.text)


def test_the_order_of_rules_counts_only_where_they_decide_differently() -> None:
    narrow, wide = ["get", "^/studies/a$", "view"], ["get", "^/studies/.*$", "view"]
    assert Relation.EQUIVALENT is diff(policy(narrow, wide), policy(wide, narrow)).relation
    told = diff(policy(["get", "^/studies/a$", "all"], wide), policy(wide, ["get", "^/studies/a$", "all"]))
    assert ["GET /studies/a"] == list(dict.fromkeys(one.request for one in told.differences))


def test_other_words_for_the_same_languages_are_no_difference() -> None:
    one = policy(["get", "^/studies/(a|b)$", "view|all"])
    two = policy(
        ["get", "^/studies/a$", "all|view"], ["get", "^/studies/[b]$", "view|all"], ["get", "^/studies/a$", ""]
    )
    told = diff(one, two)
    assert (Relation.EQUIVALENT, True) == (told.relation, told.proved)


@pytest.mark.parametrize(
    ("old", "new", "kind", "relation"),
    [
        ({}, {"UncheckedFolders": ["/studies/"]}, "unchecked", Relation.MORE_PERMISSIVE),
        ({"UncheckedResources": ["/system"]}, {}, "unchecked", Relation.LESS_PERMISSIVE),
        ({}, {"CheckedLevel": "series"}, "levels", Relation.INCOMPARABLE),
        ({}, {"WebServiceRootUrl": None}, "filter", Relation.MORE_PERMISSIVE),
        ({}, {"core": True}, "core", Relation.LESS_PERMISSIVE),
    ],
    ids=str,
)
def test_causes(old: dict[str, Any], new: dict[str, Any], kind: str, relation: Relation) -> None:
    told = diff(policy(STUDY, **old), policy(STUDY, **new))
    assert relation is told.relation
    assert {kind} == kinds(told)


def test_the_core_turns_visitors_away() -> None:
    open_ = ["get", "^/x$", ""]
    told = diff(policy(open_), policy(open_, core=True))
    assert ({"core"}, Relation.LESS_PERMISSIVE) == (kinds(told), told.relation)
    assert {("anonymous",)} == {one.people for one in told.differences}


def test_a_role_that_gains_a_permission() -> None:
    roles = {
        "roles": {**ROLES["roles"], "guest": {"permissions": ["view", "upload"], "authorized_labels": ["external"]}}
    }
    upload = ["post", "^/instances$", "upload"]
    told = diff(policy(upload), policy(upload, roles=roles))
    assert [("more-permissive", "POST /instances", ("guest",), "deny", "permit")] == said(told)
    assert ["the role 'guest' has the permissions view, upload"] == [
        cause.new.text for one in told.differences for cause in one.causes if cause.new
    ]


def test_a_role_with_other_labels_is_incomparable() -> None:
    roles = {"roles": {**ROLES["roles"], "guest": {"permissions": ["view"], "authorized_labels": ["teaching"]}}}
    told = diff(policy(STUDY), policy(STUDY, roles=roles))
    assert ({"labels"}, Relation.INCOMPARABLE) == (kinds(told), told.relation)


def test_a_new_role_has_what_its_permissions_give() -> None:
    roles = {"roles": {**ROLES["roles"], "nurse": {"permissions": ["view"], "authorized_labels": ["*"]}}}
    told = diff(policy(STUDY), policy(STUDY, roles=roles))
    assert [("more-permissive", EXAMPLE, ("nurse",), "deny", "permit")] == said(told)
    old = told.differences[0].causes[0].old
    assert old
    assert "there is no role 'nurse'" == old.text


def test_roles_together() -> None:
    roles = {
        "roles": {
            "sees": {"permissions": ["view"], "authorized_labels": []},
            "labelled": {"permissions": [], "authorized_labels": ["*"]},
        }
    }
    told = diff(policy(roles=roles), policy(STUDY, roles=roles), combine=[("sees", "labelled")])
    assert [("more-permissive", EXAMPLE, ("sees+labelled",), "deny", "permit")] == said(told)


def test_without_roles_everybody_is_compared() -> None:
    told = diff(policy(STUDY, roles=None), policy(["get", STUDY[1], "all"], roles=None))
    assert not told.by_roles
    assert {("whoever has 'all' (all labels)",), ("whoever has 'view' (all labels)",)} <= {
        one.people for one in told.differences
    }


def test_holders_of_a_permission_that_no_role_has() -> None:
    one, two = policy(STUDY), policy(["get", STUDY[1], "view|nobody-has-it"])
    assert Relation.EQUIVALENT is diff(one, two).relation
    assert Relation.MORE_PERMISSIVE is diff(one, two, by="permissions").relation


def test_share_links() -> None:
    old, new = policy(STUDY), policy(STUDY, CheckedLevel=None, UncheckedLevels=[])
    told = diff(old, new)
    shared = {(str(one.old.grant), str(one.new.grant)) for one in told.differences if "share link" in one.people}
    assert ("only if the share covers the study", "only if the share covers the patient and the study") in shared


def test_tokens_in_another_header_are_told() -> None:
    told = diff(policy(STUDY), policy(STUDY, TokenHttpHeaders=["api-key", "auth"]))
    assert any(
        "tokens are read no longer from header 'token' and now from header 'api-key'" in each for each in told.caveats
    )


def test_paths_on_which_boost_gives_up_are_told() -> None:
    told = diff(policy(["get", "^/(a|aa)*b$", "view"]), policy(["get", "^/a*b$", "view"]))
    assert Relation.EQUIVALENT is told.relation
    assert any("Boost gives up" in each and "^/(a|aa)*b$" in each for each in told.caveats)
    assert () == diff(policy(["get", "^/(a|aa)*b$", "view"]), policy(["get", "^/(a|aa)*b$", "view"])).caveats


def test_what_was_not_found_by_trying_is_not_certain() -> None:
    told = diff(policy(["get", r"^/q(?>a*)(\d+)-\1{40,}$", "view"]), policy())
    assert (False, Relation.EQUIVALENT) == (told.proved, told.relation)
    assert {False} == {one.certain for one in told.differences}
    assert [] == list(told.cases())


def test_cases_for_tests() -> None:
    told = diff(policy(), policy(STUDY))
    assert [(EXAMPLE, "doctor", DENY, PERMIT)] == [
        (one.request, one.token, one.old.grant, one.new.grant) for one in told.cases() if one.token == "doctor"
    ]


def test_grants_are_ordered() -> None:
    from policy.engine import Effect, Level

    one = Grant(Effect.CONDITIONAL, frozenset({(Level.STUDY, frozenset({"a"}))}))
    two = Grant(Effect.CONDITIONAL, frozenset({(Level.STUDY, frozenset({"a", "b"}))}))
    other = Grant(Effect.CONDITIONAL, frozenset({(Level.PATIENT, frozenset({"a"}))}))
    assert [True, False, False] == [at_most(one, two), at_most(two, one), at_most(one, other)]
    assert Relation.INCOMPARABLE is compare(one, other)
    assert Relation.MORE_PERMISSIVE is compare(one, PERMIT)
    assert Relation.LESS_PERMISSIVE is compare(one, DENY)
