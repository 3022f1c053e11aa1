r"""Changes to a text that keep all else: comments, order, indentation, line ends, byte order mark.

A change is a list of :class:`Edit`; edits of several changes go together as long as they do not overlap.
Targets are paths (``("Authorization", "TokenHttpHeaders", 0)``), or members and nodes of the document itself.

>>> from policy import text
>>> from policy.text import edits
>>> document = text.parse('{\n  "Name": "A", // mine\n  "Port": 1\n}\n')
>>> change = [*edits.replace(document, ("Port",), 2), *edits.insert(document, (), "x", key="New", after="Name")]
>>> print(edits.apply(document, change).decode())
{
  "Name": "A", // mine
  "New": "x",
  "Port": 2
}
<BLANKLINE>
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from policy.errors import PolicyError, UsageError
from policy.text.document import Document, Member, Node, Span
from policy.text.embedding import EmbeddedDocument
from policy.text.parsing import parse
from policy.text.style import Style, scalar_text
from policy.text.yaml_parsing import parse_yaml
from policy.tuples import NamedTuple

Path = Sequence[str | int]
Target = Path | Member | Node


class EditRefused(PolicyError):
    """A change that cannot be made without touching more than was asked."""


class Edit(NamedTuple):
    """One stretch of the text and what stands there afterwards.

    For JSON that is held in another text both count in the JSON alone: see :func:`outside`.
    """

    span: Span
    text: str


class _Place(NamedTuple):
    """A value with what it is in: the container, and the index there."""

    node: Node
    container: Node | None
    at: int


# -- changes ---------------------------------------------------------------------------------------------------------


def replace(document: Document, target: Target, value: Any) -> list[Edit]:
    """Another value in the place of one. Raises UsageError where the target is not in the document."""
    own = _own(document)
    place = _find(document, target)
    style = Style(own)
    span = place.node.span
    written = style.value(value, style.indentation_at(span.start), old=place.node)
    if place.node.kind == "missing" or span.start == span.end:
        at = span.start + own.text.startswith(" ", span.start)
        blank = "" if own.text[at - 1 : at].isspace() else " "
        return [Edit(Span(at, at), blank + written)]
    return [Edit(span, written)]


def rename(document: Document, target: Target, key: str) -> list[Edit]:
    """Another key for a member. Raises UsageError where the target is no member of the document."""
    own = _own(document)
    place = _find(document, target)
    if place.container is None or place.container.kind != "object":
        raise UsageError("only a member of an object has a key")
    span = place.container.members[place.at].key_span
    if own.language == "yaml":
        return [Edit(span, scalar_text(key, own.text[span.start : span.end]))]
    return [Edit(span, json.dumps(key, ensure_ascii=False))]


def remove(document: Document, *targets: Target) -> list[Edit]:
    """Members and elements taken out, each with its comma; comments stay.

    What leaves the same object or array together must be named together.
    """
    own = _own(document)
    groups: dict[int, tuple[Node, set[int]]] = {}
    for target in targets:
        place = _find(document, target)
        if place.container is None:
            raise EditRefused("the whole document cannot be removed")
        groups.setdefault(id(place.container), (place.container, set()))[1].add(place.at)
    found: list[Edit] = []
    for container, indexes in groups.values():
        _check(own, container)
        found.extend(_removals(own, container, indexes))
    return found


def insert(
    document: Document,
    container: Target,
    value: Any,
    *,
    key: str | None = None,
    before: str | int | None = None,
    after: str | int | None = None,
) -> list[Edit]:
    """A new member (with ``key``) or element, before or after one that is named by key or index, else at the end.

    Raises UsageError where the container is no object or array, or has no such key or index.
    """
    own = _own(document)
    node = _find(document, container).node
    if node.kind not in ("object", "array") or (node.kind == "object") != (key is not None):
        raise UsageError("a member needs an object and a key, an element an array and no key")
    _check(own, node)
    spans = _spans(node)
    index = len(spans)
    if before is not None:
        index = _index(node, before)
    elif after is not None:
        index = _index(node, after) + 1
    style = Style(own)
    several_lines = style.spreads(node, spans)
    indentation = style.inner_indentation(node, spans) if several_lines else None
    written = style.value(value, indentation or "", one_line=not several_lines)
    if key is not None:
        written = f"{json.dumps(key, ensure_ascii=False)}: {written}"
    gap = style.line_end + indentation if indentation is not None else " "
    if not spans:
        return _first(own, node, written, gap if indentation is not None else "")
    if index == 0:
        at = _after_trivia(own, node.span.start + 1, same_line=True) if several_lines else node.span.start + 1
        lead = gap if several_lines else ""
        return [Edit(Span(at, at), f"{lead}{written}," if several_lines else f"{written}, ")]
    end = spans[index - 1].end
    comma = _comma(own, end, spans[index].start if index < len(spans) else node.span.end - 1)
    if comma is None:
        at = _after_trivia(own, end, same_line=True) if several_lines else end
        if at == end:
            return [Edit(Span(at, at), f",{gap}{written}")]
        return [Edit(Span(end, end), ","), Edit(Span(at, at), f"{gap}{written}")]
    at = _after_trivia(own, comma + 1, same_line=True) if several_lines else comma + 1
    return [Edit(Span(at, at), f"{gap}{written},")]


def replace_text(document: Document, span: Span, text: str) -> list[Edit]:
    """Other characters in the place of some. Raises UsageError where the span does not lie in the text."""
    if not 0 <= span.start <= span.end <= len(_own(document).text):
        raise UsageError(f"characters {span.start} to {span.end} are not in the text")
    return [Edit(Span(*span), text)]


# -- applying --------------------------------------------------------------------------------------------------------


def apply(document: Document, edits: Iterable[Edit]) -> bytes:
    """The bytes of the whole file after the edits. Raises EditRefused where they overlap.

    For JSON held in another text the bytes are those of the outer file.
    """
    if isinstance(document, EmbeddedDocument):
        edits = list(edits)
        return apply(document.outer, [outside(document, edits)] if edits else [])
    raw = document.source.raw
    parts: list[str] = []
    at = 0
    for span, text in _ordered(document, edits):
        parts.append(raw[at : span.start])
        parts.append(text)
        at = span.end
    parts.append(raw[at:])
    return document.source.encode("".join(parts))


def edited(document: Document, edits: Iterable[Edit]) -> Document:
    """The document after the edits, read again; for JSON in another text the outer document."""
    outer = document
    while isinstance(outer, EmbeddedDocument):
        outer = outer.outer
    data = apply(document, edits)
    return parse_yaml(data) if outer.language == "yaml" else parse(data)


def outside(document: EmbeddedDocument, edits: Iterable[Edit]) -> Edit:
    """The one edit of the outer text that does the same as edits of the JSON in it.

    Raises EditRefused where the scalar cannot hold the new text in the way it is written.
    """
    if document.replaced:
        raise EditRefused("variables were replaced in this text", help="Change it by hand.")
    inner = document.inner.text
    parts: list[str] = []
    at = 0
    for span, text in _ordered(document.inner, edits):
        parts.append(inner[at : span.start])
        parts.append(text)
        at = span.end
    parts.append(inner[at:])
    span = document.node.span
    text = _as_scalar("".join(parts), document.outer.text[span.start : span.end])
    return Edit(span, text)


def _ordered(document: Document, edits: Iterable[Edit]) -> list[Edit]:
    """In the order of the text; insertions at one place keep the order in which they were given."""
    unique: list[Edit] = []
    for edit in edits:
        if edit.span.start == edit.span.end or edit not in unique:
            unique.append(edit)
    unique.sort(key=lambda edit: (edit.span.start, edit.span.end))
    reached = 0
    for edit in unique:
        if edit.span.start < reached:
            line, column = document.position(edit.span.start)
            raise EditRefused("two changes touch the same text", line=line, column=column, help="Make them in turn.")
        reached = edit.span.end
    return unique


def _as_scalar(value: str, written: str) -> str:
    """The text of a scalar that holds a new value, in the style in which the old one is written."""
    sign = written[:1]
    if sign == '"':
        return json.dumps(value, ensure_ascii=False)
    if sign == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if sign == "|":
        header, _, _ = written.partition("\n")
        lines = written.split("\n")[1:]
        indentation = next((re.match(r" *", line)[0] for line in lines if line.strip()), "  ")  # type: ignore[index]
        explicit = re.search(r"[1-9]", header.split("#")[0])
        if explicit is None and value[:1] not in (" ", "\n"):
            line_end = "\r\n" if header.endswith("\r") else "\n"
            body = value.rstrip("\n").split("\n")
            return line_end.join([header.rstrip("\r"), *(indentation + line if line else "" for line in body)])
    styles = {"|": "a literal block with its own indentation", ">": "a folded block", "'": "single quotes"}
    raise EditRefused(
        f"the JSON stands in {styles.get(sign, 'a plain scalar')}, which cannot take this change",
        help="Write it as a literal block (|), or change it by hand.",
    )


# -- where things are ------------------------------------------------------------------------------------------------


def _own(document: Document) -> Document:
    """The document whose text is changed: of JSON held in another text, the JSON."""
    return document.inner if isinstance(document, EmbeddedDocument) else document


def _find(document: Document, target: Target) -> _Place:
    root = _own(document).root
    if root is None:
        raise UsageError("the document holds no value")
    if isinstance(target, Node | Member):
        return _find_object(document, target)
    place = _Place(root, None, 0)
    for step in target:
        node = place.node
        index = _index(node, step)
        inside = node.members[index].value if node.kind == "object" else node.items[index]
        place = _Place(inside, node, index)
    return place


def _find_object(document: Document, target: Node | Member) -> _Place:
    places = _places(document)
    place = places.get(id(target))
    if place is None and isinstance(target, Member):
        place = places.get(id(target.value))
    if place is None:
        raise UsageError("the value is not in this document")
    return place


@lru_cache(maxsize=2)
def _places(document: Document) -> dict[int, _Place]:
    """The places of all members and values by their identity; kept, since a text may be changed at thousands of them."""
    own = _own(document)
    found: dict[int, _Place] = {}
    work = [(document.root, _Place(own.root, None, 0))] if document.root is not None and own.root is not None else []
    while work:
        seen, place = work.pop()
        found.setdefault(id(seen), place)  # an alias in YAML is the node that it names
        node = place.node
        for at, member in enumerate(seen.members):
            found[id(member)] = inside = _Place(node.members[at].value, node, at)
            work.append((member.value, inside))
        work += ((item, _Place(node.items[at], node, at)) for at, item in enumerate(seen.items))
    return found


def _index(node: Node, step: str | int) -> int:
    if node.kind == "object" and isinstance(step, str):
        for index in range(len(node.members) - 1, -1, -1):
            if node.members[index].key == step:
                return index
    elif node.kind == "array" and isinstance(step, int) and -len(node.items) <= step < len(node.items):
        return step % len(node.items)
    elif node.kind == "object" and isinstance(step, int) and 0 <= step < len(node.members):
        return step
    raise UsageError(f"the document has no {step!r} there")


@lru_cache(maxsize=4)
def _spans(node: Node) -> tuple[Span, ...]:
    """Where the members or items stand; kept, since one list may be changed at thousands of places in turn."""
    if node.kind == "object":
        return tuple(member.span for member in node.members)
    return tuple(item.span for item in node.items)


def _check(document: Document, node: Node) -> None:
    """Members go in and out only between real brackets."""
    opener, closer = ("{", "}") if node.kind == "object" else ("[", "]")
    text = document.text
    if text[node.span.start : node.span.start + 1] != opener or text[node.span.end - 1 : node.span.end] != closer:
        line, column = document.position(node.span.start)
        what = "is not written with brackets" if document.language == "yaml" else "is never closed"
        raise EditRefused(f"the {node.kind} {what}", line=line, column=column, help="Change it by hand.")


# -- commas, comments, lines -----------------------------------------------------------------------------------------


def _comma(document: Document, start: int, end: int) -> int | None:
    """Where the comma after a value stands: behind blanks and comments."""
    at = _after_trivia(document, start, same_line=False)
    return at if at < end and document.text[at] in ",;" else None


def _after_trivia(document: Document, offset: int, *, same_line: bool) -> int:
    """The offset behind the comments that follow (of the same line only), without the blanks behind the last one."""
    text, at, reached = document.text, offset, offset
    while True:
        while at < len(text) and (text[at] in " \t" or (not same_line and text[at] in "\r\n")):
            at += 1
        end = document.comment_ends().get(at)
        if end is None:
            return reached if same_line else at
        if same_line and "\n" in text[at:end]:
            return reached
        at = reached = end


def _removals(document: Document, container: Node, indexes: set[int]) -> list[Edit]:
    spans = _spans(container)
    limit = container.span.end - 1
    last = len(spans) - 1

    def comma_after(index: int) -> int | None:
        return _comma(document, spans[index].end, spans[index + 1].start if index < last else limit)

    tail = last + 1
    while tail - 1 in indexes:
        tail -= 1
    found = [_cut(document, container, spans[i], comma_after(i), is_last=i >= tail) for i in sorted(indexes)]
    if last in indexes and comma_after(last) is None:
        kept = next((index for index in range(last, -1, -1) if index not in indexes), None)
        comma = comma_after(kept) if kept is not None else None
        if comma is not None:
            # The comma before what was last; with the blanks behind it, where these lead to what is gone.
            end = comma + 1
            if kept is not None and document.text[end : spans[kept + 1].start].strip(" \t") == "":
                end = min(edit.span.start for edit in found)
            found.append(Edit(Span(comma, max(end, comma + 1)), ""))
    return _joined(found)


def _joined(cuts: list[Edit]) -> list[Edit]:
    """Cuts that overlap, in the blanks between what is cut, as one."""
    joined: list[Edit] = []
    for cut in sorted(cuts):
        if joined and cut.span.start < joined[-1].span.end:
            before = joined.pop()
            end = max(before.span.end, cut.span.end)
            joined.append(Edit(Span(before.span.start, end), before.text + cut.text))
        else:
            joined.append(cut)
    return joined


def _cut(document: Document, container: Node, span: Span, comma: int | None, *, is_last: bool) -> Edit:
    """A member with its comma: the whole line, where nothing else stands on it; else with the blanks beside it."""
    text = document.text
    start, end = span.start, span.end
    pieces_kept = ""
    if comma is not None:
        # Comments between the value and its comma stay.
        between = text[span.end : comma]
        pieces_kept = between if between.strip() else ""
        end = comma + 1
    line_start = document.offset(document.position(start).line)
    before = start
    while before > line_start and text[before - 1] in " \t":
        before -= 1
    alone_before = before == line_start
    after = end
    while after < len(text) and text[after] in " \t":
        after += 1
    alone_after = after >= len(text) or text[after] in "\r\n"
    if pieces_kept:
        return Edit(Span(start, end), pieces_kept)
    if alone_before and alone_after and line_start > container.span.start:
        after += 2 if text.startswith("\r\n", after) else 1 if after < len(text) else 0
        return Edit(Span(line_start, after), "")
    if not is_last or (alone_before and not alone_after):
        return Edit(Span(start, end if alone_after else after), "")
    while start > container.span.start + 1 and text[start - 1] in " \t":
        start -= 1
    return Edit(Span(start, end), "")


def _first(document: Document, node: Node, written: str, gap: str) -> list[Edit]:
    """The first member of an empty object or array."""
    start, end = node.span.start + 1, node.span.end - 1
    inside = document.text[start:end]
    if inside.strip() == "" and not gap:
        return [Edit(Span(start, end), written)]
    at = start + len(inside.rstrip())
    if gap:
        return [Edit(Span(at, at), gap + written)]
    return [Edit(Span(end, end), written)]
