"""Fixes that several rules give: rename a key, replace a value, remove a member, an item or a stretch of text.

Each gives None where the value does not stand as such in a file that can be edited: a default, a variable of the process,
a text in which variables were replaced before it was read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from policy.configuration.setting import Entry, Setting
from policy.configuration.source import Kind, Source
from policy.errors import PolicyError
from policy.lint.finding import Fix
from policy.records import replace

if TYPE_CHECKING:
    from policy.text import Node, Span
    from policy.text.edits import Edit

Path = tuple[int, ...]
"""The way to a value: indexes of members and items."""


def rename_key(entry: Entry, name: str) -> Fix | None:
    """Call the key ``name``; unsafe, because the option then has an effect."""
    member = _member(entry)
    if member is None:
        return None
    source, target = member
    return _fix(
        source, f"Rename {entry.key} to {name}", lambda edits: edits.rename(source.document, target, name), safe=False
    )


def replace_value(setting: Setting, value: Any, title: str, *, safe: bool) -> Fix | None:
    """Write ``value`` in place of ``setting``."""
    found = _node(setting)
    if found is None:
        return None
    source, target = found
    return _fix(source, title, lambda edits: edits.replace(source.document, target, value), safe=safe)


def remove_member(entry: Entry, title: str, *, safe: bool) -> Fix | None:
    """Remove the key with its value."""
    member = _member(entry)
    if member is None:
        return None
    source, target = member
    return _fix(source, title, lambda edits: edits.remove(source.document, target), safe=safe)


def remove_item(setting: Setting, title: str, *, safe: bool) -> Fix | None:
    """Remove the item from its list."""
    found = _node(setting)
    if found is None:
        return None
    source, target = found
    return _fix(source, title, lambda edits: edits.remove(source.document, target), safe=safe)


def add_member(container: Setting, key: str, value: Any, title: str, *, safe: bool) -> Fix | None:
    """Add a key at the end of an object."""
    found = _node(container)
    if found is None:
        return None
    source, target = found
    return _fix(source, title, lambda edits: edits.insert(source.document, target, value, key=key), safe=safe)


def add_item(container: Setting, value: Any, title: str, *, safe: bool) -> Fix | None:
    """Add an item at the end of a list."""
    found = _node(container)
    if found is None:
        return None
    source, target = found
    return _fix(source, title, lambda edits: edits.insert(source.document, target, value), safe=safe)


def remove_text(source: Source, span: Span, title: str, *, safe: bool) -> Fix | None:
    """Remove the characters at ``span``, a place of the file."""
    from policy.text import EmbeddedDocument

    document = source.document
    inside = document.inside(span) if isinstance(document, EmbeddedDocument) else span
    if inside is None:
        return None
    return _fix(source, title, lambda edits: edits.replace_text(document, inside, ""), safe=safe)


def _fix(source: Source, title: str, change: Callable[[ModuleType], list[Edit]], *, safe: bool) -> Fix | None:
    from policy.text import EmbeddedDocument, edits

    if isinstance(source.document, EmbeddedDocument) and source.document.replaced:
        return None  # what was put in for variables would be written into the file
    try:
        made = tuple(change(edits))
    except PolicyError:
        return None
    if source.kind is Kind.COMPOSE and any("$" in edit.text for edit in made):
        return None  # Compose would take it for a variable
    return Fix(title, safe, ((source, made),))


def _node(setting: Setting) -> tuple[Source, Path] | None:
    """The way to the value as it stands in its file, if it does."""
    source, span = setting.origin.source, setting.origin.span
    if source is None or span is None:
        return None
    source = _holder(source, span)
    path = _way(source.document.root, span.start, lambda node: node.span == span and _holds(node, setting))
    return (source, path) if path is not None else None


def _holds(node: Node, setting: Setting) -> bool:
    """Whether the value stands there alone: one of several items in a variable has the place of the whole variable."""
    return node.kind == setting.kind and (node.kind in ("object", "array") or node.value == setting.value)


def _member(entry: Entry) -> tuple[Source, Path] | None:
    """The way to the member as it stands in its file, if it does."""
    source, span = entry.key_origin.source, entry.key_origin.span
    if source is None or span is None:
        return None
    source = _holder(source, span)
    root = source.document.root
    path = _way(root, span.start, lambda node: _index(node, span.start, exact=True) is not None)
    holder = _at(root, path) if path is not None else None
    index = _index(holder, span.start, exact=True) if holder is not None else None
    return (source, (*path, index)) if path is not None and index is not None else None


def _holder(source: Source, span: Span) -> Source:
    """The file or, where the place lies in a text that a YAML file holds (a variable, a ConfigMap), that text."""
    document = source.document
    if document.language != "yaml":
        return source
    from policy.text import embedded

    for root in document.roots:
        path = _way(root, span.start, lambda node: node.kind == "string" and _around(node, span))
        node = _at(root, path) if path is not None else None
        if node is not None:
            return replace(source, document=embedded(document, node))
    return source


def _around(node: Node, span: Span) -> bool:
    return node.span.start < span.start and span.end <= node.span.end and node.span != span


def _way(root: Node | None, at: int, wanted: Callable[[Node], bool]) -> Path | None:
    """From the root down to the node that is wanted, always into the child around the offset ``at``."""
    path: list[int] = []
    node = root
    while node is not None and not wanted(node):
        index = _index(node, at)
        if index is None:
            return None
        path.append(index)
        node = node.members[index].value if node.kind == "object" else node.items[index]
    return tuple(path) if node is not None else None


def _index(node: Node, at: int, *, exact: bool = False) -> int | None:
    """The index of the member or item that begins at the offset or, if not ``exact``, last before it."""
    if node.kind == "object":
        index = bisect_right(node.members, at, key=lambda member: member.key_span.start) - 1
        found = index >= 0 and (not exact or node.members[index].key_span.start == at)
    else:
        index = bisect_right(node.items, at, key=lambda item: item.span.start) - 1
        found = index >= 0 and not exact
    return index if found else None


def _at(root: Node | None, path: Path) -> Node | None:
    node = root
    for index in path:
        if node is not None:
            node = node.members[index].value if node.kind == "object" else node.items[index]
    return node
