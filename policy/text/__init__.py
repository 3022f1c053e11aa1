"""Texts as trees with places: JSON as people write it, YAML, who reads what, and edits that keep all else.

``parse`` and ``parse_yaml`` take any bytes; the tree, the leniencies and the verdict of each reader come with the
:class:`Document`.
"""

from __future__ import annotations

from policy.text.document import Comment, Document, Leniency, Member, Node, Position, Span, Verdict
from policy.text.embedding import EmbeddedDocument, embedded
from policy.text.parsing import parse
from policy.text.yaml_parsing import parse_yaml

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
