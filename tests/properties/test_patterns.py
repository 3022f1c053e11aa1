"""Properties of patterns: parts fit together, answers agree with each other, nothing but our own errors escapes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from policy import patterns
from policy.patterns import FirstMatch, language, order

PIECES = [
    "(", ")", "[", "]", "{", "}", "?", "*", "+", "|", "\\", "^", "$", ".", "-", ":", "=", "<", ">", "!", "'", "#", ",",
    "1", "a", "b", " ", "\n", "D", "d", "g", "k", "N", "p", "P", "Q", "E", "K", "X", "x", "i", "é", "(?", "[[:", ":]]",
    "(?<n>", "(?x)", "{1,2}", "++", "(*", "\\x{", "(?(1)",
]  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
SEGMENT = st.sampled_from(["studies", "series", "[0-9]+", "[a-f0-9-]+", "[^/]+", "(a|b)", ".*", "x*", "(?!s)\\w+"])
ENDING = st.sampled_from(["", "$", "(|/)$", "/.*$", "/?$"])
RULE = st.builds(
    lambda segments, ending: "^/" + "/".join(segments) + ending, st.lists(SEGMENT, min_size=1, max_size=3), ENDING
)
PATH = st.lists(st.sampled_from(["studies", "series", "1", "12-ab", "a", "b", "xx", "s", "", "é"]), max_size=4).map(
    lambda segments: "/" + "/".join(segments)
)
few = settings(max_examples=settings.default.max_examples * 3 // 5)


@few
@given(SOUP | st.text(max_size=12))
def test_any_text_is_a_pattern_or_is_refused_with_a_place(text):
    pattern, places = None, [0]
    try:
        pattern = patterns.compile(text)
    except patterns.PatternRefused as refusal:
        places = [refusal.position]
    assert 0 <= places[0] <= len(text)
    if pattern is None:
        return
    assert pattern.analysable == (pattern.obstacles == ())
    for obstacle in pattern.obstacles:
        assert 0 <= obstacle.span.start <= obstacle.span.end <= len(text)


@few
@given(SOUP, st.text(alphabet="ab/1\n é", max_size=6))
def test_the_automaton_and_the_machine_agree(text, path):
    try:
        pattern = patterns.compile(text)
    except patterns.PatternRefused:
        return
    if pattern.automaton is not None and not pattern.gives_up(path):
        assert pattern.automaton.accepts(path.encode()) == pattern.machine.run(path.encode()).matched


@few
@given(st.lists(RULE, min_size=1, max_size=6), st.lists(PATH, min_size=1, max_size=5))
def test_the_first_match_is_the_first_that_matches(rules, paths):
    compiled = [patterns.compile(rule) for rule in rules]
    walk = FirstMatch(compiled)
    for path in paths:
        expected = next((index for index, pattern in enumerate(compiled) if pattern.matches(path)), None)
        assert walk.find(path) == expected
        assert walk.find(path.encode()) == expected


@few
@given(st.lists(RULE, min_size=1, max_size=6), st.lists(PATH, min_size=1, max_size=5))
def test_findings_of_an_order_hold(rules, paths):
    compiled = [patterns.compile(rule) for rule in rules]
    survey = order.Survey(compiled)
    found = order.analyse(compiled)
    walk = FirstMatch(compiled)
    for finding in found:
        assert (finding.witness is None) == (finding.shadowed or finding.empty)
        if finding.witness is not None:
            assert walk.find(finding.witness) == finding.index
        if finding.shadowed:
            assert language.includes([compiled[earlier] for earlier in finding.cover], compiled[finding.index])
        assert all(hidden.by < finding.index for hidden in (*finding.overlaps, *finding.deciders))
        for hidden in (*finding.overlaps, *finding.deciders):
            assert compiled[finding.index].matches(hidden.witness)
            assert compiled[hidden.by].matches(hidden.witness)
    classes = {item.members: item.witness for item in survey.classes}
    for members, witness in classes.items():
        assert survey.members(witness) == members
    for path in paths:
        members = tuple(index for index, pattern in enumerate(compiled) if pattern.matches(path))
        assert not members or members in classes
        decided = walk.find(path)
        assert decided is None or not found[decided].shadowed


@few
@given(RULE, RULE)
def test_languages_are_consistent(one, two):
    left, right = patterns.compile(one), patterns.compile(two)
    below, above = language.includes([right], left), language.includes([left], right)
    assert language.equivalent([left], [right]) == (below and above)
    assert language.includes([left, right], left)
    witness = language.difference(left, [right])
    assert (witness is None) == below
    if witness is not None:
        assert left.matches(witness)
        assert not right.matches(witness)
