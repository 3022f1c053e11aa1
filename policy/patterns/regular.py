"""The regular part of a pattern: from its syntax tree to an expression that automata can be made of.

What cannot be translated is named, with its place in the pattern: such a pattern is matched by Boost's own steps
(:mod:`policy.patterns.machine`) and findings about it are sampled.
"""

from __future__ import annotations

from policy.patterns import classes, tree
from policy.patterns import expressions as e
from policy.patterns.expressions import (
    EMPTY,
    NEVER,
    PLACES,
    SOFT_END,
    Ahead,
    Behind,
    Byte,
    Either,
    Expression,
    Loop,
    chain,
)
from policy.patterns.tree import Node, Span
from policy.tuples import NamedTuple

#: How deep groups may be nested for a pattern to be translated.
DEEPEST = 80


class Obstacle(NamedTuple):
    """A construct that is not translated: its name and where it stands."""

    construct: str
    span: Span


class NotRegular(Exception):
    """A construct that is not translated."""

    def __init__(self, construct: str, span: Span) -> None:
        super().__init__(construct)
        self.obstacle = Obstacle(construct, span)


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
                shortest, longest = e.lengths(chain(out))
                if shortest:
                    out.append(NEVER)
                elif longest != 0:
                    out.append(self.fail("a reset of the start", item.span, EMPTY))
                continue
            out.append(self.one(item))
            self._learn(item)
        return chain(out)

    def _learn(self, item: Node) -> None:
        """From here on a group is certain to have matched, and what it matched may be one known word."""
        if isinstance(item, tree.Repeat) and item.low:
            item = item.item
        if isinstance(item, tree.Group) and item.number > 0 and not self.source.recursive:
            self.certain.add(item.number)
            body = item.body
            if isinstance(body, tree.Sequence) and len(body.items) == 1:
                body = body.items[0]
            if isinstance(body, tree.Literal) and not body.icase:
                self.known[item.number] = body.data

    def one(self, node: Node) -> Expression:
        match node:
            case tree.Literal():
                return e.word(node.data, icase=node.icase)
            case tree.Set():
                return Byte(classes.caseless(node.members) if node.icase else node.members)
            case tree.Any():
                return Byte(classes.ALL if node.newline else classes.ALL & ~classes.SEPARATOR)
            case tree.Sequence():
                return chain([self.one(item) for item in node.items])
            case tree.Choice():
                return Either(tuple(self.one(item) for item in node.alternatives))
            case tree.Group():
                if self.guessing:
                    self.bodies.setdefault(node.number, node.body)
                return self.one(node.body)
            case tree.Repeat():
                return self.repeat(node)
            case tree.Assertion():
                return SOFT_END if node.kind == "soft-buffer-end" else PLACES[node.kind]
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
                return e.again(word, icase=node.icase)
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
            if e.has(body, (Ahead, Behind)):
                return self.fail("a look inside a look-behind", node.span, EMPTY)
            return e.preceding(body, negative=negative)
        if e.has(body, (Behind,)):
            return self.fail("a look-behind inside a look-ahead", node.span, EMPTY)
        return e.following(body, negative=negative)

    def repeat(self, node: tree.Repeat) -> Expression:
        if isinstance(node.item, tree.Group) and node.item.icase != node.item.icase_after:
            return self.fail("a repeated change of case", node.span)
        item = self.one(node.item)
        loop = Loop(item, node.low, node.high)
        if not node.possessive:
            return loop
        found = e.possessive(item, node.low, node.high, greedy=node.greedy)
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
        if e.definite(expression):
            return expression
        if isinstance(node, tree.Repeat) and not node.possessive:
            return e.possessive(self.one(node.item), node.low, node.high, greedy=node.greedy)
        if isinstance(node, tree.Sequence) and node.items:
            before = [self.one(item) for item in node.items[:-1]]
            last = self._atomic(node.items[-1])
            if last is not None and all(e.definite(item) for item in before):
                return chain([*before, last])
        if isinstance(node, tree.Choice):
            return self._atomic_choice(node)
        return None

    def _atomic_choice(self, node: tree.Choice) -> Expression | None:
        # Alternatives that start with different bytes exclude each other.
        parts = [self._atomic(alternative) for alternative in node.alternatives]
        seen = 0
        for part in parts:
            start = None if part is None else e.starts(part)
            if start is None or start & seen:
                return None
            seen |= start
        return Either(tuple(part for part in parts if part is not None))

    def guess(self, reference: int | str) -> Expression | None:
        """What a group could match, recursions followed once."""
        body = self.bodies.get(self.group(reference))
        if body is None or (isinstance(reference, str) and not self.group(reference)):
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
