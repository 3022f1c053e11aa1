"""YAML as the same tree: ruamel.yaml's events, with the place of every key and value.

YAML 1.2, and nothing of it makes an object: a tag beyond the plain ones is only noted.
Aliases and merges are followed; what would grow without end is cut off and said.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from policy.records import dataclass, field
from policy.text.document import Comment, Document, Leniency, Member, Node, Span
from policy.text.source import Source, decode

#: A document that says more than this many values, aliases followed, is taken for an attack.
LARGEST = 200_000
#: The longest text that is read, in characters: ruamel.yaml takes some two seconds for a million.
LONGEST = 4_000_000
#: Deeper nesting than any deployment has; ruamel.yaml takes quadratic time for it.
DEEPEST = 500

_BRACKET = re.compile(r"[\[\]{}]")
_COMMENT = re.compile(r"(?:^|(?<=[ \t\r\n]))#[^\r\n]*", re.MULTILINE)
_PLAIN_TAGS = frozenset({"str", "int", "float", "bool", "null", "map", "seq", "merge"})
_CORE = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"([-+]?)(0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_INFINITY = re.compile(r"([-+]?)\.(?:inf|Inf|INF)\Z")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}


def parse_yaml(data: bytes | str) -> Document:
    r"""The document of a YAML text, whose root is the first one of several; never raises, whatever the bytes are.

    ``problem`` says where and why the text is no YAML; the tree then holds what stands before that place.

    >>> document = parse_yaml("services:\n  orthanc: {image: orthancteam/orthanc:25.9.0}\n")
    >>> image = document.root.get("services").get("orthanc").get("image")
    >>> image.value, document.position(image.span.start)
    ('orthancteam/orthanc:25.9.0', Position(line=2, column=20))
    """
    source = decode(data)
    reader = _Reader(source)
    reader.run()
    found = tuple(sorted((*source.leniencies, *reader.notes), key=lambda note: note.span))
    return Document(
        source=source,
        root=reader.root,
        leniencies=found,
        comments=tuple(reader.comments()),
        language="yaml",
        problem=reader.problem,
        depth=reader.depth,
        roots=tuple(reader.roots),
    )


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being read."""

    kind: str
    start: int
    flow: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    merges: list[tuple[Node, Span]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    key: tuple[str, Span, bool] | None = None
    size: int = 1


class _Reader:
    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.notes: list[Leniency] = []
        self.problem: Leniency | None = None
        self.root: Node | None = None
        self.roots: list[Node] = []
        self.depth = 1
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.scalars: list[Span] = []
        self.size = 0

    # -- the run -----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        if len(self.text) > LONGEST:
            self._stop("too-large", Span(0, 0), f"{LONGEST} characters")
            return
        if (offset := _too_deep(self.text)) is not None:
            self._stop("deep-nesting", Span(offset, offset + 1), f"{DEEPEST} levels")
            return
        try:
            self._read(_events(self.text))
        except Exception as error:
            # ruamel.yaml lets errors of every type out of broken texts.
            self._fail(error)
        while self.open:
            self._close(self.open[-1].start)

    def _fail(self, error: Exception) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        offset = getattr(mark, "index", None)
        if offset is None:
            position = getattr(error, "position", None)
            offset = position if isinstance(position, int) else len(self.text)
        offset = min(max(offset, 0), len(self.text))
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
        self._stop("yaml-syntax", Span(offset, min(offset + 1, len(self.text))), " ".join(str(said).split())[:200])

    def _stop(self, kind: str, span: Span, detail: str = "") -> None:
        note = Leniency(kind, span, detail)
        self.notes.append(note)
        if self.problem is None:
            self.problem = note

    def _read(self, events: Iterator[Any]) -> None:
        for event in events:
            name = type(event).__name__
            if name == "ScalarEvent":
                self._scalar(event)
            elif name in ("MappingStartEvent", "SequenceStartEvent"):
                if len(self.open) >= DEEPEST:
                    self._stop("deep-nesting", Span(event.start_mark.index, event.end_mark.index), f"{DEEPEST} levels")
                    return
                self._begin(event, "object" if name.startswith("M") else "array")
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                self._close(event.end_mark.index)
            elif name == "AliasEvent":
                self._alias(event)
            elif name == "DocumentStartEvent" and self.root is not None:
                if len(self.roots) == 1:
                    span = Span(event.start_mark.index, event.end_mark.index)
                    self.notes.append(Leniency("several-documents", span))
                self.anchors.clear()
            if self.size > LARGEST:
                self._stop("too-large", Span(event.start_mark.index, event.end_mark.index), f"{LARGEST} values")
                return

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _begin(self, event: Any, kind: str) -> None:
        self._tag(event)
        anchor = _text_of(event.anchor)
        if anchor is not None:
            self.anchors[anchor] = None
        start = self._after_properties(event.start_mark.index)
        self.open.append(_Open(kind, start, bool(event.flow_style), anchor))

    def _close(self, end: int) -> None:
        done = self.open.pop()
        if done.key is not None:
            self._add_to(done, Node("missing", Span(done.key[1].end, done.key[1].end)), 1)
        if not done.flow:
            inner = done.items[-1].span.end if done.items else done.start
            if done.members:
                inner = done.members[-1].span.end
            end = max(inner, done.start)
        members = self._merged(done) if done.merges else tuple(done.members)
        node = Node(done.kind, Span(done.start, max(end, done.start)), None, members, tuple(done.items))
        self.depth = max(self.depth, len(self.open) + (2 if members or done.items else 1))
        if done.anchor is not None:
            self.anchors[done.anchor] = (node, done.size)
        self._add(node, done.size)

    def _merged(self, done: _Open) -> tuple[Member, ...]:
        """The members with those that ``<<`` brings in: one's own win, then the first mapping named."""
        have = {member.key for member in done.members}
        brought: list[Member] = []
        for node, span in done.merges:
            sources = node.items if node.kind == "array" else (node,)
            for mapping in sources:
                if mapping.kind != "object":
                    self.notes.append(Leniency("bad-merge", span, mapping.kind))
                    continue
                for member in mapping.members:
                    if member.key not in have:
                        have.add(member.key)
                        brought.append(member)
        return (*brought, *done.members)

    def _scalar(self, event: Any) -> None:
        tag = self._tag(event)
        start, end = event.start_mark.index, event.end_mark.index
        start = self._after_properties(start, end)
        if start == end and event.style is None:
            start = end = self._place_of_nothing(start)
        written = self.text[start:end]
        end = start + len(written.rstrip()) if event.style in ("|", ">", None) else end
        span = Span(start, end)
        self.scalars.append(span)
        if tag is None:
            tag = "str" if event.style is not None else None
        node = _scalar_node(str(event.value), span, tag)
        anchor = _text_of(event.anchor)
        if anchor is not None:
            self.anchors[anchor] = (node, 1)
        merge = event.style is None and event.value == "<<" and event.tag is None
        self._add(node, 1, merge=merge)

    def _alias(self, event: Any) -> None:
        name = _text_of(event.anchor) or ""
        span = Span(event.start_mark.index, event.end_mark.index)
        if name not in self.anchors:
            self._stop("unknown-alias", span, name)
            known: tuple[Node, int] | None = None
        else:
            known = self.anchors[name]
            if known is None:
                self._stop("alias-loop", span, name)
        node, size = known or (Node("missing", span), 1)
        self._add(node, size, used=span)

    def _add(self, node: Node, size: int, *, used: Span | None = None, merge: bool = False) -> None:
        self.size += size if used else 1
        if not self.open:
            self.root = node if self.root is None else self.root
            self.roots.append(node)
            return
        into = self.open[-1]
        into.size += size
        if into.kind == "array":
            into.items.append(node)
        elif into.key is None:
            name = node.value if isinstance(node.value, str) else self.text[node.span.start : node.span.end]
            into.key = (str(name), used or node.span, merge)
        else:
            self._add_to(into, node, size)

    def _add_to(self, into: _Open, node: Node, size: int) -> None:
        assert into.key is not None  # noqa: S101 - the caller saw it
        name, span, merge = into.key
        into.key = None
        if merge:
            into.merges.append((node, span))
            self.size += size
            return
        if name in into.names:
            self.notes.append(Leniency("duplicate-key", span, name))
        into.names.add(name)
        into.members.append(Member(name, span, node))

    # -- details -----------------------------------------------------------------------------------------------------

    def _tag(self, event: Any) -> str | None:
        tag = _text_of(getattr(event, "tag", None))
        if tag is None or tag == "!":
            return "str" if tag == "!" else None
        name = tag.removeprefix("!!").removeprefix(_CORE)
        if name in _PLAIN_TAGS:
            return name
        self.notes.append(Leniency("tag", Span(event.start_mark.index, event.start_mark.index + len(tag)), tag))
        return None

    def _after_properties(self, start: int, end: int | None = None) -> int:
        """The offset behind an anchor and a tag, and the blanks after them."""
        text = self.text
        limit = len(text) if end is None else end
        at = start
        while at < limit and text[at] in "&!":
            while at < limit and not text[at].isspace():
                at += 1
            while at < limit and text[at].isspace():
                at += 1
        return at if at < limit or end is None else start

    def _place_of_nothing(self, offset: int) -> int:
        """Where an empty value would stand: behind its colon, or behind the last thing before it."""
        into = self.open[-1] if self.open else None
        if into is not None and into.key is not None:
            key_end = into.key[1].end
            colon = self.text.find(":", key_end, max(offset, key_end) + 1)
            return colon + 1 if colon >= 0 else key_end
        while offset > 0 and self.text[offset - 1].isspace():
            offset -= 1
        return offset

    def comments(self) -> Iterator[Comment]:
        """The comments: each ``#`` after a blank that stands in no scalar."""
        starts = [span.start for span in self.scalars]
        for found in _COMMENT.finditer(self.text):
            index = bisect_right(starts, found.start()) - 1
            if index >= 0 and found.start() < self.scalars[index].end:
                head = self.text.find("\n", starts[index])
                if self.text[starts[index]] not in "|>" or 0 <= head < found.start():
                    continue
            yield Comment("hash", Span(*found.span()), found[0][1:])


def _too_deep(text: str) -> int | None:
    """Where brackets nest too deeply to be tried: counted roughly, since quotes and comments do not matter here."""
    depth = 0
    for found in _BRACKET.finditer(text):
        depth = depth + 1 if found[0] in "[{" else max(depth - 1, 0)
        if depth > DEEPEST:
            return found.start()
    return None


def _events(text: str) -> Iterator[Any]:
    from policy.text.yaml_scanning import events  # ruamel.yaml takes a while to import

    yield from events(text)


def _text_of(value: Any) -> str | None:
    return None if value is None else str(value)


def _scalar_node(value: str, span: Span, tag: str | None) -> Node:
    if tag == "str":
        return Node("string", span, value)
    if value in _WORDS and tag in (None, "bool", "null"):
        word = _WORDS[value]
        return Node("null" if word is None else "boolean", span, word)
    if tag in (None, "int", "float"):
        number = _number(value)
        if number is not None:
            return Node("number", span, number)
    return Node("string", span, value)


def _number(value: str) -> int | float | None:
    if len(value) > 400:
        return None
    whole = _INTEGER.match(value)
    if whole is not None:
        sign, digits = whole.groups()
        base = {"0o": 8, "0x": 16}.get(digits[:2], 10)
        number = int(digits[2:] if base != 10 else digits, base)
        return -number if sign == "-" else number
    if _FLOAT.match(value) is not None:
        return float(value)
    infinite = _INFINITY.match(value)
    if infinite is not None:
        return float("-inf" if infinite[1] == "-" else "inf")
    return float("nan") if value in (".nan", ".NaN", ".NAN") else None
