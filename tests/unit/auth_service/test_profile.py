from __future__ import annotations

from policy.auth_service import Profile
from policy.auth_service.profile import union


def test_lists_become_tuples_and_sets_are_sorted() -> None:
    profile = Profile("a", permissions={"view", "all"}, labels=["b", "a"], groups=["g"])  # type: ignore[arg-type]
    assert (("all", "view"), ("b", "a"), ("g",)) == (profile.permissions, profile.labels, profile.groups)
    assert {profile: 1}[Profile("a", ("all", "view"), ("b", "a"), groups=("g",))] == 1


def test_wire_grows_with_the_versions() -> None:
    profile = Profile("a", ("view",), ("x",), "id", None, 60)
    assert {"permissions", "name", "validity"} == set(profile.wire("23.3.0"))
    assert {"permissions", "name", "validity", "authorized-labels"} == set(profile.wire("25.7.0"))
    assert {
        "authorized-labels": ["x"],
        "permissions": ["view"],
        "name": "a",
        "user-id": "id",
        "validity": 60,
        "groups": None,
    } == profile.wire()


def test_union_keeps_the_first() -> None:
    assert ("b", "a", "c") == union(["b", "a"], ["a", "c", "b"])
