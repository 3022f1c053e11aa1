"""A text as a tree whose keys and values know where they stand, with each leniency that the text uses as a fact.

Everything here is a frozen value.
Nodes compare by identity: two equal values at two places are two nodes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from policy.records import dataclass
from policy.tuples import NamedTuple

if TYPE_CHECKING:
    from policy.text.source import Source


class Span(NamedTuple):
    """A stretch of text: character offsets, half-open."""

    start: int
    end: int


class Position(NamedTuple):
    """A place as an editor shows it: line and column from 1, columns in characters."""

    line: int
    column: int


_FEW = 24
"""Members that are looked through faster than a table of them is made."""

# Node and Member are tuples, since a large file has hundreds of thousands of them and a frozen dataclass costs four
# times as much to make. They compare by identity all the same: comparing trees would recurse.


class Node(NamedTuple):
    """One value of the text.

    ``kind`` is ``object``, ``array``, ``string``, ``number``, ``boolean``, ``null`` or ``missing`` (the author wrote no
    value where one belongs).
    ``value`` is the scalar as a Python value; a character that no reader can hold stands as U+FFFD.
    """

    kind: str
    span: Span
    value: str | int | float | bool | None = None
    members: tuple[Member, ...] = ()
    items: tuple[Node, ...] = ()

    def get(self, key: str) -> Node | None:
        """The value of the member of that name: of several the last, as every reader has it."""
        member = self.member(key)
        return None if member is None else member.value

    def member(self, key: str) -> Member | None:
        """The member of that name: of several the last."""
        if len(self.members) > _FEW:
            return _by_key(self).get(key)
        for member in reversed(self.members):
            if member.key == key:
                return member
        return None

    def python(self) -> Any:
        """The plain Python value of the tree: a missing value reads as None, of equal keys the last counts."""
        holder: list[Any] = []
        work: list[tuple[Node, Any, Any]] = [(self, holder, None)]
        while work:
            node, into, key = work.pop()
            value: Any
            if node.kind == "object":
                value = {}
                work.extend((member.value, value, member.key) for member in reversed(node.members))
            elif node.kind == "array":
                value = []
                work.extend((item, value, None) for item in reversed(node.items))
            else:
                value = node.value
            if key is None:
                into.append(value)
            else:
                into[key] = value
        return holder[0]

    def walk(self) -> Iterator[Node]:
        """Every node of the tree, this one first, in the order of the text."""
        work = [self]
        while work:
            node = work.pop()
            yield node
            if node.members:
                work.extend(member.value for member in reversed(node.members))
            elif node.items:
                work.extend(reversed(node.items))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        inside = len(self.members) or len(self.items)
        shown = f"{inside} inside" if self.kind in ("object", "array") else repr(self.value)
        return f"Node({self.kind}, {self.span.start}..{self.span.end}, {shown})"


class Member(NamedTuple):
    """One key with its value."""

    key: str
    key_span: Span
    value: Node

    @property
    def span(self) -> Span:
        """From the key to the end of the value."""
        return Span(self.key_span.start, max(self.key_span.end, self.value.span.end))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"Member({self.key!r}, {self.value!r})"


@lru_cache(maxsize=256)
def _by_key(node: Node) -> dict[str, Member]:
    """The members of a large object by their names: of several the last."""
    return {member.key: member for member in node.members}


@dataclass(frozen=True, slots=True)
class Leniency:
    r"""One thing in the text that strict JSON does not have.

    ``kind`` is a stable word, ``detail`` what a message needs to name ("before key \"X\""), ``place`` where it stands
    in the structure ("key", "colon", "value", "comma", "end"), which is what readers tell apart.
    """

    kind: str
    span: Span
    detail: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its marks: ``kind`` is ``line``, ``block`` or ``hash``; ``text`` is what stands inside."""

    kind: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reader does with a text: whether it reads it, and the leniencies that make it refuse."""

    accepted: bool
    refusals: tuple[Leniency, ...] = ()

    def __bool__(self) -> bool:
        return self.accepted


class Document:
    """A text that was read, whatever it holds.

    ``root`` is None where the text holds no value at all; ``depth`` is how deep its values nest, the root being 1.
    ``problem`` is a leniency that left (part of) the text unread, or None.
    """

    __slots__ = (
        "_comment_ends",
        "_starts",
        "comments",
        "depth",
        "language",
        "leniencies",
        "problem",
        "root",
        "roots",
        "source",
    )

    def __init__(
        self,
        *,
        source: Source,
        root: Node | None,
        leniencies: tuple[Leniency, ...] = (),
        comments: tuple[Comment, ...] = (),
        language: str = "json",
        problem: Leniency | None = None,
        depth: int = 1,
        roots: tuple[Node, ...] = (),
    ) -> None:
        self.source = source
        self.root = root
        #: The values of all documents of a YAML text; elsewhere the one root, if there is one.
        self.roots = roots or ((root,) if root is not None else ())
        self.leniencies = leniencies
        self.comments = comments
        self.language = language
        self.problem = problem
        self.depth = depth
        self._starts: list[int] | None = None
        self._comment_ends: dict[int, int] | None = None

    @property
    def text(self) -> str:
        """The characters, without a byte order mark; U+FFFD for a byte that is none."""
        return self.source.text

    @property
    def data(self) -> bytes:
        """The bytes as they were given."""
        return self.source.data

    def _line_starts(self) -> list[int]:
        starts = self._starts
        if starts is None:
            starts = self._starts = line_starts(self.text)
        return starts

    def comment_ends(self) -> dict[int, int]:
        """Where the comment that begins at an offset ends."""
        if self._comment_ends is None:
            self._comment_ends = {comment.span.start: comment.span.end for comment in self.comments}
        return self._comment_ends

    def position(self, offset: int) -> Position:
        r"""Line and column of an offset; offsets outside of the text are taken as its nearest end.

        >>> from policy import text
        >>> text.parse('{\n  "a": 1}').position(4)
        Position(line=2, column=3)
        """
        offset = min(max(offset, 0), len(self.text))
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a position; the nearest one where the text has no such place."""
        starts = self._line_starts()
        line = min(max(line, 1), len(starts))
        return min(starts[line - 1] + max(column, 1) - 1, len(self.text))

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line end; empty where there is no such line."""
        starts = self._line_starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    @property
    def containers(self) -> int:
        """How many objects and arrays are nested at the deepest place."""
        return (
            self.depth - 1 if self.depth > 1 else int(self.root is not None and self.root.kind in ("object", "array"))
        )

    @property
    def line_count(self) -> int:
        """How many lines the text has; the empty text has one."""
        return len(self._line_starts())

    def verdict(self, reader: str, version: str | None = None) -> Verdict:
        """What a reader of that version does with this text.

        ``reader`` is ``core``, ``image`` or ``auth-service``; ``version`` that of Orthanc, or the tag of the image or
        of the auth service; None is the newest known.
        Raises UsageError for another reader, UnknownVersion for a version that is none.
        """
        from policy.text import readers

        return readers.verdict(self, reader, version)

    def accepted_by(self, reader: str, version: str | None = None) -> bool:
        """Whether a reader of that version reads this text: see :meth:`verdict`."""
        return self.verdict(reader, version).accepted

    def value_for(self, reader: str, version: str | None = None) -> Any:
        """What that reader reads, as plain Python values.

        Raises SyntaxRefused, with the place of the first refusal, where it refuses.
        """
        from policy.text import readers

        return readers.value_for(self, reader, version)

    def __repr__(self) -> str:
        return f"Document({self.language}, {len(self.text)} characters, {len(self.leniencies)} leniencies)"


def line_starts(text: str) -> list[int]:
    """The offset at which each line begins; CR, LF and CR LF end a line, as in editors."""
    return [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
