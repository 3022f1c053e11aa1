"""Did you mean: the names nearest to one that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from policy.slips import slips, within

_SAME_BUT_FOR_SPELLING = str.maketrans("", "", " -_.")


def nearest(word: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Up to ``most`` of ``names`` that a person could have meant by ``word``, nearest first; none if none is near.

    Names equal but for case, hyphens, underscores and blanks come first, then those within a small Damerau-Levenshtein
    distance, one edit for each three characters.

    >>> nearest("authorised_labels", ["permissions", "authorized_labels", "authorized-labels"])
    ['authorized_labels', 'authorized-labels']
    >>> nearest("colour", ["permissions"])
    []
    """
    plain = _plain(word)
    ranked: list[tuple[int, int, str]] = []
    known = names if isinstance(names, frozenset) else tuple(names)
    listed, others = _plain_names(known)
    # One edit for three letters of the longer word, which has half as many letters more at most.
    for distance, place in within(plain, others, len(plain) // 2 or 1):
        name, other = listed[place], others[place]
        if distance <= (max(len(plain), len(other)) // 3 or 1) and distance < min(len(plain), len(other)):
            ranked.append((distance, slips(word, name, max(len(word), len(name))), name))
    ranked.sort()
    return [name for _, _, name in ranked[:most]]


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A sentence that names what was probably meant, or nothing.

    >>> did_you_mean("CheckedLevels", ["CheckedLevel", "Permissions"])
    'Did you mean CheckedLevel?'
    """
    return question(nearest(word, names))


def question(near: Sequence[str]) -> str:
    """The sentence that asks for names already found near (see :func:`nearest`), or nothing for none."""
    if not near:
        return ""
    if len(near) == 1:
        return f"Did you mean {near[0]}?"
    return f"Did you mean {', '.join(near[:-1])} or {near[-1]}?"


@lru_cache(maxsize=64)
def _plain_names(names: frozenset[str] | tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """The names in some order, and what is compared of each."""
    return tuple(names), [_plain(name) for name in names]


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return name.casefold().translate(_SAME_BUT_FOR_SPELLING)
