from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import text
from policy.auth_service import FileRefused, RequestFails, Roles
from policy.errors import PolicyError, ServerRefuses, UnknownVersion
from policy.knowledge import service
from policy.knowledge.versions import Version

TWO = {
    "roles": {
        "doctor": {"permissions": ["view", "download"], "authorized-labels": ["external"]},
        "nurse": {"permissions": ["upload", "view"], "authorized_labels": ["*"]},
        "guest": {},
    },
    "available-labels": ["external"],
}


def roles(content: object, version: str | None = None) -> Roles:
    return Roles.from_bytes(json.dumps(content).encode(), auth_service=version)


def test_union_keeps_the_order_of_the_user_then_of_the_file() -> None:
    profile = roles(TWO).profile(["nurse", "unknown", "doctor", "nurse"])
    assert (("upload", "view", "download"), ("*", "external")) == (profile.permissions, profile.labels)


def test_set_of_names_has_a_stable_order() -> None:
    assert roles(TWO).profile(("doctor", "nurse")) == roles(TWO).profile({"nurse", "doctor"})


def test_one_name_may_be_a_plain_text() -> None:
    assert roles(TWO).profile(["doctor"]) == roles(TWO).profile("doctor")


def test_user_without_any_role_gets_empty_lists() -> None:
    profile = roles(TWO).profile(["Doctor", "doctor "])
    assert ((), (), "roles") == (profile.permissions, profile.labels, profile.source)


def test_roles_in_the_order_of_the_file() -> None:
    read = roles(TWO)
    assert ["doctor", "nurse", "guest"] == [role.name for role in read]
    assert ("external",) == read.available_labels
    assert "guest" in read
    assert () == read["guest"].labels


def test_equal_names_the_last_counts_and_its_place_is_known() -> None:
    written = '{"roles": {"a": {"permissions": ["view"]}, "b": {}, "a": {"permissions": ["send"]}}}'
    read = Roles.from_document(text.parse(written))
    assert ["a", "b"] == list(read.roles)
    assert ("send",) == read["a"].permissions
    assert read["a"].key_span is not None
    assert written.rindex('"a"') == read["a"].key_span.start


def test_available_labels_have_one_spelling() -> None:
    assert () == roles({"roles": {}, "available_labels": ["a"]}).available_labels


@pytest.mark.parametrize(
    ("content", "path", "words"),
    [
        ([], (), "must be an object"),
        ({}, ("roles",), "is required and missing"),
        ({"roles": []}, ("roles",), "must be an object"),
        ({"roles": {"a": []}}, ("roles", "a"), "must be an object"),
        ({"roles": {"a": {"permissions": "view"}}}, ("roles", "a", "permissions"), "must be a list"),
        ({"roles": {"a": {"authorized_labels": None}}}, ("roles", "a", "authorized_labels"), "must be a list"),
        ({"roles": {"a": {"authorized-labels": [1]}}}, ("roles", "a", "authorized-labels", 0), "must be text"),
        ({"roles": {"a": {"permissions": [["view"]]}}}, ("roles", "a", "permissions", 0), "must be text"),
        ({"roles": {"a": {"permissions": ["view", "v"]}}}, ("roles", "a", "permissions", 1), "'v' in roles.a.permissions"),
        ({"roles": {}, "available-labels": {}}, ("available-labels",), "must be a list"),
    ],
)  # fmt: skip
def test_refusals_say_where(content: object, path: tuple[object, ...], words: str) -> None:
    data = json.dumps(content, indent=1)
    with pytest.raises(FileRefused, match=words) as refused:
        Roles.from_bytes(data, auth_service="25.9.0", file="permissions.json")
    assert path == refused.value.problems[0].path
    assert str(refused.value).startswith(f"permissions.json:{refused.value.line}:{refused.value.column}: ")
    assert "25.9.0 does not start" in refused.value.message


def test_refusal_points_to_the_entry_in_either_spelling() -> None:
    written = '{"roles": {\n "a": {"authorized_labels": ["x",\n  5]}}}'
    with pytest.raises(FileRefused) as refused:
        Roles.from_bytes(written)
    assert (3, 3) == (refused.value.line, refused.value.column)


def test_refusal_lists_every_problem() -> None:
    with pytest.raises(FileRefused) as refused:
        roles({"roles": {"a": {"permissions": ["x", "y"]}, "b": None}})
    assert [("roles", "a", "permissions", 0), ("roles", "a", "permissions", 1), ("roles", "b")] == [
        problem.path for problem in refused.value.problems
    ]


def test_unreadable_text_points_to_its_fault() -> None:
    with pytest.raises(FileRefused, match="does not start: it cannot read the text here") as refused:
        Roles.from_bytes(b'{"roles": {},\n ,}')
    assert 2 == refused.value.line


