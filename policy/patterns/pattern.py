"""A pattern: what Boost makes of it, as a language where it is one."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property, lru_cache

from policy.patterns.ambiguity import Pump, ambiguity, breadth, crowd, readings
from policy.patterns.automaton import Automaton, TooManyStates
from policy.patterns.expressions import Expression, explored
from policy.patterns.hazards import misses
from policy.patterns.looks import LookAutomaton
from policy.patterns.machine import GaveUp, Machine, OutOfBudget, patience
from policy.patterns.positions import Positions, TooLarge, positions
from policy.patterns.program import Program
from policy.patterns.reading import read
from policy.patterns.regular import DEEPEST, Obstacle, translate
from policy.patterns.tree import Assertion, Literal, Sequence, Span, Tree
from policy.tuples import NamedTuple

#: The most states of Boost's machine that are followed for one path.
BUDGET = 3_000_000


class QuickCount(NamedTuple):
    """Positions that read at least what a pattern reads, the pattern's length in bytes, and at most how many states of
    Boost's machine one reading of one byte costs.
    """

    source: Positions
    size: int
    each: int


class Pattern:
    """A pattern as ``boost::regex`` reads it; made by :func:`policy.patterns.compile`.

    Matching is as ``boost::regex_match`` has it: the whole path, as bytes of UTF-8.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree: Tree = read(text)
        if self.tree.recursive or self.tree.looks_behind:
            # Only the machine tells whether Boost takes these.
            self.machine  # noqa: B018 - made for its refusals

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @cached_property
    def machine(self) -> Machine:
        """Boost's machine for this pattern."""
        return Machine(Program(self.tree))

    @cached_property
    def _translation(self) -> tuple[Expression, Positions | None, tuple[Obstacle, ...]]:
        expression, obstacles = translate(self.tree)
        if obstacles:
            return expression, None, translate(self.tree, loosely=True)[1] or obstacles
        if self.tree.suspect:
            missing = misses(self.machine.program)
            if missing is not None:
                place = Span(0, len(self.text)) if missing.node is None else missing.node.span
                return expression, None, (Obstacle("a shortcut of Boost that misses matches", place),)
        try:
            return expression, positions(expression), ()
        except TooLarge:
            return expression, None, (Obstacle("a repetition that is too large", Span(0, len(self.text))),)

    @property
    def analysable(self) -> bool:
        """Whether the pattern is a regular language: then its automaton is exact."""
        return self._translation[1] is not None

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """What is not regular, or not translated, with its place."""
        return self._translation[2]

    @property
    def positions(self) -> Positions | None:
        """The position automaton; None if the pattern is not analysable."""
        return self._translation[1]

    @cached_property
    def automaton(self) -> Automaton | None:
        """The deterministic automaton, made while it is walked; None if the pattern is not analysable."""
        source = self._translation[1]
        if source is None:
            return None
        return LookAutomaton(source) if source.looks else Automaton(source)

    @cached_property
    def _covering(self) -> Positions | None:
        """Positions that read at least what the pattern reads; None if they are too many."""
        expression, source, _ = self._translation
        if source is not None and not source.looks:
            return source
        if source is None:
            expression = translate(self.tree, loosely=True)[0]
        try:
            return positions(explored(expression))
        except TooLarge:
            return None

    @cached_property
    def likeness(self) -> Automaton | None:
        """An automaton whose paths are worth trying; exact if the pattern is analysable."""
        if self.analysable:
            return self.automaton
        try:
            source = positions(translate(self.tree, loosely=True, guessing=True)[0])
        except TooLarge:
            return None
        return LookAutomaton(source) if source.looks else Automaton(source)

    @cached_property
    def prefix(self) -> bytes:
        """Bytes with which every path that matches starts, as far as that is plain from the text."""
        root = self.tree.root
        out = b""
        for item in root.items if isinstance(root, Sequence) else ():
            if isinstance(item, Literal) and not item.icase:
                out += item.data
            elif out or not (isinstance(item, Assertion) and item.kind in ("line-start", "buffer-start")):
                break
        return out

    @cached_property
    def pump(self) -> Pump | None:
        """What makes the pattern ambiguous, if it is."""
        source = self._covering
        if source is None or self.tree.recursive or self.tree.depth > DEEPEST:
            # A recursion repeats as a loop does, in ways that the covering language does not show.
            return Pump("exponential", (), ())
        return ambiguity(source)

    @cached_property
    def tame(self) -> bool:
        """Whether Boost never gives up on this pattern, whatever the path."""
        source = self._covering
        if source is None or self.pump is not None:
            return False
        # Boost's patience grows at least as the square of the pattern's length for each byte of the path.
        square = self.tree.size**2
        few = breadth(source)
        if few * (12 * self.tree.size + 48) <= square:
            return True
        enough = square // self._each
        return few <= enough or crowd(source, enough) is not None

    @property
    def _each(self) -> int:
        """At most how many states of Boost's machine one reading of one byte costs."""
        return 4 * len(self.machine.program.states) + 8

    @property
    def ambiguity(self) -> str | None:
        """How Boost's backtracking can grow with the path: None, ``polynomial`` or ``exponential``.

        Bounded repetitions have no growth, but may still be read in more ways than Boost has patience for: see
        :attr:`tame` and :meth:`gives_up`.
        """
        return None if self.pump is None else self.pump.growth

    def matches(self, path: str | bytes, *, budget: int = BUDGET) -> bool:
        """Whether the whole path matches; False where Boost gives up on a pattern that is not analysable.

        ``budget`` bounds the states of Boost's machine that are visited for such a pattern.
        """
        data = as_bytes(path)
        automaton = self.automaton
        if automaton is not None:
            with suppress(TooManyStates):
                return automaton.accepts(data)
        try:
            return self.machine.run(data, budget).matched
        except (GaveUp, OutOfBudget):
            return False

    def gives_up(self, path: str | bytes) -> bool:
        """Whether Boost gives up on this path: the server then refuses the request."""
        if self.tame:
            return False
        data = as_bytes(path)
        if self.cannot_give_up(data):
            return False
        try:
            self.machine.run(data, BUDGET)
        except (GaveUp, OutOfBudget):
            return True
        return False

    @property
    def quick_count(self) -> QuickCount | None:
        """What :meth:`cannot_give_up` counts with; None where a count shows nothing."""
        source = self._covering
        if source is None or self.tree.recursive or self.tree.depth > DEEPEST:
            return None
        return QuickCount(source, self.tree.size, self._each)

    def cannot_give_up(self, data: bytes) -> bool:
        """Whether a quick count already shows that Boost does not give up."""
        count = self.quick_count
        if count is None:
            return False
        enough = patience(count.size, len(data)) // count.each
        return readings(count.source, data, enough) <= enough


def as_bytes(path: str | bytes) -> bytes:
    """A path as the bytes that Boost sees."""
    return path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path


@lru_cache(maxsize=1024)
def compile(text: str) -> Pattern:  # noqa: A001 - the word of the contract
    """The pattern; that of a text asked for again is the same object, with all that is known of it.

    Raises :class:`policy.patterns.PatternRefused` where Boost refuses it: the server then does not start.

    >>> compile("^/studies/[^/]+$").matches("/studies/1.2.3")
    True
    """
    return Pattern(text)
