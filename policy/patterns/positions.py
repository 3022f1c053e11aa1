"""Position automata: an expression's bytes as states, without empty steps.

Conditions on places are settled here for good: a position whose further way depends on the byte that was read there is
split by that byte, so that what remains are sets of bytes and plain steps.
Looks that are longer than a byte stay on the steps as marks.
"""

from __future__ import annotations

from functools import lru_cache

from policy.patterns import classes
from policy.patterns.expressions import (
    ANYTHING,
    EDGE,
    Ahead,
    Behind,
    Byte,
    Chain,
    Either,
    Empty,
    Expression,
    Loop,
    Never,
    Place,
)
from policy.tuples import NamedTuple

#: Ways are counted up to this number.
_MANY = 1000
#: The most positions that an expression may have.
MOST = 2500


class TooLarge(Exception):
    """An expression with too many positions."""


class Condition(NamedTuple):
    """What must hold on the way from one position to the next: pairs of sets, and looks by number."""

    pairs: tuple[tuple[int, int], ...] | None
    looks: frozenset[int]


_FREE = Condition(None, frozenset())


def _both(one: Condition, two: Condition) -> Condition | None:
    """Both conditions; None if they exclude each other."""
    if one is _FREE:
        return two
    if two is _FREE:
        return one
    looks = one.looks | two.looks
    if one.pairs is None:
        return Condition(two.pairs, looks)
    if two.pairs is None:
        return Condition(one.pairs, looks)
    found: dict[tuple[int, int], None] = {}
    for before, after in one.pairs:
        for also_before, also_after in two.pairs:
            pair = before & also_before, after & also_after
            if pair[0] and pair[1]:
                found[pair] = None
    return Condition(tuple(found), looks) if found else None


class Step(NamedTuple):
    """A step to a position, and in how many ways it can be taken."""

    target: int
    looks: frozenset[int]
    ways: int


class Positions(NamedTuple):
    """An automaton without empty steps.

    ``symbols`` holds each position's set of bytes, ``steps`` the steps out of it, and ``ends`` the sets of what may
    follow where a match ends at it, with the looks that must hold there.
    The first positions are starts: they read nothing, and ``starts`` says for which byte before they stand.
    """

    symbols: list[int]
    steps: list[list[Step]]
    ends: list[list[tuple[int, frozenset[int]]]]
    starts: list[tuple[int, int]]
    looks: tuple[Ahead | Behind, ...]


_Edges = list[tuple[int, Condition, int]]
_Empty = dict[Condition, int]


class _Piece:
    """What an expression can start with, end with, and whether it can be empty; each with its number of ways."""

    __slots__ = ("empty", "first", "last")

    def __init__(self, empty: _Empty, first: _Edges, last: _Edges) -> None:
        self.empty = empty
        self.first = first
        self.last = last


