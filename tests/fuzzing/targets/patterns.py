"""A pattern is refused with its place, or all ways to match it agree, and each ends.

An input is patterns and paths, with empty lines between them; a path has ``=`` before it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from policy import patterns
from policy.patterns import FirstMatch, Pattern, language
from policy.patterns.automaton import TooManyStates
from policy.patterns.machine import GaveUp, OutOfBudget
from policy.patterns.pattern import as_bytes

from ..target import Target

_MOST = 4
"""Patterns and paths of one input."""
_BUDGET = 10_000
_SEARCH = 400
"""States of a search for a witness."""


def check(data: bytes) -> None:
    """What must hold for some patterns and some paths."""
    items = data.decode("utf-8", "surrogateescape").split("\n\n")
    paths = [item[1:] for item in items if item.startswith("=")][:_MOST]
    made = [pattern for item in items if not item.startswith("=") and (pattern := _compiled(item))][:_MOST]
    for pattern in made:
        paths += _derived(pattern)
    outcomes = {path: [_agreed(pattern, as_bytes(path)) for pattern in made] for path in paths}
    if made:
        _first(made, outcomes)
    if len(made) > 1:
        _languages(*made[:2])


def _compiled(written: str) -> Pattern | None:
    try:
        pattern = patterns.compile(written)
    except patterns.PatternRefused as refused:
        assert 0 <= refused.position <= len(written)
        assert str(refused)
        return None
    assert pattern.analysable == (pattern.obstacles == ())
    for obstacle in pattern.obstacles:
        assert 0 <= obstacle.span.start <= obstacle.span.end <= len(written)
    assert pattern.ambiguity in (None, "polynomial", "exponential")
    assert not (pattern.tame and pattern.ambiguity)
    return pattern


def _derived(pattern: Pattern) -> list[str]:
    """A path that the pattern reads, and some that are nearly one."""
    if not pattern.analysable:
        return []
    try:
        path = language.some(pattern, budget=_SEARCH)
    except patterns.Undecided:
        return []
    if path is None:
        return []
    assert pattern.matches(path), path
    return [path, path + "/", path[1:], path[:-1]]


def _agreed(pattern: Pattern, data: bytes) -> object:
    """Whether the path matches, by Boost's steps; all other ways must say the same."""
    try:
        machine = pattern.machine.run(data, _BUDGET).matched
    except GaveUp:
        assert pattern.gives_up(data)
        return _COMPLEX
    except OutOfBudget:
        return _UNKNOWN
    assert not pattern.gives_up(data)
    assert pattern.matches(data) == machine, data
    if pattern.automaton is not None:
        with suppress(TooManyStates):
            assert pattern.automaton.accepts(data) == machine, data
    if machine:
        assert data.startswith(pattern.prefix)
    return machine


_UNKNOWN, _COMPLEX = "unknown", "complex"


def _first(made: Sequence[Pattern], outcomes: Mapping[str, Sequence[object]]) -> None:
    """One walk finds what a loop finds: the first that does not simply miss."""
    walk = FirstMatch(made)
    for path in [*outcomes, *outcomes]:
        expected: object = next((index for index, outcome in enumerate(outcomes[path]) if outcome is not False), None)
        if isinstance(expected, int) and outcomes[path][expected] is not True:
            expected = outcomes[path][expected]
        if expected is _UNKNOWN:
            continue
        for given in (path, as_bytes(path)):
            try:
                found: object = walk.find(given)
            except patterns.TooComplex:
                found = _COMPLEX
            assert found == expected, (path, found, expected)


def _languages(one: Pattern, two: Pattern) -> None:
    if not (one.analysable and two.analysable):
        return
    try:
        only = language.difference(one, [two], budget=_SEARCH)
        both = language.intersection(one, two, budget=_SEARCH)
        below = language.includes([two], one, budget=_SEARCH)
    except patterns.Undecided:
        return
    assert below == (only is None)
    if only is not None:
        assert one.matches(only) and not two.matches(only), only  # noqa: PT018 - one fact
    if both is not None:
        assert one.matches(both) and two.matches(both), both  # noqa: PT018
    if only is None and both is None:
        assert language.is_empty(one)


_PIECES = (
    "(", ")", "[", "]", "[^", "{2}", "{1,3}", "{2,}", "?", "*", "+", "|", "^", "$", ".", "\\d", "\\w", "\\b", "\\1", "(?:",
    "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i)", "(?<n>", "(?x)", "(?(1)", "(?R)", "\\Q", "\\E", "\\x{2f}", "\\g{1}", "\\k<n>",
    "[[:alpha:]]", "[[=a=]]", "[[.a.]]", "\\p{L}", "\\K", "\\G", "\\A", "\\z", "\\Z", "\\R", "\\X", "(*COMMIT)", "(*THEN)",
    "(*ACCEPT)", "*?", "*+", "/studies", "/[^/]+", "(.*)", "a", "b", "/", "\u00e9", "0", "-", "\\n", "#", " ", "=/a", "\n\n",
)  # fmt: skip


def _change(chance: random.Random, data: bytes) -> bytes:
    """Pieces of the syntax in, out and twice, at places where a piece begins."""
    written = data.decode("utf-8", "surrogateescape")
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randint(0, len(written))
        to = min(len(written), at + chance.choice((1, 1, 2, 4, 12)))
        match chance.randint(0, 4):
            case 0 | 1:
                written = written[:at] + chance.choice(_PIECES) + written[at:]
            case 2:
                written = written[:at] + written[to:]
            case 3:
                written = (
                    written[:at]
                    + "("
                    + written[at:to]
                    + ")"
                    + chance.choice(("", "*", "+", "?", "{2,3}"))
                    + written[to:]
                )
            case 4:
                written = written[:to] + chance.choice(("", "|")) + written[at:to] + written[to:]
    return written.encode("utf-8", "surrogateescape")


def _seeds() -> Iterator[bytes]:
    from policy.knowledge import plugin

    seen = [rule.pattern for rule in plugin.release("0.11.4").default_rules]
    for at in range(0, len(seen), 3):
        yield "\n\n".join([*seen[at : at + 3], "=/studies/1-2/series", "=/"]).encode()
    for piece in _PIECES:
        yield f"^/a{piece}b$\n\n(x|y)*{piece}\n\n=/ab\n\n=xyx".encode()
    yield b"(a*)*b\n\n(a|a)*\n\n=aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n=" + b"a" * 400


TARGET = Target(check, _seeds, _PIECES, _change, longest=600)
