from __future__ import annotations

import pytest

from policy import text
from policy.auth_service import anonymous_profile, image_anonymous_profile, read_anonymous_profile
from policy.errors import UnknownVersion

FILE = b'{"name": "Visitor", "permissions": ["view"], "authorized-labels": ["public"], "validity": 33}'


def test_no_file_is_not_the_file_of_the_image() -> None:
    assert () == anonymous_profile(None, auth_service="25.9.0").permissions
    assert ("upload",) == image_anonymous_profile(auth_service="25.9.0").permissions
    assert ("built-in", "image") == (
        anonymous_profile(None, auth_service="25.9.0").source,
        image_anonymous_profile(auth_service="25.9.0").source,
    )


def test_up_to_25_7_0_no_file_counts() -> None:
    assert anonymous_profile(None, auth_service="25.7.0") == anonymous_profile(FILE, auth_service="25.7.0")
    assert () == image_anonymous_profile(auth_service="25.7.0").permissions
    assert not read_anonymous_profile(text.parse(FILE), auth_service="25.7.0").read
    assert {"authorized-labels": [], "permissions": [], "name": "Anonymous", "validity": 60} == anonymous_profile(
        FILE, auth_service="25.7.0"
    ).wire("25.7.0")


def test_file_is_taken_from_25_8_0_on() -> None:
    profile = anonymous_profile(FILE, auth_service="25.8.0")
    assert ("Visitor", ("view",), ("public",), 33, "file") == (
        profile.name, profile.permissions, profile.labels, profile.validity, profile.source,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "validity"),
    [("60", 60), ("-5", -5), ('"60"', 60), ('" 60 "', 60), ('"+6_0"', 60), ("60.0", 60), ("6e1", 60), ("true", 1),
     ('"60.0"', 60), ("100000000000000000000", 10**20)],
)  # fmt: skip
def test_what_is_a_whole_number(written: str, validity: int) -> None:
    profile = anonymous_profile(f'{{"name": "x", "validity": {written}}}')
    assert ("file", validity) == (profile.source, profile.validity)


@pytest.mark.parametrize(
    "written", ["60.5", "null", '"1m"', '"0x3c"', '""', "[]", "[60]", "{}", "NaN", "Infinity", '"6e1"']
)
def test_what_is_no_whole_number(written: str) -> None:
    reading = read_anonymous_profile(text.parse(f'{{"name": "x",\n "validity": {written}}}'), file="a.json")
    assert "built-in" == reading.profile.source
    assert reading.refused is not None
    assert "drops the whole anonymous profile: validity must be" in reading.refused.message
    assert ("a.json", 2, 14) == (reading.refused.file, reading.refused.line, reading.refused.column)


def test_a_missing_key_points_to_the_object() -> None:
    reading = read_anonymous_profile(text.parse(b'// c\n{"validity": 60}'))
    assert reading.refused is not None
    assert ("name",) == reading.refused.problems[0].path
    assert 2 == reading.refused.line


@pytest.mark.parametrize("data", [b"", b"\xff\xfe{", b"[" * 100_000, b"{", b"null", "\ud800", b"\x00" * 9])
def test_any_text_gives_a_profile(data: bytes | str) -> None:
    assert "built-in" == anonymous_profile(data).source


def test_unknown_version() -> None:
    with pytest.raises(UnknownVersion):
        anonymous_profile(FILE, auth_service="none")
