"""Fixes in permissions.json and anonymous-profile.json, where rules hold nodes and members of the text.

Each gives None where the text cannot take the change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from policy.errors import PolicyError
from policy.lint.finding import Fix
from policy.text import edits

if TYPE_CHECKING:
    from policy.configuration.source import Source
    from policy.text import Member, Node


def rename_member(source: Source, member: Member, key: str, *, safe: bool = False) -> Fix | None:
    """Call the key of ``member`` ``key``."""
    return _fix(source, f"Rename it to {key}", lambda: edits.rename(source.document, member, key), safe=safe)


def replace_node(source: Source, node: Node, value: Any, title: str, *, safe: bool = False) -> Fix | None:
    """Write ``value`` in the place of ``node``."""
    return _fix(source, title, lambda: edits.replace(source.document, node, value), safe=safe)


def remove_nodes(source: Source, targets: tuple[Member | Node, ...], title: str, *, safe: bool = False) -> Fix | None:
    """Take members or items out."""
    return _fix(source, title, lambda: edits.remove(source.document, *targets), safe=safe)


def insert_node(
    source: Source, container: Node, value: Any, title: str, *, key: str | None = None, safe: bool = False
) -> Fix | None:
    """Add an item to a list, or a member to an object, at its end."""
    return _fix(source, title, lambda: edits.insert(source.document, container, value, key=key), safe=safe)


def insert_members(
    source: Source, container: Node, values: Mapping[str, Any], title: str, *, safe: bool = False
) -> Fix | None:
    """Add members to an object that has some, at its end, in their order."""
    if not container.members:
        return None

    def make() -> list[Any]:
        return [
            edit for key, value in values.items() for edit in edits.insert(source.document, container, value, key=key)
        ]

    return _fix(source, title, make, safe=safe)


def _fix(source: Source, title: str, make: Callable[[], list[Any]], *, safe: bool) -> Fix | None:
    try:
        return Fix(title, safe, ((source, tuple(make())),))
    except PolicyError:
        return None
