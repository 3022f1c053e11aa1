"""Fixes that several rules give: rename a key, replace a value, remove a member, an item or a stretch of text.

Each gives None where the value does not stand as such in a file that can be edited: a default, a variable of the process,
a text in which variables were replaced before it was read.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from policy.configuration.setting import Entry, Origin, Setting
from policy.configuration.source import Source
from policy.errors import PolicyError
from policy.lint.finding import Fix

if TYPE_CHECKING:
    from policy.text import Member, Node, Span
    from policy.text.edits import Edit


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
    """Remove the characters at ``span``."""
    return _fix(source, title, lambda edits: edits.replace_text(source.document, span, ""), safe=safe)


def _fix(source: Source, title: str, change: Callable[[ModuleType], list[Edit]], *, safe: bool) -> Fix | None:
    from policy.text import edits

    try:
        return Fix(title, safe, ((source, tuple(change(edits))),))
    except PolicyError:
        return None


def _node(setting: Setting) -> tuple[Source, Node] | None:
    """The value as it stands in its file, if it does."""
    source, span = setting.origin.source, setting.origin.span
    if source is None or span is None or source.document.root is None:
        return None
    for node in source.document.root.walk():
        if node.span == span and node.kind == setting.kind:
            return source, node
    return None


def _member(entry: Entry) -> tuple[Source, Member] | None:
    """The member as it stands in its file, if it does."""
    origin: Origin = entry.key_origin
    if origin.source is None or origin.span is None or origin.source.document.root is None:
        return None
    for node in origin.source.document.root.walk():
        for member in node.members:
            if member.key_span == origin.span and member.key == entry.key:
                return origin.source, member
    return None
