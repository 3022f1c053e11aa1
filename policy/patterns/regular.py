"""The regular part of a pattern: from its syntax tree to an expression that automata can be made of.

What cannot be translated is named, with its place in the pattern: such a pattern is matched by Boost's own steps
(:mod:`policy.patterns.machine`) and findings about it are sampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from policy.patterns import classes, tree
from policy.patterns.tree import Node, Span

#: A path's start (in what stands before a place) and its end (in what follows it), as one more "byte".
EDGE = 1 << 256
ANYTHING = EDGE | classes.ALL


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A construct that is not translated: its name and where it stands."""

    construct: str
    span: Span


@dataclass(frozen=True, slots=True)
class Byte:
    """One byte out of a set."""

    mask: int


@dataclass(frozen=True, slots=True)
class Empty:
    """The empty text."""


@dataclass(frozen=True, slots=True)
class Never:
    """No text at all."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One after the other."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """Again and again; ``high`` is None for no limit."""

    item: Expression
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """A condition on the byte before and the byte after: one of these pairs of sets must hold both."""

    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What must, or must not, follow."""

    item: Expression
    negative: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """What must, or must not, stand before; the item has a fixed length."""

    item: Expression
    negative: bool


Expression: TypeAlias = Byte | Empty | Never | Chain | Either | Loop | Place | Ahead | Behind

#: How deep groups may be nested for a pattern to be translated.
DEEPEST = 80

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
_SOFT_END = Ahead(Chain((Loop(Byte(_SEPARATOR), 0, None), PLACES["buffer-end"])), negative=False)


class NotRegular(Exception):  # noqa: N818 - an outcome, not a fault
    """A construct that is not translated."""

    def __init__(self, construct: str, span: Span) -> None:
        super().__init__(construct)
        self.obstacle = Obstacle(construct, span)


def chain(items: list[Expression]) -> Expression:
    """The items one after the other, without needless wrapping."""
    flat: list[Expression] = []
    for item in items:
        if item is NEVER:
            return NEVER
        if isinstance(item, Chain):
            flat.extend(item.items)
        elif item is not EMPTY:
            flat.append(item)
    if not flat:
        return EMPTY
    return flat[0] if len(flat) == 1 else Chain(tuple(flat))


def translate(
    source: tree.Tree, *, loosely: bool = False, guessing: bool = False
) -> tuple[Expression, tuple[Obstacle, ...]]:
    """The expression of a pattern, and what could not be translated.

    With ``loosely`` a construct that is not translated stands as any text at all, so that the expression covers at
    least what the pattern does; else the first such construct ends the translation.
    With ``guessing``, too, references stand as what their group could match, which is good for making paths to try.
    """
    if source.depth > DEEPEST:
        obstacle = Obstacle("groups that are nested too deeply", source.root.span)
        return (Loop(Byte(classes.ALL), 0, None) if loosely else NEVER), (obstacle,)
    translator = _Translator(source, loosely=loosely, guessing=guessing)
    try:
        expression = translator.whole(source.root)
    except NotRegular as reason:
        return NEVER, (reason.obstacle,)
    return expression, tuple(translator.obstacles)


def obstacles(source: tree.Tree) -> tuple[Obstacle, ...]:
    """Every construct of a pattern that is not translated, in the order of the text."""
    return translate(source, loosely=True)[1]