class _Maker:
    def __init__(self) -> None:
        self.symbols: list[int] = [0]
        self.follow: dict[tuple[int, int], _Empty] = {}
        #: By kind as well, since an ahead and a behind may compare equal.
        self.looks: dict[tuple[bool, Ahead | Behind], int] = {}
        self.links = 0

    def join(self, last: _Edges, first: _Edges) -> None:
        follow = self.follow
        self.links += len(last) * len(first)
        if self.links > 40 * MOST:
            raise TooLarge
        for source, before, some in last:
            for target, after, more in first:
                both = _both(before, after)
                if both is not None:
                    ways = follow.setdefault((source, target), {})
                    ways[both] = min(_MANY, ways.get(both, 0) + some * more)

    def make(self, node: Expression) -> _Piece:
        match node:
            case Byte():
                if not node.mask:
                    return _Piece({}, [], [])
                if len(self.symbols) > MOST:
                    raise TooLarge
                self.symbols.append(node.mask)
                edge = [(len(self.symbols) - 1, _FREE, 1)]
                return _Piece({}, edge, edge)
            case Empty():
                return _Piece({_FREE: 1}, [], [])
            case Never():
                return _Piece({}, [], [])
            case Place():
                return _Piece({Condition(node.pairs, frozenset()): 1}, [], [])
            case Ahead() | Behind():
                number = self.looks.setdefault((isinstance(node, Ahead), node), len(self.looks))
                return _Piece({Condition(None, frozenset((number,))): 1}, [], [])
            case Chain():
                piece = self.make(node.items[0])
                for item in node.items[1:]:
                    piece = self.chain(piece, self.make(item))
                return piece
            case Either():
                return self.either([self.make(item) for item in node.items])
            case Loop():
                return self.loop(node)

    def chain(self, one: _Piece, two: _Piece) -> _Piece:
        self.join(one.last, two.first)
        first = one.first + _through(one.empty, two.first) if one.empty else one.first
        last = two.last + _through(two.empty, one.last) if two.empty else two.last
        empty: _Empty = {}
        for a, some in one.empty.items():
            for b, more in two.empty.items():
                both = _both(a, b)
                if both is not None:
                    empty[both] = min(_MANY, empty.get(both, 0) + some * more)
        return _Piece(_absorbed(empty), first, last)

    def either(self, pieces: list[_Piece]) -> _Piece:
        return _Piece(
            _sum([piece.empty for piece in pieces]),
            [edge for piece in pieces for edge in piece.first],
            [edge for piece in pieces for edge in piece.last],
        )

    def loop(self, node: Loop) -> _Piece:
        """Boost ends a loop once an iteration took nothing: so an empty iteration can only be the last one."""
        if node.high == 0:
            return _Piece({_FREE: 1}, [], [])
        if node.high is None:
            inner = self.make(node.item)
            self.join(inner.last, inner.first)
            leave = _sum([{_FREE: 1}, inner.empty])
            rest = _Piece(inner.empty if node.low else leave, inner.first, _through(leave, inner.last))
            compulsory = node.low - 1
        else:
            rest = _Piece({_FREE: 1}, [], [])
            compulsory = node.low
            for _ in range(node.high - node.low):
                # From the inside out: each further one only where the one before it was taken.
                inner = self.make(node.item)
                rest = self.further(inner, rest, _sum([{_FREE: 1}, inner.empty]))
        for _ in range(compulsory):
            inner = self.make(node.item)
            rest = self.further(inner, rest, inner.empty)
        return rest

    def further(self, inner: _Piece, rest: _Piece, empty: _Empty) -> _Piece:
        taken = self.chain(_Piece({}, inner.first, inner.last), rest)
        return _Piece(empty, taken.first, taken.last)


def _sum(parts: list[_Empty]) -> _Empty:
    total: _Empty = {}
    for part in parts:
        for condition, ways in part.items():
            total[condition] = min(_MANY, total.get(condition, 0) + ways)
    return _absorbed(total)


def _absorbed(empty: _Empty) -> _Empty:
    # Where it can be empty without a condition, the conditions add only ways.
    return {_FREE: min(_MANY, sum(empty.values()))} if len(empty) > 1 and _FREE in empty else empty


def _through(empty: _Empty, edges: _Edges) -> _Edges:
    if len(empty) == 1 and empty.get(_FREE) == 1:
        return edges
    return [
        (place, both, min(_MANY, some * more))
        for place, inner, some in edges
        for way, more in empty.items()
        if (both := _both(way, inner)) is not None
    ]


def positions(node: Expression, *, anywhere: bool = False) -> Positions:
    """The position automaton of an expression.

    With ``anywhere`` the expression may start and end inside a path: then there is a start for each kind of byte that
    may stand before it, and ends say what may follow; else it spans the whole path.
    Raises :class:`TooLarge` if there are too many positions.
    """
    maker = _Maker()
    piece = maker.make(node)
    maker.join([(0, _FREE, 1)], piece.first)
    ends: dict[int, _Empty] = {}
    for place, condition, count in [*piece.last, *((0, condition, ways) for condition, ways in piece.empty.items())]:
        ends.setdefault(place, {})[condition] = count
    around = ANYTHING if anywhere else EDGE
    before = [around, *maker.symbols[1:]]
    blocks = _split(before, maker, ends, around)
    return _settle(blocks, maker, ends, around)


