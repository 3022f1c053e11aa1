"""Inclusion, intersection, difference; order; first match; attacks."""

import pytest

from policy import patterns
from policy.patterns import FirstMatch, language, order
from policy.patterns.attack import attack
from policy.patterns.likely import Preference
from policy.patterns.sampling import sample


def compiled(*texts):
    return [patterns.compile(text) for text in texts]


def test_shortest_witnesses():
    everything, studies = compiled("^/.*$", "^/studies/[^/]+$")
    assert language.includes([everything], studies)
    assert not language.includes([studies], everything)
    assert language.difference(everything, [studies]) == "/"
    assert language.difference(studies, [everything]) is None
    assert language.intersection(everything, studies) == "/studies/a"
    assert language.is_empty(patterns.compile("a\\bb"))
    assert language.equivalent(compiled("a|b"), compiled("b", "a"))
    assert not language.equivalent(compiled("a|b"), compiled("a"))


def test_the_union_of_several_covers():
    wide = patterns.compile("^/(a|b)(|/.*)$")
    assert language.includes(compiled("^/a$", "^/b$", "^/[ab]/.*$"), wide)
    assert language.difference(wide, compiled("^/a$", "^/[ab]/.*$")) == "/b"


def test_anchors_and_boundaries_are_part_of_the_language():
    assert language.equivalent(compiled("^/a$"), compiled("/a"))
    assert language.some(patterns.compile("a$\\n^b")) == "a\nb"
    assert language.some(patterns.compile("^/\\bstudies\\b.$")) == "/studies/"
    assert language.difference(patterns.compile("^/(?!x).*$"), compiled("^/[^x].*$")) == "/"


def test_likely_witnesses():
    pattern = patterns.compile("^/studies/[^/]+/(.*)/x$")
    assert language.some(pattern) == "/studies/a//x"
    identifier = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
    assert language.some(pattern, preference=Preference()) == f"/studies/{identifier}/{identifier}/x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^/(,a|bcd)$", "/bcd"),
        ("^/(\\x01|abcdef)$", "/abcdef"),
        ("^/(\\x01|\\x02)$", "/\x01"),
        ("^/(A|bc)$", "/bc"),
        ("^/(a//b|abcdefgh)$", "/abcdefgh"),
        ("^/(a/|abc)$", "/abc"),
        ("^/(a/|abcdef)$", "/a/"),
        ("^/.*$", "/"),
        ("^/x/.*$", "/x/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"),
    ],
)
def test_a_likely_witness_looks_like_a_request(text, expected):
    assert order.Survey(compiled(text)).likely([(0,)], Preference()) == {(0,): expected}


def test_questions_about_what_is_not_regular_are_refused():
    with pytest.raises(patterns.NotAnalysable, match="back-reference"):
        language.is_empty(patterns.compile("(a|b)\\1"))


def test_a_budget_ends_in_undecided():
    hard = patterns.compile("(a|b)*a(a|b){14}")
    with pytest.raises(patterns.Undecided, match="500 states") as caught:
        language.difference(patterns.compile("(a|b){40}c"), [hard], budget=500)
    assert caught.value.budget == 500


RULES = [
    "^/studies/([^/]+)$",
    "^/studies/1$",
    "^/studies/(.*)$",
    "^/studies/[a-z]+/series$",
    "a\\bb",
    "^/(patients|series)$",
    "^/patients$",
    "^/(patients|studies/a)$",
    "^/x(a|b)\\1$",
    "^/xaa$",
]


def test_order():
    rules = compiled(*RULES)
    found = order.analyse(rules)
    assert [finding.index for finding in found if finding.empty] == [4]
    assert [(finding.index, finding.cover) for finding in found if finding.shadowed] == [
        (1, (0,)),
        (3, (2,)),
        (6, (5,)),
        (7, (0, 5)),
    ]
    assert [(hidden.by, hidden.witness) for hidden in found[7].deciders] == [(0, "/studies/a"), (5, "/patients")]
    assert [finding.index for finding in found if finding.sampled] == [8]
    walk = FirstMatch(rules)
    for finding in found:
        if finding.witness is not None:
            assert walk.find(finding.witness) == finding.index
        for hidden in (*finding.deciders, *finding.overlaps):
            assert rules[finding.index].matches(hidden.witness)
            assert rules[hidden.by].matches(hidden.witness)


def test_a_rule_that_is_only_tried_is_tried_with_the_paths_of_the_others():
    far = "/" + "ab" * 12
    found = order.analyse(compiled(f"^{far}$", "^/(a|b)(b|a)(?:\\1\\2){11}$", "^/c(a|b)\\1$"))
    assert [finding.sampled for finding in found] == [False, True, True]
    assert [(hidden.by, hidden.witness) for hidden in found[1].overlaps] == [(0, far)]
    assert found[1].deciders == found[1].overlaps
    assert (found[1].empty, found[1].cover) == (False, ())
    assert found[2].overlaps == ()


