"""z3 as a second opinion on realistic patterns: inclusion, disjointness, witnesses."""

import pytest

z3 = pytest.importorskip("z3", reason="z3 is not installed")

from policy import patterns  # noqa: E402
from policy.patterns import language  # noqa: E402


def text(value):
    return z3.Re(z3.StringVal(value))


HEXADECIMAL = z3.Plus(z3.Union(z3.Range("a", "f"), z3.Range("0", "9"), text("-")))
ANY = z3.Star(z3.Range("\x20", "\x7e"))
WORD = z3.Plus(z3.Intersect(z3.Range("\x20", "\x7e"), z3.Complement(text("/"))))

PATTERNS = {
    "^/studies/([a-f0-9-]+)$": z3.Concat(text("/studies/"), HEXADECIMAL),
    "^/studies/([a-f0-9-]+)(|/[ -~]*)$": z3.Concat(
        text("/studies/"), HEXADECIMAL, z3.Union(text(""), z3.Concat(text("/"), ANY))
    ),
    "^/(studies|series)/[ -.0-~]+$": z3.Concat(text("/"), z3.Union(text("studies"), text("series")), text("/"), WORD),
    "^/[ -~]*/archive$": z3.Concat(text("/"), ANY, text("/archive")),
    "^/series/[ -~]*$": z3.Concat(text("/series/"), ANY),
}
PAIRS = [(one, two) for one in PATTERNS for two in PATTERNS if one != two]


def witness(expression):
    """A string of the language, or None."""
    path = z3.String("path")
    solver = z3.Solver()
    solver.set("timeout", 10_000)
    solver.add(z3.InRe(path, expression))
    answer = solver.check()
    if answer == z3.unknown:
        pytest.skip("z3 cannot tell in time")
    return None if answer == z3.unsat else solver.model()[path].as_string()


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_z3_agrees(one, two):
    left, right = patterns.compile(one), patterns.compile(two)
    theirs = witness(z3.Intersect(PATTERNS[one], z3.Complement(PATTERNS[two])))
    ours = language.difference(left, [right])
    assert (ours is None) == (theirs is None)
    if theirs is not None:
        assert left.matches(theirs)
        assert not right.matches(theirs)
    both = witness(z3.Intersect(PATTERNS[one], PATTERNS[two]))
    assert (language.intersection(left, right) is None) == (both is None)
