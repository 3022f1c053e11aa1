"""Variables in texts: Compose's and the core's substitution, files of variables, and the way back to each place."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.configuration import dotenv
from policy.configuration.interpolation import InterpolationError, interpolate
from policy.configuration.mapped import Mapped, chain
from policy.configuration.substitution import by_core, by_core_in_value, by_script, shown, unknown
from policy.text import Span

VARIABLES = {"A": "va", "E": "", "LONG": "a much longer value"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("$A", "va"),
        ("$$A", "$A"),
        ("$$$A", "$va"),
        ("${A}", "va"),
        ("$U", ""),
        ("${U}", ""),
        ("${U:-d}", "d"),
        ("${U-d}", "d"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("${A:+y}", "y"),
        ("${E:+y}", ""),
        ("${E+y}", "y"),
        ("${U+y}", ""),
        ("${A:?no}", "va"),
        ("${U:-${A}}", "va"),
        ("${U:-${V:-x}}", "x"),
        ("${U:-a}b}", "ab}"),
        ("^/x$", "^/x$"),
        ("(a|b)$)", "(a|b)$)"),
        ("a$1b", "a$1b"),
        ("$-", "$-"),
        ("pa$word", "pa"),
        ("$a$A", "va"),
    ],
)
def test_compose(written: str, expected: str) -> None:
    assert expected == interpolate(written, VARIABLES.get).mapped.text


@pytest.mark.parametrize("written", ["${", "${}", "${ A}", "${A", "${1}", "${A!}", "${U:?no}", "${U?no}", "${E:?no}"])
def test_compose_stops(written: str) -> None:
    with pytest.raises(InterpolationError) as caught:
        interpolate("x" + written, VARIABLES.get)
    assert 1 == caught.value.offset


def test_compose_names_what_is_missing() -> None:
    found = interpolate("$U and ${V} and ${W:-d}", VARIABLES.get)
    assert [("U", 0, 2), ("V", 7, 11)] == [(m.name, m.start, m.end) for m in found.missing]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${A}", "va"),
        ("$A", "$A"),
        ("${U}", ""),
        ("${E:-d}", ""),
        ("${U:-d}", "d"),
        ('${U:-"d"}', "d"),
        ("${U:-'d'}", "d"),
        ("${U:-}", ""),
        ("${U-d}", ""),
        ("${A:+x}", "${A:+x}"),
        ("${ A }", ""),
        ("\\${A}", "\\va"),
        ("${A}${A}", "vava"),
        ("${a\nb}", ""),
    ],
)
def test_core(written: str, expected: str) -> None:
    found = by_core(written, VARIABLES)
    assert (expected, None) == (found.mapped.text, found.internal_error)


def test_core_stops_on_empty_braces() -> None:
    assert 2 == by_core("x ${}", VARIABLES).internal_error


@pytest.mark.parametrize(
    ("value", "variables", "expected"),
    [
        ("${A}", {"A": "x"}, "x"),
        ('${U:-"d"}', {}, '${U:-"d"}'),
        ("${A}", {"A": 'a"b'}, None),
        ("${A}", {"A": "\\n"}, "\n"),
        ("${A}", {"A": "a\nb"}, "a\nb"),
        ("é ${A} \\ \"", {"A": "x"}, "é x \\ \""),
    ],
)  # fmt: skip
def test_core_in_what_the_script_wrote(value: str, variables: dict[str, str], expected: str | None) -> None:
    assert expected == by_core_in_value(value, variables)


def test_marks_of_unknown_values() -> None:
    assert "a ${X} b" == shown(f"a {unknown('X')} b")
    assert unknown("X") == by_script("$X", {"X": None}).text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("A=b", [("A", "b")]),
        ("export A=b", [("A", "b")]),
        ("A = b ", [("A", "b")]),
        ("A: b", [("A", "b")]),
        ("A=b # c", [("A", "b")]),
        ("A=b#c", [("A", "b#c")]),
        ("A='b # c $D'", [("A", "b # c $D")]),
        ('A="b\\nc"', [("A", "b\nc")]),
        ('A="b\nc"\nD=e', [("A", "b\nc"), ("D", "e")]),
        ("A=\nB=", [("A", ""), ("B", "")]),
        ("A\nB=1", [("A", None), ("B", "1")]),
        ("A=1\nB=${A}2", [("A", "1"), ("B", "12")]),
        ('A=1\nB="${A}2"', [("A", "1"), ("B", "12")]),
        ("A=$$x", [("A", "$x")]),
        ("\ufeff# c\n\nA=b\r\nC=d\r\n", [("A", "b"), ("C", "d")]),
        ("no assignment here", []),
        ("=x", []),
        ('A="open', [("A", '"open')]),
        ("A=${", [("A", "${")]),
    ],
)
def test_files_of_variables(content: str, expected: list[tuple[str, str | None]]) -> None:
    assert expected == [(line.name, line.value) for line in dotenv.read(content.lstrip("\ufeff"), {})]


def test_raw_files_of_variables() -> None:
    assert [("A", '"b" # $C')] == [(x.name, x.value) for x in dotenv.read('A="b" # $C\r\n', {}, raw=True)]


def test_the_host_wins_in_files_of_variables() -> None:
    assert [("A", "1"), ("B", "host")] == [(x.name, x.value) for x in dotenv.read("A=1\nB=$A", {"A": "host"})]


def test_places_in_files_of_variables() -> None:
    content = "# c\nexport A = 'b c'  # d\n"
    [line] = dotenv.read(content, {})
    assert line.value_span is not None
    assert ("A", "b c") == (content[slice(*line.name_span)], content[slice(*line.value_span)])


TEXTS = st.lists(
    st.sampled_from(["$A", "${LONG}", "${E}", "$U", "x", "yz", "\n", " ", "${U:-d}", "$$", '"', "é"]), max_size=12
).map("".join)


def is_faithful(mapped: Mapped, old: str) -> bool:
    """Characters that were kept stand where the map says, and the map never goes back."""
    last = 0
    for index, sign in enumerate(mapped.text):
        place = mapped.origin(Span(index, index + 1))
        if not 0 <= place.start <= place.end <= len(old) or place.start < last:
            return False
        last = place.start
        if place.end - place.start == 1 and "$" not in old[place.start : place.end] and old[place.start] != sign:
            return False
    return True


@given(TEXTS)
@settings(max_examples=settings.default.max_examples * 3 // 5)
def test_the_way_back_from_each_substitution(written: str) -> None:
    by_compose = interpolate(written, VARIABLES.get).mapped
    assert is_faithful(by_compose, written)
    assert is_faithful(by_script(written, VARIABLES), written)
    assert is_faithful(by_core(written, VARIABLES).mapped, written)
    then = by_core(by_compose.text, VARIABLES).mapped
    both = chain(by_compose, then)
    assert (then.text, True) == (both.text, is_faithful(both, written))


@given(st.text(max_size=30))
@settings(max_examples=settings.default.max_examples * 3 // 5)
def test_any_text_is_read(written: str) -> None:
    list(dotenv.read(written, {}))
    by_script(written, {})
    by_core(written, {})
    with suppress(InterpolationError):
        interpolate(written, VARIABLES.get)
