"""Which of many plain templates a pattern meets: literal text and runs of bytes, such as ``/studies/{id}/series``.

One walk over a tree of the templates, with the set of states that the pattern's automaton may be in, answers for all of
them what :func:`policy.patterns.language.intersection` answers for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policy.patterns import classes
from policy.patterns.automaton import MOST_STATES, Automaton, TooManyStates
from policy.patterns.errors import NotAnalysable, Undecided
from policy.patterns.pattern import Pattern
from policy.tuples import NamedTuple


class Run(NamedTuple):
    """Bytes of a set, at least so many of them: none or one."""

    mask: int
    least: int


#: The name of one thing: no slash in it.
NAME = Run(classes.ALL & ~classes.of(b"/"), 1)
#: Whatever follows.
REST = Run(classes.ALL, 0)

Piece = bytes | Run


class _Node:
    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[Piece, _Node] = {}
        self.ends: list[int] = []


class Templates:
    """Templates by their number, in the order given; each is a sequence of pieces.

    >>> from policy.patterns import compile
    >>> Templates([[b"/studies/", NAME], [b"/app/", REST]]).met_by(compile("^/(studies|series)/[0-9]+$"))
    {0}
    """

    def __init__(self, templates: Iterable[Sequence[Piece]]) -> None:
        self._root = _Node()
        for number, pieces in enumerate(templates):
            node = self._root
            for piece in pieces:
                for part in _words(piece) if isinstance(piece, bytes) else (piece,):
                    node = node.next.setdefault(part, _Node())
            node.ends.append(number)

    def met_by(self, pattern: Pattern) -> set[int]:
        """The templates of which the pattern matches some path.

        Raises :class:`NotAnalysable` if the pattern is no regular language, :class:`Undecided` if it is too large.
        """
        automaton = pattern.automaton
        if automaton is None:
            raise NotAnalysable(pattern.text, pattern.obstacles[0].construct)
        try:
            return self._walk(automaton)
        except TooManyStates:
            raise Undecided(MOST_STATES) from None

    def _walk(self, automaton: Automaton) -> set[int]:
        found: set[int] = set()
        known: dict[tuple[frozenset[int], Piece], frozenset[int]] = {}
        pending = [(self._root, frozenset((automaton.start,)))]
        while pending:
            node, states = pending.pop()
            if node.ends and any(automaton.final[state] for state in states):
                found.update(node.ends)
            for piece, following in node.next.items():
                key = states, piece
                reached = known.get(key)
                if reached is None:
                    reached = known[key] = _after(automaton, states, piece)
                if reached:
                    pending.append((following, reached))
        return found


def _words(text: bytes) -> list[bytes]:
    """The text cut behind each slash, so that templates share what they begin with."""
    return [part for part in text.replace(b"/", b"/\0").split(b"\0") if part]


def _after(automaton: Automaton, states: frozenset[int], piece: Piece) -> frozenset[int]:
    """The states in which some text that fits the piece leaves the automaton."""
    if isinstance(piece, bytes):
        for byte in piece:
            states = frozenset(automaton.step(state, byte) for state in states) - {0}
        return states
    seen = set(states) if not piece.least else set()
    pending = list(states)
    while pending:
        for mask, target in automaton.arcs(pending.pop()):
            if mask & piece.mask and target not in seen:
                seen.add(target)
                pending.append(target)
    return frozenset(seen)
