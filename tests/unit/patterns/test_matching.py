"""Matches as ``boost::regex_match`` has them: what people expect otherwise, above all."""

import pytest

from policy import patterns

MATCHES = [
    ("^a$\n^b$", "a\nb"),
    ("a.b", "a\nb"),
    ("(?s).", "\n"),
    ("a{,2}", "a{,2}"),
    ("^/(|/)$", "//"),
    ("(?i)/SYSTEM", "/system"),
    ("(?i)é", "é"),
    ("..", "é"),
    ("\\X\\X", "é"),
    ("a$", "a"),
    ("a\\Z\\n", "a\n"),
    ("^/(?=s)\\w+$", "/stu"),
    ("^/(?!s)\\w+$", "/tu"),
    ("^/a(?<=a)b$", "/ab"),
    ("(a|b)\\1", "bb"),
    ("(?<n>a|b)\\k<n>", "aa"),
    ("(\\((?:x|(?1))*\\))", "((x)x)"),
    ("(?|(a)|(b))\\1", "bb"),
    ("(a)?(?(1)b|c)", "ab"),
    ("(a)?(?(1)b|c)", "c"),
    ("\\R", "\r\n"),
    ("\\x61\\n", "a\n"),
    ("[[:<:]]a", "a"),
    ("\\Qa.b\\E", "a.b"),
    ("a(*ACCEPT)b", "a"),
    ("(?x) a b # c", "ab"),
]

MISSES = [
    ("a$", "a\n"),
    ("/system", "/systems"),
    ("(?-s)a.b", "a\nb"),
    ("(?-m)a$\n^b", "a\nb"),
    ("^a|b$", "ac"),
    ("(?>a+)a", "aaa"),
    ("a*+a", "aaa"),
    ("(?>a|ab)c", "abc"),
    ("a\\Kb", "ab"),
    ("(?i)É", "é"),
    ("(a)?\\1b", "b"),
    ("x(*FAIL)", "x"),
    ("a(*COMMIT)b|ac", "ac"),
    ("(?:\\Xa|b)", "xa"),
    ("\\u0061", "a"),
    ("ab($){2}", "ab"),
    ("(?:$)+", ""),
    ("(?!x)a\\B", "a"),
    ("(?=b)a", "a"),
    ("(?!a)a", "a"),
    ("x?(?<=x)a", "a"),
]


@pytest.mark.parametrize(("text", "path"), MATCHES)
def test_matches(text, path):
    assert patterns.compile(text).matches(path) is True
    assert patterns.compile(text).machine.run(path.encode()).matched is True


@pytest.mark.parametrize(("text", "path"), MISSES)
def test_does_not_match(text, path):
    assert patterns.compile(text).matches(path) is False
    assert patterns.compile(text).machine.run(path.encode()).matched is False


def test_paths_may_be_bytes():
    pattern = patterns.compile("^/\\xff$")
    assert pattern.matches(b"/\xff")
    assert pattern.matches(b"/\xff".decode("utf-8", "surrogateescape"))
    assert not pattern.matches("/ÿ")


def test_what_is_not_regular_is_named_with_its_place():
    pattern = patterns.compile("^/(a|b)\\1(?R)?(*COMMIT)$")
    assert pattern.analysable is False
    assert [(item.construct, item.span.start, item.span.end) for item in pattern.obstacles] == [
        ("a back-reference", 7, 9),
        ("a recursion", 9, 13),
        ("a backtracking verb", 14, 23),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "^/(?!x).*$",
        "(?<=ab)c",
        "a*+b",
        "(?>\\r\\n?|x)y",
        "(a)\\1",
        "(?(1)a|b)",
        "^/\\bx\\b$",
        "a\\Z",
        "(?=a(?!bc)).*",
        "^\\Ka",
    ],
)
def test_regular_all_the_same(text):
    assert patterns.compile(text).analysable is True
    assert patterns.compile(text).obstacles == ()


def test_growth():
    cases = {
        "^/([a-z]+)*$": "exponential",
        "(a|a)*": "exponential",
        "(?:a|ab|b)*": "exponential",
        "(?:(?:)*a)*": "exponential",
        "(?=(a*)*b)a": "exponential",
        "^/(.*)/(.*)$": "polynomial",
        "\\d*\\w*": "polynomial",
        "^/studies/([^/]+)/series/(.*)$": None,
        "(?:/[^/]+)*": None,
        "(a|b)*": None,
        "(?:a{0,2}b)*": None,
        "(?:a{2}b)*": None,
        "(?:a{0,2})*": "exponential",
        "a*+a*+": None,
    }
    assert {text: patterns.compile(text).ambiguity for text in cases} == cases


def test_boost_gives_up_by_length():
    pattern = patterns.compile("^/(a+)+$")
    assert [length for length in range(10, 20) if pattern.gives_up("/" + "a" * length + "!")] == list(range(15, 20))
    assert not pattern.gives_up("/" + "a" * 400)
    assert not patterns.compile("^/[^/]+$").gives_up("/" + "a" * 100_000)


def test_patterns_compare_by_their_text():
    assert patterns.compile("a") == patterns.compile("a")
    assert len({patterns.compile("a"), patterns.compile("a"), patterns.compile("b")}) == 2


@pytest.mark.parametrize("text", ["^/ab$", "^/(?!x)ab$", "^/(?=a)ab$", "^/a(?<=a)b$"])
def test_what_is_dead_stays_dead(text):
    automaton = patterns.compile(text).automaton
    state = automaton.start
    for byte in b"/a":
        assert (automaton.final[state], automaton.ends(state)) == (False, 0)
        dead = automaton.step(state, ord("!"))
        assert (dead, automaton.final[dead], automaton.arcs(dead)) == (0, False, [])
        assert {automaton.step(dead, other) for other in range(256)} == {0}
        state = automaton.step(state, byte)
    assert automaton.final[automaton.step(state, ord("b"))] is True
    assert [automaton.accepts(path) for path in (b"/ab", b"/a", b"/abb", b"!/ab")] == [True, False, False, False]
