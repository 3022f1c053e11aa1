"""What an author meant, where the readers refuse: asked of json5, to word a message.

Only for texts that were refused: json5 takes some six milliseconds for a thousand characters.
"""

from __future__ import annotations

import json
from typing import Any

from policy.text.document import Document, Leniency

#: Longer stretches are not asked about.
LONGEST = 2_000
_VALUES = frozenset(
    {
        "bad-escape",
        "control-character",
        "empty-exponent",
        "hexadecimal",
        "leading-point",
        "leading-zeros",
        "numeric-key",
        "plus-sign",
        "sign-then-point",
        "single-quotes",
        "trailing-point",
    }
)


def strict(document: Document, leniency: Leniency) -> str | None:
    """The strict JSON of what stands at a leniency, or None where its meaning is open.

    >>> from policy import text
    >>> document = text.parse("{'mask': 0x10}")
    >>> [strict(document, leniency) for leniency in document.leniencies]
    ['"mask"', '16']
    """
    written = document.text[leniency.span.start : leniency.span.end]
    if leniency.kind in (
        "bare-key",
        "bare-word",
        "backticks",
        "typographic-quotes",
        "unfinished-string",
        "numeric-key",
    ):
        node = _value_at(document, leniency.span.start)
        return None if node is None else json.dumps(node, ensure_ascii=False)
    if leniency.kind == "other-word":
        return {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}.get(
            written.lower(), "null"
        )
    if leniency.kind not in _VALUES or len(written) > LONGEST:
        return None
    value = _json5(written)
    return None if value is None else json.dumps(value, ensure_ascii=False)


def is_json5(document: Document) -> bool:
    """Whether the whole text is JSON5, which no reader of ours reads: it names the mistake in one word."""
    return len(document.text) <= LONGEST and _json5(document.text) is not None


def _value_at(document: Document, offset: int) -> str | None:
    """The key or text that stands at an offset."""
    if document.root is None:
        return None
    for node in document.root.walk():
        if node.kind == "string" and node.span.start == offset and isinstance(node.value, str):
            return node.value
        for member in node.members:
            if member.key_span.start == offset:
                return member.key
    return None


def _json5(written: str) -> Any:
    import json5

    try:
        return json5.loads(written)
    except (ValueError, RecursionError):
        return None