def test_a_witness_is_not_one_that_a_sampled_rule_takes():
    found = order.analyse(compiled("^/(a|b)\\1$", "^/aa$", "^/[a-c]{2}$"))
    assert (found[1].witness, found[1].shadowed) == (None, False)
    assert found[2].witness is not None


def test_classes_are_the_coarsest_partition():
    survey = order.Survey(compiled("^/[ab]$", "^/[bc]$", "^/.$"))
    assert {item.members: item.witness for item in survey.classes} == {
        (0, 2): "/a",
        (0, 1, 2): "/b",
        (1, 2): "/c",
        (2,): "/1",
    }
    assert survey.uncovered() == "/"
    assert order.Survey(compiled("^/(.*)$")).uncovered() is None
    assert survey.members("/b") == (0, 1, 2)


def test_examples_are_preferred_as_witnesses():
    survey = order.Survey(compiled("^/studies/(.*)$", "^/(.*)$"))
    likely = survey.likely([(0, 1), (1,)], Preference(examples=("/studies/1.2.3/archive",)))
    assert likely == {(0, 1): "/studies/1.2.3/archive", (1,): "/"}


def test_one_bad_pattern_does_not_spoil_a_survey():
    found = order.analyse(compiled("^/(.*)a(.{12})$", "^/b$", "^/b$"), budget=2000)
    assert [finding.sampled for finding in found] == [True, False, False]
    assert found[2].shadowed


def test_first_match():
    walk = FirstMatch(compiled(*RULES))
    paths = ["/studies/1", "/studies/a/series", "/patients", "/xaa", "/xbb", "/xab", "", "é", "studies/1", "/studies/"]
    assert [walk.find(path) for path in paths] == [0, 2, 5, 8, 8, None, None, None, None, 2]
    assert [walk.find(path.encode()) for path in paths] == [walk.find(path) for path in paths]


def test_the_first_rule_that_matches_or_gives_up_decides():
    walk = FirstMatch(compiled("^/b$", "^/(a+)+$", "^/a.*$", "^/(c+)+$", "^/c.*$"))
    assert walk.find("/" + "a" * 60) == 1
    assert walk.find("/aaab") == 2
    with pytest.raises(patterns.TooComplex) as caught:
        walk.find("/" + "a" * 60 + "b")
    assert caught.value.index == 1
    assert FirstMatch(compiled("^/a.*$", "^/(a+)+$")).find("/" + "a" * 60 + "b") == 0


def test_states_are_bounded(monkeypatch):
    monkeypatch.setattr("policy.patterns.first_match.MOST", 50)
    walk = FirstMatch(compiled("^/[a-m]*x(.*)$", "^/(.*)y$", "^/[n-z]+/[0-9]+$"))
    expected = FirstMatch(compiled("^/[a-m]*x(.*)$", "^/(.*)y$", "^/[n-z]+/[0-9]+$"))
    for number in range(300):
        path = f"/{'abcnop'[number % 6]}{number}/w{number % 7}y" if number % 2 else f"/nop/{number}"
        assert walk.find(path) == expected.find(path)
        assert walk.size <= 50 + len(path)


def test_attacks_are_true_and_shortest_of_their_shape():
    pattern = patterns.compile("^/([a-z]+)*$")
    path = attack(pattern)
    assert path == "/" + "a" * 15 + "!"
    assert pattern.gives_up(path)
    assert not pattern.gives_up("/" + "a" * 14 + "!")
    assert attack(patterns.compile("^/(.*)*$")) is None
    assert attack(patterns.compile("^/[^/]+$")) is None


def test_samples_are_matched_and_repeatable():
    pattern = patterns.compile("^/(a|b)\\1(x|y)$")
    found = sample(pattern, seed=3)
    assert found == sample(pattern, seed=3)
    assert found.paths
    assert all(pattern.matches(path) for path in found.paths)


def test_a_pattern_with_too_many_states_is_tried_beside_the_walk():
    texts = ["^/(?=.*a.{12})(?=.*b.{12}).*$", "^/b$", "^/(.*)$"]
    walk = FirstMatch(compiled(*texts))
    paths = ["/b", "/ab" + "ab" * 60, "/" + "ba" * 200, "/b" * 300, "/x" * 9]
    patterns_ = compiled(*texts)
    for path in paths:
        assert walk.find(path) == next(index for index, pattern in enumerate(patterns_) if pattern.matches(path))
    found = order.analyse(compiled(*texts))
    assert [finding.sampled for finding in found] == [True, False, False]


def test_what_can_never_be_given_up_is_known_at_once():
    tame = ["^/studies/([^/]+)/(modify|merge)(.*)$", "^/(store|store-straight)(.*)$", "(?:/[^/]+)*"]
    wild = ["^/(a+)+$", "(a?){40}a{40}", "^/(.*)/(.*)/(.*)$", "(a|b)(?R)?"]
    assert [patterns.compile(text).tame for text in tame + wild] == [True] * len(tame) + [False] * len(wild)
