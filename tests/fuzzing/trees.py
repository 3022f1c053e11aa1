"""Changes of JSON and YAML texts that know the tree: members out, twice, swapped, and values from other places."""

from __future__ import annotations

import random
from collections.abc import Sequence

from policy import text
from policy.text import Document, Span

VALUES = (
    "null", "true", "false", "0", "1", "-1", "1.5", "1e400", "99999999999999999999", '""', '"a"', '"*"', '"/"', '"true"',
    '"1"', "[]", "{}", '[""]', "[[]]", '{"": ""}', '["a", "b"]', '"\\u0000"', '"\\ud800"', '"\u00e9"', '"${A}"', "NaN",
)  # fmt: skip
"""Scalars and small values that programs stumble over."""


def changed(chance: random.Random, data: bytes, *, yaml: bool = False, donors: Sequence[str] = ()) -> bytes:
    """The text with one to three changes of its tree; as it is where it has none."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        document = text.parse_yaml(data) if yaml else text.parse(data)
        data = _one(chance, document, donors)
    return data


def _one(chance: random.Random, document: Document, donors: Sequence[str]) -> bytes:
    spans = [node.span for node in document.root.walk()] if document.root is not None else []
    inside: list[Span] = []
    keys: list[Span] = []
    for node in document.root.walk() if document.root is not None else ():
        inside += [member.span for member in node.members]
        inside += [item.span for item in node.items]
        keys += [member.key_span for member in node.members]
    if not spans:
        return document.data
    written = document.source.raw
    span = chance.choice(spans)
    put = chance.choice(donors) if donors and chance.random() < 0.7 else chance.choice(VALUES)
    if inside and chance.random() < 0.6:
        span = chance.choice(inside)
        one = written[span.start : span.end]
        match chance.randint(0, 3):
            case 0:
                put = ""
            case 1:
                put = one + (_between(document, written, span) or ", ") + one
            case 2:
                other = chance.choice(inside)
                put = written[other.start : other.end]
            case 3:
                span = chance.choice(keys or inside)
                put = chance.choice([written[key.start : key.end] for key in keys] or ['"a"'])
    return document.source.encode(written[: span.start] + put + written[span.end :])


def _between(document: Document, written: str, span: Span) -> str:
    """What stands between two members on lines of their own, in YAML."""
    if document.language == "json":
        return ", "
    line = written.rfind("\n", 0, span.start) + 1
    blanks = written[line : span.start]
    return "\n" + blanks if not blanks.strip(" -") else ""
