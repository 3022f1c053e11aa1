"""Texts as trees with places: JSON as people write it, YAML, who reads what, and edits that keep all else.

``parse`` and ``parse_yaml`` take any bytes; the tree, the leniencies and the verdict of each reader come with the
:class:`Document`.
What only YAML needs loads when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from policy.text.document import Comment, Document, Leniency, Member, Node, Position, Span, Verdict
from policy.text.parsing import parse

if TYPE_CHECKING:
    from policy.text.embedding import EmbeddedDocument, embedded
    from policy.text.yaml_parsing import parse_yaml

_HOMES = {
    "EmbeddedDocument": "policy.text.embedding",
    "embedded": "policy.text.embedding",
    "parse_yaml": "policy.text.yaml_parsing",
}

__all__ = [
    "Comment",
    "Document",
    "EmbeddedDocument",
    "Leniency",
    "Member",
    "Node",
    "Position",
    "Span",
    "Verdict",
    "embedded",
    "parse",
    "parse_yaml",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'policy.text' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
