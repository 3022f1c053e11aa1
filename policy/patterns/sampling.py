"""Paths for patterns that are not analysable: tried, not proved.

Candidates come from a language that is like the pattern; what the pattern really matches is kept.
The same seed gives the same paths.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from policy.patterns.automaton import Automaton, TooManyStates
from policy.patterns.likely import PLAIN, Preference, letter, text
from policy.patterns.pattern import Pattern, as_bytes
from policy.records import dataclass

_LONGEST = 120
#: How many states of Boost's machine one try may cost.
_EACH = 20_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Paths that a pattern was seen to match: ``tried`` of them with this seed."""

    paths: tuple[str, ...]
    tried: int
    seed: int


def sample(
    pattern: Pattern,
    *,
    seed: int = 0,
    tries: int = 200,
    paths: Sequence[str] = (),
    preference: Preference = PLAIN,
) -> Sample:
    """Some of the paths that a pattern matches.

    ``paths`` are tried first; then paths are made at random, ``tries`` in all.
    """
    source = random.Random(seed)  # noqa: S311 - nothing secret
    found: dict[str, None] = {}
    tried = 0
    automaton = pattern.likeness
    for path in paths:
        tried += 1
        if pattern.matches(path, budget=_EACH):
            found[path] = None
    while tried < tries and automaton is not None:
        tried += 1
        try:
            path = _walk(automaton, source, preference)
        except TooManyStates:
            break
        if path not in found and pattern.matches(path, budget=_EACH):
            found[path] = None
    return Sample(tuple(found), tried, seed)


def _walk(automaton: Automaton, source: random.Random, preference: Preference) -> str:
    state = automaton.start
    out = bytearray()
    words = [as_bytes(word) for word in preference.words]
    while len(out) < _LONGEST:
        if automaton.final[state] and source.random() < 0.4:
            break
        arcs = automaton.arcs(state)
        if not arcs:
            break
        word = source.choice(words) if words else b""
        if out[-1:] == b"/" and word and source.random() < 0.3:
            reached = state
            for byte in word:
                reached = automaton.step(reached, byte)
            if reached:
                out += word
                state = reached
                continue
        mask, following = source.choice(arcs)
        liked = [byte for byte in preference.letters[:40] if mask >> byte & 1]
        out.append(source.choice(liked) if liked else letter(mask, preference))
        state = following
    return text(bytes(out))
