"""The short way around pydantic answers what pydantic answers, or leaves the question to it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policy.auth_service import shapes
from policy.auth_service.behaviour import Behaviour

BEHAVIOUR = Behaviour.of("25.9.0")
LISTS = st.lists(st.sampled_from(["view", "all", "x", "é", "\ud800", "\t", ""]), max_size=3)
ODD = st.sampled_from([None, 1, 1.5, True, "60", " 60 ", "6_0", "x", 60.0, 1e30, [], {}, [None], [1], [["view"]]])
ROLE = st.dictionaries(st.sampled_from(["permissions", "authorized-labels", "authorized_labels", "x"]), LISTS | ODD)
ROLES = st.fixed_dictionaries(
    {"roles": st.dictionaries(st.sampled_from(["a", "é", "\ud800", ""]), ROLE | ODD, max_size=3) | ODD},
    optional={"available-labels": LISTS | ODD, "available_labels": ODD},
)
PROFILES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["a", "", "\ud800", 5, None]),
        "validity": st.integers() | ODD,
        "permissions": LISTS | ODD,
        "authorized-labels": LISTS | ODD,
        "authorized_labels": LISTS | ODD,
        "user-id": st.sampled_from(["a", "\ud800", 5, None]),
        "user_id": st.sampled_from(["b", 5, None]),
        "groups": LISTS | ODD,
    },
)


@given(ROLES | ODD)
def test_roles(value: Any) -> None:
    plain = shapes._plain_roles(value, BEHAVIOUR.permissions)
    if plain is not None:
        assert shapes._modelled_roles(value, BEHAVIOUR.permissions) == plain


@given(PROFILES | ODD)
def test_profiles(value: Any) -> None:
    plain = shapes._plain_profile(value, BEHAVIOUR.permissions)
    if plain is not None:
        assert shapes._modelled_profile(value, BEHAVIOUR.permissions) == plain


def test_the_short_way_is_taken() -> None:
    assert shapes._plain_roles({"roles": {"a": {"permissions": ["view"]}}}, BEHAVIOUR.permissions) is not None
    assert shapes._plain_profile({"name": "a", "validity": 1}, BEHAVIOUR.permissions) is not None