class _Translator:
    def __init__(self, source: tree.Tree, *, loosely: bool, guessing: bool) -> None:
        self.source = source
        self.loosely = loosely
        self.guessing = guessing
        self.bodies: dict[int, Node] = {0: source.root} if guessing else {}
        self.level = 0
        self.obstacles: list[Obstacle] = []
        #: Groups that are certain to have matched one known word where the walk stands.
        self.known: dict[int, bytes] = {}
        self.certain: set[int] = set()

    def fail(self, construct: str, span: Span, stand_in: Expression | None = None) -> Expression:
        if not self.loosely:
            raise NotRegular(construct, span)
        self.obstacles.append(Obstacle(construct, span))
        return Loop(Byte(classes.ALL), 0, None) if stand_in is None else stand_in

    def whole(self, root: Node) -> Expression:
        if not isinstance(root, tree.Sequence):
            return self.one(root)
        out: list[Expression] = []
        for item in root.items:
            if isinstance(item, tree.Reset):
                # The match must start at the path's start: what stands before must be empty, on the first try.
                shortest, longest = _lengths(chain(out))
                if shortest:
                    return NEVER
                if longest != 0:
                    out.append(self.fail("a reset of the start", item.span, EMPTY))
                continue
            out.append(self.one(item))
            self._learn(item)
        return chain(out)

    def _learn(self, item: Node) -> None:
        """From here on a group is certain to have matched, and what it matched may be one known word."""
        if isinstance(item, tree.Repeat) and item.low:
            item = item.item
        if isinstance(item, tree.Group) and item.index > 0 and not self.source.recursive:
            self.certain.add(item.index)
            body = item.body
            if isinstance(body, tree.Sequence) and len(body.items) == 1:
                body = body.items[0]
            if isinstance(body, tree.Literal) and not body.icase:
                self.known[item.index] = body.data

    def one(self, node: Node) -> Expression:
        match node:
            case tree.Literal():
                return _word(node.data, icase=node.icase)
            case tree.Set():
                return Byte(classes.caseless(node.members) if node.icase else node.members)
            case tree.Any():
                return Byte(classes.ALL if node.newline else classes.ALL & ~_SEPARATOR)
            case tree.Sequence():
                return chain([self.one(item) for item in node.items])
            case tree.Choice():
                return Either(tuple(self.one(item) for item in node.alternatives))
            case tree.Group():
                if self.guessing:
                    self.bodies.setdefault(node.index, node.body)
                return self.one(node.body)
            case tree.Repeat():
                return self.repeat(node)
            case tree.Assertion():
                return _SOFT_END if node.kind == "soft-buffer-end" else PLACES[node.kind]
            case tree.Look():
                return self.look(node)
            case tree.Atomic():
                return self.atomic(node.body, node.span, "an independent group")
            case tree.CaseSwitch():
                return EMPTY
            case tree.Combining():
                return Byte(classes.ALL)
            case tree.Conditional():
                return self.conditional(node)
            case tree.Verb():
                if node.name == "fail":
                    return NEVER
                return self.fail("a backtracking verb", node.span)
            case tree.BackReference():
                word = self.known.get(self.group(node.reference))
                if word is None:
                    return self.fail("a back-reference", node.span, self.guess(node.reference))
                return _again(word, icase=node.icase)
            case tree.Recursion():
                return self.fail("a recursion", node.span, self.guess(node.reference))
            case tree.Reset():
                return self.fail("a reset of the start", node.span, EMPTY)
            case tree.LongSet():
                return self.fail("a set with a collating element of two bytes", node.span)

    def look(self, node: tree.Look, *, opposite: bool = False) -> Expression:
        body = self.one(node.body)
        negative = node.negative != opposite
        if node.behind:
            if _looks(body, (Ahead, Behind)):
                return self.fail("a look inside a look-behind", node.span, EMPTY)
            return _behind(body, negative=negative)
        if _looks(body, (Behind,)):
            return self.fail("a look-behind inside a look-ahead", node.span, EMPTY)
        return _ahead(body, negative=negative)

    def repeat(self, node: tree.Repeat) -> Expression:
        if isinstance(node.item, tree.Group) and node.item.icase != node.item.icase_after:
            return self.fail("a repeated change of case", node.span)
        item = self.one(node.item)
        loop = Loop(item, node.low, node.high)
        if not node.possessive:
            return loop
        found = _possessive(item, node.low, node.high, greedy=node.greedy)
        return self.fail("a possessive repetition", node.span, loop) if found is None else found

    def atomic(self, body: Node, span: Span, construct: str) -> Expression:
        plain = self.one(body)
        found = self._atomic(body)
        return self.fail(construct, span, plain) if found is None else found

    def _atomic(self, node: Node) -> Expression | None:
        """The node once it may not be tried another way; None if that is not translated."""
        if isinstance(node, tree.Group):
            return self._atomic(node.body)
        expression = self.one(node)
        if _definite(expression):
            return expression
        if isinstance(node, tree.Repeat) and not node.possessive:
            return _possessive(self.one(node.item), node.low, node.high, greedy=node.greedy)
        if isinstance(node, tree.Sequence) and node.items:
            before = [self.one(item) for item in node.items[:-1]]
            last = self._atomic(node.items[-1])
            if last is not None and all(_definite(item) for item in before):
                return chain([*before, last])
        if isinstance(node, tree.Choice):
            return self._atomic_choice(node)
        return None

    def _atomic_choice(self, node: tree.Choice) -> Expression | None:
        # Alternatives that start with different bytes exclude each other.
        parts = [self._atomic(alternative) for alternative in node.alternatives]
        seen = 0
        for part in parts:
            start = None if part is None else _starts(part)
            if start is None or start & seen:
                return None
            seen |= start
        return Either(tuple(part for part in parts if part is not None))

    def guess(self, reference: int | str) -> Expression | None:
        """What a group could match, recursions followed once."""
        body = self.bodies.get(self.group(reference))
        if body is None or isinstance(reference, str) and not self.group(reference):
            return None
        if self.level:
            return NEVER
        self.level += 1
        found = self.one(body)
        self.level -= 1
        return found

    def group(self, reference: int | str) -> int:
        """The number of a group; 0 if several have that name."""
        if isinstance(reference, int):
            return reference
        numbers = [number for name, number in self.source.names if name == reference]
        return numbers[0] if len(numbers) == 1 else 0

    def conditional(self, node: tree.Conditional) -> Expression:
        yes = self.one(node.yes)
        no = EMPTY if node.no is None else self.one(node.no)
        condition = node.condition
        if condition.look is not None:
            look, other = self.look(condition.look), self.look(condition.look, opposite=True)
            return Either((chain([look, yes]), chain([other, no])))
        if condition.kind == "define":
            return no
        if condition.kind == "recursion" and not self.source.recursive:
            return no
        if condition.kind == "group":
            reference = condition.reference
            if reference is not None and self.group(reference) in self.certain:
                return yes
            names = {name for name, _ in self.source.names}
            if reference not in names and not (isinstance(reference, int) and reference <= self.source.groups):
                return no
        return self.fail("a conditional", node.span, Either((yes, no)))