def _split(before: list[int], maker: _Maker, ends: dict[int, _Empty], around: int) -> list[list[int]]:
    """Each position's bytes, cut wherever a condition asks."""
    cuts: list[set[int]] = [set() for _ in before]
    for (source, target), ways in maker.follow.items():
        for condition in ways:
            for left, right in condition.pairs or ():
                if _cuts(before[source], left, maker.symbols[target], right):
                    cuts[source].add(left)
                    cuts[target].add(right)
    for source, outcomes in ends.items():
        for condition in outcomes:
            for left, right in condition.pairs or ():
                if _cuts(before[source], left, around, right):
                    cuts[source].add(left)
    out = []
    for mask, wanted in zip(before, cuts, strict=True):
        blocks = [mask]
        for cut in wanted:
            blocks = [part for block in blocks for part in (block & cut, block & ~cut) if part]
        out.append(blocks)
    return out


def _cuts(source: int, left: int, target: int, right: int) -> bool:
    """Whether a pair of sets holds for some, but not for all, of what a step joins."""
    if not source & left or not target & right:
        return False
    return bool(source & ~left or target & ~right)


def _settle(blocks: list[list[int]], maker: _Maker, ends: dict[int, _Empty], around: int) -> Positions:
    numbers: list[list[int]] = []
    symbols: list[int] = []
    for parts in blocks:
        numbers.append(list(range(len(symbols), len(symbols) + len(parts))))
        symbols.extend(parts)
    if len(symbols) > 2 * MOST:
        raise TooLarge
    steps: list[dict[tuple[int, frozenset[int]], int]] = [{} for _ in symbols]
    for (source, target), ways in maker.follow.items():
        for condition, count in ways.items():
            for i in numbers[source]:
                for j in numbers[target]:
                    if _holds(condition, symbols[i], symbols[j]):
                        key = j, condition.looks
                        steps[i][key] = min(_MANY, steps[i].get(key, 0) + count)
    found_ends: list[dict[frozenset[int], int]] = [{} for _ in symbols]
    for source, outcomes in ends.items():
        for condition in outcomes:
            for i in numbers[source]:
                after = 0
                for left, right in condition.pairs or ((ANYTHING, ANYTHING),):
                    if not symbols[i] & ~left:
                        after |= right & around
                if after:
                    found_ends[i][condition.looks] = found_ends[i].get(condition.looks, 0) | after
    starts = [(mask, number) for mask, number in zip(blocks[0], numbers[0], strict=True)]
    for number in numbers[0]:
        symbols[number] = 0
    return Positions(
        [mask & classes.ALL for mask in symbols],
        [_steps(tuple(row.items())) for row in steps],
        [_ends(tuple(row.items())) for row in found_ends],
        starts,
        tuple(look for _, look in maker.looks),
    )


# Patterns of one list are much alike: rows that many of them have are shared, since ten thousand rules hold a million.


@lru_cache(maxsize=4096)
def _steps(row: tuple[tuple[tuple[int, frozenset[int]], int], ...]) -> list[Step]:
    return [Step(target, looks, count) for (target, looks), count in row]


@lru_cache(maxsize=1024)
def _ends(row: tuple[tuple[frozenset[int], int], ...]) -> list[tuple[int, frozenset[int]]]:
    return [(after, looks) for looks, after in row]


def _holds(condition: Condition, source: int, target: int) -> bool:
    if condition.pairs is None:
        return True
    return any(not source & ~left and not target & ~right for left, right in condition.pairs)
