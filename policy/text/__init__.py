"""Texts as trees with places: JSON as people write it, YAML, who reads what, and edits that keep all else."""

from __future__ import annotations

from policy.text.document import Comment, Document, Leniency, Member, Node, Position, Span, Verdict
from policy.text.parsing import parse

__all__ = ["Comment", "Document", "Leniency", "Member", "Node", "Position", "Span", "Verdict", "parse"]