def test_names_of_permissions_grow() -> None:
    held = {"roles": {"a": {"permissions": ["worklists"], "authorized_labels": ["x"]}}}
    assert ("worklists",) == roles(held, "25.12.0")["a"].permissions
    with pytest.raises(ServerRefuses) as refused:
        roles(held, "25.9.0")
    assert "The auth service knows this permission since 25.12.0." == refused.value.help
    with pytest.raises(RequestFails):
        roles(held, "24.5.1").profile(["a"])


def test_untagged_and_newer_versions_behave_like_their_neighbours() -> None:
    assert roles(TWO, "26.4.1").profile("doctor") == roles(TWO, "99.1.0").profile("doctor")
    with pytest.raises(UnknownVersion):
        roles(TWO, "22.11.0")
    with pytest.raises(UnknownVersion):
        roles(TWO, "latest tag")


def test_23_9_0_to_24_5_1_want_one_role_and_both_lists() -> None:
    one = {"permissions": ["view"], "authorized_labels": ["x"]}
    read = roles({"roles": {"a": one, "b": one}}, "24.5.1")
    assert ("view",) == read.profile(["a", "offline_access"]).permissions
    for names in (["a", "b"], []):
        with pytest.raises(RequestFails, match="HTTP 400"):
            read.profile(names)
    for wrong in ({"permissions": ["view"]}, {**one, "permissions": []}, None):
        with pytest.raises(ServerRefuses):
            roles({"roles": {"a": wrong}}, "23.9.0")


def test_24_5_1_hands_on_what_is_no_list_of_labels() -> None:
    read = roles({"roles": {"a": {"permissions": {"view": 1}, "authorized_labels": "x"}}}, "24.5.1")
    profile = read.profile(["a"])
    assert not profile.well_formed
    assert () == profile.labels
    assert {"authorized-labels": "x", "permissions": ["view"], "name": "", "validity": 60} == profile.wire("24.5.1")
    hash(profile)


def test_up_to_23_6_1_a_role_is_a_list() -> None:
    read = roles({"roles": {"a": ["view"], "b": ["send", "view"], "c": ["x"]}}, "23.6.1")
    expected = {"permissions": ["view", "send"], "name": "", "validity": 60}
    assert expected == read.profile(["a", "b"]).wire("23.6.1")
    assert () == read.profile([]).permissions
    with pytest.raises(RequestFails):
        read.profile(["c"])


def test_up_to_23_6_1_comments_stop_the_service() -> None:
    with pytest.raises(ServerRefuses):
        Roles.from_bytes(b'{"roles": {}} // none', auth_service="23.6.1")
    assert 0 == len(Roles.from_bytes(b'{"roles": {}} // none', auth_service="23.9.0"))


@pytest.mark.parametrize("tag", [tag.version for tag in service.tags() if tag.permissions], ids=str)
def test_file_of_the_image_is_taken_by_its_own_version(tag: Version) -> None:
    read = Roles.of_image(auth_service=tag)
    doctor = "doctor" if "doctor" in read else "doctor-role"
    profile = read.profile([doctor])
    assert {"view", "download", "share", "send"} <= set(profile.permissions)
    assert (("*",) if "doctor-role" in read else ()) == profile.labels


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "roles": st.dictionaries(
            st.text(max_size=4),
            st.fixed_dictionaries(
                {},
                optional={
                    "permissions": st.lists(st.sampled_from(["view", "all", "x", "View", ""])) | JSON,
                    "authorized-labels": st.lists(st.text(max_size=4)) | JSON,
                    "authorized_labels": st.lists(st.text(max_size=4)) | JSON,
                },
            )
            | JSON,
            max_size=3,
        )
        | JSON,
        "available-labels": st.lists(st.text(max_size=4)) | JSON,
    },
)


@given(NEARLY | JSON, st.sampled_from(["23.3.0", "23.9.0", "24.5.1", "24.6.0", "26.4.1"]))
def test_any_value_gives_roles_or_a_policy_error(content: object, version: str) -> None:
    with contextlib.suppress(PolicyError):
        read = roles(content, version)
        for role in read:
            read.profile([role.name]).wire(version)


def test_a_plain_file_needs_neither_pydantic_nor_the_grammar() -> None:
    program = (
        "import sys, policy.auth_service as a;"
        f"a.Roles.from_bytes({json.dumps(TWO)!r}).profile(['doctor']);"
        'a.anonymous_profile(b\'{"name": "x", "validity": 60}\'); a.image_anonymous_profile();'
        "print(*sorted({'pydantic', 'lark', 'joserfc', 'networkx', 'policy.text'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "" == done.stdout.strip()
