"""Patterns in RE2: what is written, what is refused, and that an engine of the family matches as Boost does."""

from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy.export.re2 import NotExpressible, re2
from policy.knowledge import plugin
from policy.patterns import PatternRefused
from policy.patterns import compile as compile_pattern
from policy.patterns.sampling import sample

WRITTEN = {
    r"^/studies/([a-f0-9-]+)(|/.*)$": r"^/studies/[\-0-9a-f]+(?:|/[\s\S]*)$",
    r"^/a.b$": "^/a[\x00-\x7f]b$",  # between two letters one byte is one of ASCII
    r"^/..*$": r"^/[\s\S]+$",
    r"^/[^/]+$": r"^/[^/]+$",
    r"^/é$": "^/é$",
    r"^/(?i:ab)\b.*": r"^/[Aa][Bb]\b[\s\S]*$",
    r"^/(a)\1$": r"^/aa$",  # a reference to a known word
    r"^/x(?:a|[^/])*$": r"^/x[^/]*$",
    r"^/a$|^/b$": r"^(?:^/a$|^/b$)$",
    r"^/a\Z": r"^/a$",
    r"^/[é]$": r"^/$x$",  # a byte of the letter alone is no UTF-8: no path at all
    "": "^$",
}
REFUSED = {
    r"^/a(?!b).*": ("a look-ahead", 3),
    r"^/(?<=/)a": ("a look-behind", 2),
    r"^/(a|b)\1$": ("a back-reference", 7),
    r"^/(?>a|ab)c$": ("an independent group", 2),
    r"^/(a|(?1)b)$": ("a recursion", 5),
    r"^/a{2000}$": ("more than 1000 repetitions", None),
    r"^/(a{40}){40}$": ("more than 1000 repetitions", None),
    r"^/\xe9$": ("bytes that are no character", None),
    r"^/.{3}$": ("bytes are counted where RE2 counts characters", None),
    "^/a$\n": ("a place in a line is meant", None),
}


@pytest.mark.parametrize(("pattern", "text"), WRITTEN.items())
def test_writes(pattern: str, text: str) -> None:
    assert text == re2(compile_pattern(pattern)).text


@pytest.mark.parametrize(("pattern", "why"), REFUSED.items())
def test_refuses_by_name(pattern: str, why: tuple[str, int | None]) -> None:
    with pytest.raises(NotExpressible) as refused:
        re2(compile_pattern(pattern))
    assert refused.value.construct.startswith(why[0])
    assert why[1] == refused.value.position


def default_patterns() -> list[str]:
    texts = {
        rule.pattern.replace("DICOM_WEB_ROOT", "dicom-web") for one in plugin.RELEASES for rule in one.default_rules
    }
    return sorted(texts)


def test_every_default_rule_can_be_said_and_matches_what_boost_matches() -> None:
    """In an engine of RE2's family: paths that match, and the same paths spoilt at a place."""
    regorus = pytest.importorskip("regorus")
    chance = random.Random(1)
    asked, wanted = [], []
    for text in default_patterns():
        pattern = compile_pattern(text)
        written = re2(pattern)
        for path in sample(pattern, tries=6).paths:
            at = chance.randrange(len(path))
            for one in (path, path[:at] + chance.choice("/a.é\n-") + path[at + 1 :], path + "\n"):
                if one.isascii() or "\udc80" > max(one):
                    asked.append([written.text, list(written.starts), one])
                    wanted.append(pattern.matches(one))
    engine = regorus.Engine()
    engine.add_policy(
        "t.rego",
        "package t\nimport rego.v1\nmatches := [matched(one) | some one in input]\n"
        "matched(one) := regex.match(one[0], one[2])\n"
        "begun := [begins(one) | some one in input]\n"
        "begins(one) if { some start in one[1]\nstartswith(one[2], start) } else := false\n",
    )
    engine.set_input_json(json.dumps(asked))
    assert wanted == json.loads(engine.eval_rule_as_json("data.t.matches"))
    begun = json.loads(engine.eval_rule_as_json("data.t.begun"))
    assert [] == [one for one, matches, begins in zip(asked, wanted, begun, strict=True) if matches and not begins]
    assert {True, False} == set(wanted)
    assert len(asked) > 400


_PIECES = st.recursive(
    st.sampled_from(["a", "/", ".", "[^/]", "[a-c]", "é", r"\d", "^", "$", r"\b", "[^b]", r"\."]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "*?"])).map(lambda p: f"(?:{p[0]}){p[1]}"),
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda several: f"({'|'.join(several)})"),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(_PIECES, st.lists(st.text("/a.bé1\n", max_size=5), min_size=3, max_size=8))
@example("(?:.)*a", ["éa", "a"])
@example("(a$|/)", ["a\n", "a"])
def test_what_is_written_matches_as_boost_does(text: str, paths: list[str]) -> None:
    try:
        written = re2(pattern := compile_pattern(text))
    except (NotExpressible, PatternRefused):
        return
    matcher = re.compile(written.text, re.ASCII)
    for path in paths:
        if path or r"\B" not in written.text:
            assert (matcher.fullmatch(path) is not None) == pattern.matches(path), (written.text, path)
            assert not pattern.matches(path) or path.startswith(written.starts)