def _word(data: bytes, *, icase: bool) -> Expression:
    items: list[Expression] = []
    for byte in data:
        mask = 1 << byte
        if icase:
            if classes.folded(byte) != byte:
                return NEVER
            mask |= classes.caseless(mask)
        items.append(Byte(mask))
    return chain(items)


def _again(data: bytes, *, icase: bool) -> Expression:
    """A captured word once more; where case does not count, in any case."""
    return _word(bytes(classes.folded(byte) for byte in data) if icase else data, icase=icase)


def _ahead(item: Expression, *, negative: bool) -> Expression:
    """What must follow; one byte is a condition on a place."""
    mask = _single(item)
    if mask is None:
        return Ahead(item, negative)
    return Place(((ANYTHING, ANYTHING & ~mask if negative else mask),))


def _behind(item: Expression, *, negative: bool) -> Expression:
    mask = _single(item)
    if mask is None:
        return Behind(item, negative)
    return Place(((ANYTHING & ~mask if negative else mask, ANYTHING),))


def _single(item: Expression) -> int | None:
    """The set, if the expression is one byte out of a set."""
    if isinstance(item, Byte):
        return item.mask
    if isinstance(item, Either):
        mask = 0
        for part in item.items:
            single = _single(part)
            if single is None:
                return None
            mask |= single
        return mask
    return None


def _looks(item: Expression, kinds: tuple[type, ...]) -> bool:
    """Whether the expression holds looks of these kinds."""
    if isinstance(item, kinds):
        return True
    if isinstance(item, Chain | Either):
        return any(_looks(part, kinds) for part in item.items)
    if isinstance(item, Loop | Ahead | Behind):
        return _looks(item.item, kinds)
    return False


def _possessive(item: Expression, low: int, high: int | None, *, greedy: bool) -> Expression | None:
    if not _definite(item) or _lengths(item)[0] == 0:
        return None
    if not greedy:
        return Loop(item, low, low)
    no_more = _ahead(item, negative=True)
    if high is None:
        return chain([Loop(item, low, None), no_more])
    if high == low:
        return Loop(item, low, low)
    fewer = chain([Loop(item, low, high - 1), no_more])
    return Either((fewer, Loop(item, high, high)))


def _definite(item: Expression) -> bool:
    """Whether at any place at most one text can match, so that there is nothing to try another way."""
    shortest, longest = _lengths(item)
    if shortest == longest:
        return True
    if isinstance(item, Either):
        seen = 0
        for part in item.items:
            start = _starts(part)
            if start is None or start & seen or not _definite(part):
                return False
            seen |= start
        return True
    if isinstance(item, Chain):
        return all(_definite(part) for part in item.items)
    return False


def _starts(item: Expression) -> int | None:
    """The bytes with which a match starts; None if it may be empty, or if that is not simple to say."""
    if isinstance(item, Byte):
        return item.mask
    if isinstance(item, Never):
        return 0
    if isinstance(item, Loop):
        return _starts(item.item) if item.low else None
    if isinstance(item, Either):
        mask = 0
        for part in item.items:
            start = _starts(part)
            if start is None:
                return None
            mask |= start
        return mask
    if isinstance(item, Chain):
        return _starts(item.items[0])
    return None


def _lengths(item: Expression) -> tuple[int, int | None]:
    """The shortest and the longest match; None for no limit."""
    match item:
        case Byte():
            return 1, 1
        case Chain():
            pairs = [_lengths(part) for part in item.items]
            longest: int | None = 0
            for _, high in pairs:
                longest = None if longest is None or high is None else longest + high
            return sum(low for low, _ in pairs), longest
        case Either():
            pairs = [_lengths(part) for part in item.items if not isinstance(part, Never)]
            if not pairs:
                return 0, 0
            highs = [high for _, high in pairs]
            return min(low for low, _ in pairs), None if None in highs else max(high or 0 for high in highs)
        case Loop():
            low, high = _lengths(item.item)
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
