"""How many slips of the pen lie between two words: letters too many, too few, wrong, or two neighbours exchanged.

The Damerau-Levenshtein distance with a bound, for the few words of a file that nobody knows.
rapidfuzz takes longer to load than the words of a usual file take here, so it is loaded where there are many.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FEW = 100
"""Pairs of words that are compared before the library is loaded; it takes as long as they do."""
_compared = count(1)


def slips(one: str, other: str, most: int) -> int:
    """The number of slips between the words, or ``most + 1`` where there are more.

    >>> slips("Permisions", "Permissions", 2), slips("Lables", "Labels", 2), slips("Roles", "Users", 2)
    (1, 1, 3)
    """
    if one == other:
        return 0
    if not _may_be_near(one, other, most):
        return most + 1
    if next(_compared) > _FEW:
        return _library()(one, other, score_cutoff=most)
    return few_slips(one, other, most)


def within(word: str, others: Sequence[str], most: int) -> list[tuple[int, int]]:
    """The words of ``others`` that ``most`` slips can make of ``word``: each as its slips and its place in ``others``.

    >>> within("Lables", ["Roles", "Labels", "Label"], 2)
    [(1, 1), (2, 2)]
    """
    if next(_compared) > _FEW:
        from rapidfuzz.process import extract

        scorer = _library()
        found = extract(word, others, scorer=scorer, processor=None, score_cutoff=most, limit=None)
        return [(slipped, place) for _, slipped, place in found]
    counted = ((slips(word, other, most), place) for place, other in enumerate(others))
    return sorted((slipped, place) for slipped, place in counted if slipped <= most)


@cache
def _library() -> Callable[..., int]:
    from rapidfuzz.distance import DamerauLevenshtein

    return DamerauLevenshtein.distance


def few_slips(one: str, other: str, most: int) -> int:
    """As :func:`slips`, without the library."""
    one, other = _where_they_differ(one, other)
    last_row: dict[str, int] = {}
    rows = [list(range(len(other) + 1))]
    for number, letter in enumerate(one, 1):
        above = rows[-1]
        row = [number]
        last_column = 0
        for column, with_letter in enumerate(other, 1):
            best = min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != with_letter))
            if (earlier := last_row.get(with_letter, 0)) and last_column:
                # The two letters stand here in the other order, perhaps with some between them.
                between = (number - earlier - 1) + (column - last_column - 1)
                best = min(best, rows[earlier - 1][last_column - 1] + 1 + between)
            if letter == with_letter:
                last_column = column
            row.append(best)
        if min(row) > most:  # and so will be all rows below
            return most + 1
        rows.append(row)
        last_row[letter] = number
    return min(rows[-1][-1], most + 1)


def _may_be_near(one: str, other: str, most: int) -> bool:
    """Whether ``most`` slips can be enough: each takes one letter away at most, and adds one."""
    if abs(len(one) - len(other)) > most:
        return False
    letters, others = _letters(one), _letters(other)
    return (letters & ~others).bit_count() <= most and (others & ~letters).bit_count() <= most


@lru_cache(maxsize=4096)
def _letters(word: str) -> int:
    """The letters of a word as bits; some share one."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 63)
    return found


def _where_they_differ(one: str, other: str) -> tuple[str, str]:
    """The two words without what they begin and end with alike."""
    start, shorter = 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]
