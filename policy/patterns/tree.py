"""The syntax tree of a pattern, as Boost understands it.

Every node has a span: offsets into the pattern, in characters, half open.
Nodes say what Boost's parser made of the text; they know nothing of automata.
They are named tuples, since those are made six times as fast as dataclasses when the module is imported; two nodes of
different kinds may compare equal, so kinds are told apart by ``isinstance`` and ``match``.
"""

from __future__ import annotations

from typing import TypeAlias

from policy.tuples import NamedTuple


class Span(NamedTuple):
    """A part of the pattern's text, from ``start`` up to ``end``."""

    start: int
    end: int


class Literal(NamedTuple):
    """Bytes in a row; small letters where case does not count."""

    span: Span
    data: bytes
    icase: bool


class Set(NamedTuple):
    """One byte out of a set.

    ``members`` is the set that Boost stored; a path's byte is put into small letters first where case does not count.
    """

    span: Span
    members: int
    icase: bool


class LongSet(NamedTuple):
    """A set with a collating element of two bytes in it."""

    span: Span
    singles: tuple[bytes, ...]
    ranges: tuple[tuple[bytes, bytes], ...]
    equivalents: tuple[bytes, ...]
    classes: int
    negated_classes: int | None
    negated: bool
    icase: bool


class Any(NamedTuple):
    """The dot: any byte; ``newline`` says whether it takes the end of a line."""

    span: Span
    newline: bool


class Combining(NamedTuple):
    r"""``\X``: one byte, since no single byte is a combining character."""

    span: Span


class Assertion(NamedTuple):
    """A condition on a place: ``kind`` is one of the names in :data:`ASSERTIONS`."""

    span: Span
    kind: str


#: The kinds of :class:`Assertion`, with what they are in Boost's words.
ASSERTIONS = (
    "line-start",
    "line-end",
    "word-boundary",
    "within-word",
    "word-start",
    "word-end",
    "buffer-start",
    "buffer-end",
    "soft-buffer-end",
    "continuation",
)


class Sequence(NamedTuple):
    """Nodes one after the other."""

    span: Span
    items: tuple[Node, ...]


class Choice(NamedTuple):
    """Alternatives, tried from left to right."""

    span: Span
    alternatives: tuple[Sequence, ...]


class Repeat(NamedTuple):
    """A node, repeated; ``high`` is None for no limit."""

    span: Span
    item: Node
    low: int
    high: int | None
    greedy: bool
    possessive: bool
    icase: bool


class Group(NamedTuple):
    """Parentheses; ``number`` is 0 where they capture nothing."""

    span: Span
    number: int
    body: Node
    icase: bool
    icase_after: bool
    name: str | None = None


class Look(NamedTuple):
    """A look ahead or behind."""

    span: Span
    behind: bool
    negative: bool
    body: Node
    icase: bool


class Atomic(NamedTuple):
    """``(?>...)``: once matched, never tried another way."""

    span: Span
    body: Node
    icase: bool


class Condition(NamedTuple):
    """What a conditional asks for.

    ``kind`` is ``group`` (``reference`` is an index or a name), ``recursion`` (``reference`` is None for any),
    ``define``, or ``look`` (``look`` is the assertion).
    """

    kind: str
    reference: int | str | None = None
    look: Look | None = None


class Conditional(NamedTuple):
    """``(?(condition)yes|no)``; ``switch`` gives the case back that a branch changed."""

    span: Span
    condition: Condition
    yes: Sequence
    no: Sequence | None
    icase: bool
    switch: CaseSwitch | None


class BackReference(NamedTuple):
    """What a group matched, again."""

    span: Span
    reference: int | str
    icase: bool


class Recursion(NamedTuple):
    """A group's pattern, again; 0 is the whole pattern."""

    span: Span
    reference: int | str
    icase: bool


class Reset(NamedTuple):
    r"""``\K``: the match is said to start here."""

    span: Span
    icase: bool


class Verb(NamedTuple):
    """A backtracking verb: ``fail``, ``accept``, ``commit``, ``prune``, ``skip`` or ``then``."""

    span: Span
    name: str


class CaseSwitch(NamedTuple):
    """From here on, case counts or does not."""

    span: Span
    icase: bool


Node: TypeAlias = (
    Literal
    | Set
    | LongSet
    | Any
    | Combining
    | Assertion
    | Sequence
    | Choice
    | Repeat
    | Group
    | Look
    | Atomic
    | Conditional
    | BackReference
    | Recursion
    | Reset
    | Verb
    | CaseSwitch
)


class Tree(NamedTuple):
    """A pattern that was read: its root, how many groups capture, and the groups' names.

    ``suspect`` is true if the pattern has something that Boost's shortcuts may get wrong.
    """

    text: str
    size: int
    root: Node
    groups: int
    names: tuple[tuple[str, int], ...]
    recursive: bool
    looks_behind: bool
    suspect: bool
    depth: int
