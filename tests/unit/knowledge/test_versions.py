"""Versions are ordered as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.errors import UnknownVersion
from policy.knowledge.versions import ALL, Range, Version

numbers = st.lists(st.integers(0, 40), min_size=1, max_size=4)


def test_order_of_releases() -> None:
    texts = [
        "initial",
        "0.2.0",
        "0.9.4",
        "0.10.0-rc1",
        "0.10.0",
        "0.10.0+c5f9",
        "0.10.1",
        "0.11.4",
        "1.12.9",
        "1.12.11",
    ]
    mixed = texts[::2] + texts[1::2]
    assert sorted(mixed, key=Version.parse) == texts


def test_zeros_at_the_end_do_not_count() -> None:
    assert Version.parse("25.9") == Version.parse("25.9.0")
    assert hash(Version.parse("25.9")) == hash(Version.parse("25.9.0"))
    assert len({Version.parse("1"), Version.parse("1.0"), Version.parse("v1.0.0")}) == 1


@pytest.mark.parametrize("text", ["25.9.0", "0.11.4", "initial", "2.6+c5f94c10cd61", "3.9.0-beta.50"])
def test_prints_what_was_read(text: str) -> None:
    assert str(Version.parse(text)) == text


@pytest.mark.parametrize("text", ["", "latest", "1..2", ".1", "1.", "1.2 3", "1.2\n3", "-1", "1" * 40, "1.2+", "٣.١"])
def test_what_is_no_version(text: str) -> None:
    assert Version.try_parse(text) is None
    with pytest.raises(UnknownVersion):
        Version.parse(text)


@given(numbers, numbers)
def test_order_is_that_of_the_numbers(first: list[int], second: list[int]) -> None:
    def padded(parts: list[int]) -> list[int]:
        return parts + [0] * (4 - len(parts))

    one, two = Version.parse(".".join(map(str, first))), Version.parse(".".join(map(str, second)))
    assert (one < two) == (padded(first) < padded(second))
    assert (one == two) == (padded(first) == padded(second))
    assert (one <= two) == (not two < one)


@given(st.text(max_size=40))
def test_any_text_is_a_version_or_is_refused(text: str) -> None:
    version = Version.try_parse(text)
    assert version is None or Version.parse(str(version)) == version


@pytest.mark.parametrize(
    ("text", "inside", "outside", "words"),
    [
        ("0.9.0..0.9.4", "0.9.4", "0.10.0", "0.9.0 to 0.9.4"),
        ("0.10.0..", "0.11.4", "0.9.4", "0.10.0 and later"),
        ("..0.4.1", "initial", "0.5.0", "up to 0.4.1"),
        ("0.6.2", "0.6.2", "0.6.1", "0.6.2"),
    ],
)
def test_ranges(text: str, inside: str, outside: str, words: str) -> None:
    span = Range.parse(text)
    assert Version.parse(inside) in span
    assert Version.parse(outside) not in span
    assert str(span) == words


def test_ranges_that_meet() -> None:
    early, middle, late = Range.parse("..0.4.1"), Range.parse("0.4.1..0.9.0"), Range.parse("0.9.1..")
    assert early.overlaps(middle)
    assert not middle.overlaps(late)
    assert not late.overlaps(early)
    assert all(ALL.overlaps(span) and span.overlaps(ALL) for span in (early, middle, late))
