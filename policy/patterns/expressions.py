"""Regular expressions over bytes, with conditions on places and looks: what patterns are translated to."""

from __future__ import annotations

from typing import TypeAlias

from policy.patterns import classes
from policy.tuples import NamedTuple

#: A path's start (in what stands before a place) and its end (in what follows it), as one more "byte".
EDGE = 1 << 256
ANYTHING = EDGE | classes.ALL


class Byte(NamedTuple):
    """One byte out of a set."""

    mask: int


class Empty(NamedTuple):
    """The empty text."""


class Never(NamedTuple):
    """No text at all."""


class Chain(NamedTuple):
    """One after the other."""

    items: tuple[Expression, ...]


class Either(NamedTuple):
    """One of several."""

    items: tuple[Expression, ...]


class Loop(NamedTuple):
    """Again and again; ``high`` is None for no limit."""

    item: Expression
    low: int
    high: int | None


class Place(NamedTuple):
    """A condition on the byte before and the byte after: one of these pairs of sets must hold both."""

    pairs: tuple[tuple[int, int], ...]


class Ahead(NamedTuple):
    """What must, or must not, follow."""

    item: Expression
    negative: bool


class Behind(NamedTuple):
    """What must, or must not, stand before; the item has a fixed length."""

    item: Expression
    negative: bool


Expression: TypeAlias = Byte | Empty | Never | Chain | Either | Loop | Place | Ahead | Behind

EMPTY = Empty()
NEVER = Never()

_SEPARATOR = classes.SEPARATOR
_CR, _LF = classes.of(b"\r"), classes.of(b"\n")
_WORD = classes.WORD
_NO_WORD = classes.ALL & ~_WORD

#: The assertions on a place, as pairs of (what stands before, what follows).
PLACES: dict[str, Place] = {
    "line-start": Place(((EDGE, ANYTHING), (_SEPARATOR & ~_CR, ANYTHING), (_CR, ANYTHING & ~_LF))),
    "line-end": Place(((ANYTHING, EDGE), (ANYTHING, _SEPARATOR & ~_LF), (ANYTHING & ~_CR, _LF))),
    "word-boundary": Place(((_WORD, _NO_WORD | EDGE), (_NO_WORD | EDGE, _WORD))),
    "within-word": Place(((_WORD, _WORD), (_NO_WORD, _NO_WORD))),
    "word-start": Place(((_NO_WORD | EDGE, _WORD),)),
    "word-end": Place(((_WORD, _NO_WORD | EDGE),)),
    "buffer-start": Place(((EDGE, ANYTHING),)),
    "buffer-end": Place(((ANYTHING, EDGE),)),
    "continuation": Place(((EDGE, ANYTHING),)),
}
#: What stands for the end of the path, or for line ends before it.
SOFT_END = Ahead(Chain((Loop(Byte(_SEPARATOR), 0, None), PLACES["buffer-end"])), negative=False)


def chain(items: list[Expression]) -> Expression:
    """The items one after the other, without needless wrapping."""
    flat: list[Expression] = []
    for item in items:
        if isinstance(item, Chain):
            flat.extend(item.items)
        elif item is not EMPTY:
            flat.append(item)
    if not flat:
        return EMPTY
    return flat[0] if len(flat) == 1 else Chain(tuple(flat))


def word(data: bytes, *, icase: bool) -> Expression:
    """Bytes in a row; where case does not count they are small letters, as Boost stores them."""
    items: list[Expression] = []
    for byte in data:
        mask = 1 << byte
        if icase:
            if classes.folded(byte) != byte:
                return NEVER
            mask |= classes.caseless(mask)
        items.append(Byte(mask))
    return chain(items)


def again(data: bytes, *, icase: bool) -> Expression:
    """A captured word once more; where case does not count, in any case."""
    return word(bytes(classes.folded(byte) for byte in data) if icase else data, icase=icase)


