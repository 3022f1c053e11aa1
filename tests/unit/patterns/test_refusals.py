"""What Boost refuses, where, and what it takes although it looks odd."""

import pytest

from policy import patterns
from policy.errors import PolicyError

REFUSED = [
    ("^/a**$", 4),
    ("*a", 0),
    ("(*)a", 0),
    ("a|*", 2),
    ("(?:+a)", 3),
    ("^*", 1),
    ("\\b+", 2),
    ("a{2}{3}", 4),
    ("a{3,2}", 1),
    ("a++{", 3),
    ("a++(?#c)*", 8),
    ("(a", 2),
    ("a)", 1),
    ("[a", 2),
    ("[b-a]", 0),
    ("[a-b-c]", 4),
    ("[\\d-x]", 3),
    ("[[:bad:]]", 1),
    ("[[.bad.]]", 1),
    ("[[:alpha", 1),
    ("\\", 0),
    ("\\Qa\\", 0),
    ("\\xg", 0),
    ("\\x{e9}", 0),
    ("\\0777", 0),
    ("\\N", 0),
    ("\\N{no-such}", 0),
    ("\\p{bad}", 0),
    ("\\1", 0),
    ("(a\\1)", 2),
    ("\\g{-1}", 0),
    ("\\k<n>", 0),
    ("(?P<n>a)", 0),
    ("(?P=n)", 0),
    ("(?", 0),
    ("(?)", 0),
    ("(?=)", 0),
    ("(?>)", 0),
    ("(?1)", 0),
    ("(?&n)", 0),
    ("(?-1)", 0),
    ("(?(1)a|b|c)", 0),
    ("(?(DEFINE)a|b)", 0),
    ("(?(?=a)*b)", 7),
    ("(?(0)a)", 0),
    ("(*NOPE)", 0),
    ("(?<=a+)b", 0),
    ("(?<=a|bc)d", 0),
    ("(?R)", 0),
    ("é(?P<n>a)", 1),
    ("(?x) a # )\n **", 13),
]

TAKEN = [
    "",
    "|",
    "a{,2}",
    "a{2,-1}",
    "a{x}",
    "{",
    "}",
    "]",
    "(?#never closed",
    "(?-)a",
    "(?i)*a",
    "(?i)a|*",
    "\\E",
    "\\Q\\\\E",
    "[]-a]",
    "[--/]",
    "[%--b]",
    "[a-\\d]",
    "[[:<:]]a",
    "[a[]",
    "(?<>a)\\g{}",
    "(a)(?-1abc)",
    "(*F)",
    "(?<n>a)(?P>n)",
    "\\N{comma}",
    "a++\\Q\\E*",
    "(?1)(a)",
    "(?<=(?:ab|ba))c",
]


@pytest.mark.parametrize(("text", "position"), REFUSED)
def test_refused_with_a_reason_and_a_place(text, position):
    with pytest.raises(patterns.PatternRefused) as caught:
        patterns.compile(text)
    assert caught.value.position == position
    assert caught.value.reason
    assert caught.value.pattern == text
    assert isinstance(caught.value, PolicyError)
    assert caught.value.help


@pytest.mark.parametrize("text", TAKEN)
def test_taken(text):
    assert patterns.compile(text).text == text


def test_a_pattern_that_boost_never_ends_reading():
    with pytest.raises(patterns.PatternRefused, match="never ends"):
        patterns.compile("a++(?#c)b")


def test_groups_may_be_nested_399_deep():
    nested = patterns.compile("(" * 399 + "a" + ")" * 399)
    assert (nested.matches("a"), nested.matches("b"), nested.analysable) == (True, False, False)
    with pytest.raises(patterns.PatternRefused, match="deeply"):
        patterns.compile("(" * 400 + ")" * 400)
