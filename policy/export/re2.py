"""From Boost's patterns to RE2, with a proof: both match the same paths, or the pattern is refused by name.

Boost reads the bytes of a path, engines with RE2 read its characters, so that a translation sign by sign may differ.
Each translation is therefore turned back into a language of bytes and compared with the pattern's own over all paths
that are UTF-8; other paths cannot be told to such an engine, whose input is JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from policy.errors import PolicyError
from policy.export import runes
from policy.patterns import classes, tree
from policy.patterns import expressions as e
from policy.patterns.automaton import Automaton, TooManyStates
from policy.patterns.pattern import Pattern
from policy.patterns.positions import TooLarge, positions
from policy.patterns.regular import translate

if TYPE_CHECKING:
    from policy.engine import Rule

_BUDGET = 50_000
_HIGH = classes.span(128, 255)
_KINDS = {
    "buffer-start": "^",
    "line-start": "^",
    "continuation": "^",
    "buffer-end": "$",
    "line-end": "$",
    "word-boundary": r"\b",
    "within-word": r"\B",
}
_PLACES = {e.PLACES[name]: kind for name, kind in _KINDS.items()}


class NotExpressible(PolicyError):
    """A pattern that RE2 cannot say: ``construct`` names why, ``position`` is where, from 0, if one place is meant."""

    def __init__(self, pattern: str, construct: str, position: int | None = None) -> None:
        where = "" if position is None else f" at character {position + 1}"
        super().__init__(
            f"the pattern {pattern!r} cannot be written in RE2: {construct}{where}",
            help="Write the rule without it, or leave this server out of the export.",
        )
        self.pattern = pattern
        self.construct = construct
        self.position = position

    def of_rule(self, rule: Rule) -> NotExpressible:
        """The same with the rule and, if it is known, its place."""
        location = rule.location
        start = getattr(location, "start", None)
        self.message = f"rule {rule.index}: {self.message}"
        self.file = getattr(getattr(location, "source", None), "path", None)
        self.line, self.column = getattr(start, "line", None), getattr(start, "column", None)
        return self


class Translation(NamedTuple):
    """A pattern as text for RE2, to be searched for: it is anchored. Every path that matches begins with a start."""

    text: str
    starts: tuple[str, ...]


@lru_cache(maxsize=1024)
def re2(pattern: Pattern) -> Translation:
    r"""The pattern for RE2.

    Raises :class:`NotExpressible`.

    >>> from policy.patterns import compile
    >>> re2(compile(r"^/studies/([a-f0-9-]+)(|/.*)$")).text
    '^/studies/[\\-0-9a-f]+(?:|/[\\s\\S]*)$'
    """
    own = pattern.automaton
    if own is None:
        first = pattern.obstacles[0]
        raise NotExpressible(pattern.text, first.construct, first.span.start)
    look = next(_looks(pattern.tree.root), None)
    if look is not None:
        raise NotExpressible(pattern.text, "a look-behind" if look.behind else "a look-ahead", look.span.start)
    expression, _ = translate(pattern.tree)
    try:
        node = _converted(expression)
    except _Unknown as reason:
        raise NotExpressible(pattern.text, reason.construct) from None
    if runes.repeated(node) > runes.MOST_REPEATED:
        raise NotExpressible(pattern.text, f"more than {runes.MOST_REPEATED} repetitions")
    witness = _difference(pattern, own, node)
    if witness is not None:
        how = "a place in a line is meant" if witness.isascii() else "bytes are counted where RE2 counts characters"
        raise NotExpressible(pattern.text, f"{how}, as the path {witness!r} shows")
    return Translation(runes.text(node), runes.starts(node))


class _Unknown(Exception):
    def __init__(self, construct: str) -> None:
        super().__init__(construct)
        self.construct = construct


def _looks(node: Any) -> Iterator[tree.Look]:
    if isinstance(node, tree.Look):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _looks(part)


# -- translation --


def _converted(node: e.Expression, *, many: bool = False) -> runes.Node:
    """The node over characters; with ``many`` it stands in a loop, so that bytes of one character come one by one."""
    match node:
        case e.Byte():
            # A byte beyond ASCII that stands alone is no UTF-8.
            high = runes.NOT_ASCII if many and node.mask & _HIGH == _HIGH else ()
            return runes.Runes(runes.ascii_ranges(node.mask) + high)
        case e.Empty():
            return runes.Chain(())
        case e.Never():
            return runes.Either(())
        case e.Chain():
            return _chain(node.items)
        case e.Either():
            return _either(node.items, many=many)
        case e.Loop():
            unbounded = node.high is None and node.low <= 1
            return runes.Loop(_converted(node.item, many=unbounded), node.low, node.high)
        case e.Place():
            kind = _PLACES.get(node)
            if kind is None:
                raise _Unknown("a condition on a place that RE2 does not have")
            return runes.Place(kind)
        case e.Ahead() | e.Behind():
            if node is e.SOFT_END:
                return runes.Place("$")
            raise _Unknown("a look around")


def _chain(items: Sequence[e.Expression]) -> runes.Node:
    found: list[runes.Node] = []
    letters = bytearray()
    for item in [*_merged(items), e.EMPTY]:
        if isinstance(item, e.Byte) and item.mask & _HIGH and not item.mask & (item.mask - 1):
            letters.append(item.mask.bit_length() - 1)
            continue
        if letters:
            found += _characters(bytes(letters))
            letters.clear()
        if item is not e.EMPTY:
            found.append(_converted(item))
    return found[0] if len(found) == 1 else runes.Chain(tuple(found))


def _characters(data: bytes) -> list[runes.Node]:
    try:
        return [runes.Runes(((ord(sign), ord(sign)),)) for sign in data.decode()]
    except UnicodeDecodeError:
        raise _Unknown("bytes that are no character") from None


def _merged(items: Sequence[e.Expression]) -> list[e.Expression]:
    """Neighbours that read the same set made one loop: ``..*`` is ``.+``."""
    found: list[e.Expression] = []
    for item in items:
        before, now = _repeat(found[-1]) if found else None, _repeat(item)
        if before and now and before[0] == now[0] and before[0].mask & (before[0].mask - 1):
            high = None if before[2] is None or now[2] is None else before[2] + now[2]
            found[-1] = e.Loop(before[0], before[1] + now[1], high)
        else:
            found.append(item)
    return found


def _repeat(item: e.Expression) -> tuple[e.Byte, int, int | None] | None:
    if isinstance(item, e.Byte):
        return item, 1, 1
    if isinstance(item, e.Loop) and isinstance(item.item, e.Byte):
        return item.item, item.low, item.high
    return None


def _either(items: Sequence[e.Expression], *, many: bool) -> runes.Node:
    mask = 0
    for item in items:
        if not isinstance(item, e.Byte):
            return runes.Either(tuple(_converted(one, many=many) for one in items if one is not e.NEVER))
        mask |= item.mask
    return _converted(e.Byte(mask), many=many)


# -- proof --


@cache
def _utf8() -> Automaton:
    anything = runes.Runes(((0, 0x7F), *runes.NOT_ASCII))
    return Automaton(positions(e.Loop(runes.over_bytes(anything), 0, None)))


def _difference(pattern: Pattern, own: Automaton, node: runes.Node) -> str | None:
    """A path of UTF-8 that only one of the two matches; None if there is none.

    Raises :class:`NotExpressible` where the automata are too large to be compared.
    """
    try:
        return _search((own, Automaton(positions(runes.over_bytes(node))), _utf8()))
    except (TooManyStates, TooLarge):
        raise NotExpressible(pattern.text, "it is too large to be compared with a translation") from None


def _search(automata: tuple[Automaton, Automaton, Automaton]) -> str | None:
    one, two, valid = automata
    letters = {tuple(each.table[byte] for each in automata): byte for byte in range(255, -1, -1)}
    start = (one.start, two.start, valid.start)
    came: dict[tuple[int, int, int], tuple[tuple[int, int, int], int] | None] = {start: None}
    pending = [start]
    for state in pending:
        if valid.final[state[2]] and one.final[state[0]] != two.final[state[1]]:
            out = bytearray()
            step = came[state]
            while step is not None:
                out.append(step[1])
                step = came[step[0]]
            return bytes(reversed(out)).decode()
        if len(came) > _BUDGET:
            raise TooManyStates
        rows = one.row(state[0]), two.row(state[1]), valid.row(state[2])
        for (first, second, third), byte in letters.items():
            following = rows[0][first], rows[1][second], rows[2][third]
            if following[2] and (following[0] or following[1]) and following not in came:
                came[following] = state, byte
                pending.append(following)
    return None