def following(item: Expression, *, negative: bool) -> Expression:
    """What must follow; one byte is a condition on a place."""
    mask = single(item)
    if mask is None:
        return Ahead(item, negative)
    return Place(((ANYTHING, ANYTHING & ~mask if negative else mask),))


def preceding(item: Expression, *, negative: bool) -> Expression:
    """What must stand before; one byte is a condition on a place."""
    mask = single(item)
    if mask is None:
        return Behind(item, negative)
    return Place(((ANYTHING & ~mask if negative else mask, ANYTHING),))


def single(item: Expression) -> int | None:
    """The set, if the expression is one byte out of a set."""
    if isinstance(item, Byte):
        return item.mask
    if isinstance(item, Either):
        mask = 0
        for part in item.items:
            inside = single(part)
            if inside is None:
                return None
            mask |= inside
        return mask
    return None


def has(item: Expression, kinds: tuple[type, ...]) -> bool:
    """Whether the expression holds looks of these kinds."""
    if isinstance(item, kinds):
        return True
    if isinstance(item, Chain | Either):
        return any(has(part, kinds) for part in item.items)
    if isinstance(item, Loop | Ahead | Behind):
        return has(item.item, kinds)
    return False


def possessive(item: Expression, low: int, high: int | None, *, greedy: bool) -> Expression | None:
    """A repetition that is not tried another way; None if that is not translated."""
    if not definite(item) or lengths(item)[0] == 0:
        return None
    if not greedy:
        return Loop(item, low, low)
    no_more = following(item, negative=True)
    if high is None:
        return chain([Loop(item, low, None), no_more])
    if high == low:
        return Loop(item, low, low)
    fewer = chain([Loop(item, low, high - 1), no_more])
    return Either((fewer, Loop(item, high, high)))


def definite(item: Expression) -> bool:
    """Whether at any place at most one text can match, so that there is nothing to try another way."""
    shortest, longest = lengths(item)
    if shortest == longest:
        return True
    if isinstance(item, Either):
        seen = 0
        for part in item.items:
            start = starts(part)
            if start is None or start & seen or not definite(part):
                return False
            seen |= start
        return True
    if isinstance(item, Chain):
        return all(definite(part) for part in item.items)
    return False


def starts(item: Expression) -> int | None:
    """The bytes with which a match starts; None if it may be empty, or if that is not simple to say."""
    if isinstance(item, Byte):
        return item.mask
    if isinstance(item, Never):
        return 0
    if isinstance(item, Loop):
        return starts(item.item) if item.low else None
    if isinstance(item, Either):
        mask = 0
        for part in item.items:
            start = starts(part)
            if start is None:
                return None
            mask |= start
        return mask
    if isinstance(item, Chain):
        return starts(item.items[0])
    return None


def lengths(item: Expression) -> tuple[int, int | None]:
    """The shortest and the longest match; None for no limit."""
    match item:
        case Byte():
            return 1, 1
        case Chain():
            pairs = [lengths(part) for part in item.items]
            longest: int | None = 0
            for _, high in pairs:
                longest = None if longest is None or high is None else longest + high
            return sum(low for low, _ in pairs), longest
        case Either():
            pairs = [lengths(part) for part in item.items if not isinstance(part, Never)]
            if not pairs:
                return 0, 0
            highs = [high for _, high in pairs]
            return min(low for low, _ in pairs), None if None in highs else max(high or 0 for high in highs)
        case Loop():
            low, high = lengths(item.item)
            if high == 0 or item.high == 0:
                return 0, 0
            return low * item.low, None if high is None or item.high is None else high * item.high
        case _:
            return 0, 0


def explored(item: Expression) -> Expression:
    """The expression with looks as texts that are read and then dropped: what backtracking reads, not what matches."""
    match item:
        case Ahead() | Behind():
            return Either((EMPTY, Chain((explored(item.item), NEVER))))
        case Chain():
            return Chain(tuple(explored(part) for part in item.items))
        case Either():
            return Either(tuple(explored(part) for part in item.items))
        case Loop():
            return Loop(explored(item.item), item.low, item.high)
        case _:
            return item
