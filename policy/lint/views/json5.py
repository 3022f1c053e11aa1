"""What the author of a text meant that no reader takes: whether it is JSON5, which looks like JSON and is none."""

from __future__ import annotations

from policy.configuration.source import Source
from policy.text import Leniency

_OF_JSON5 = frozenset(
    {"bare-key", "hexadecimal", "leading-point", "plus-sign", "single-quotes", "special-number", "trailing-point"}
)
_LARGEST = 20_000
"""Characters; the package needs seconds for more."""


def meant(source: Source, leniency: Leniency) -> str:
    """A sentence, with a blank before it, that says so where the whole text is JSON5; else nothing."""
    text = source.document.text
    if leniency.kind not in _OF_JSON5 or len(text) > _LARGEST:
        return ""
    import json5

    try:
        json5.loads(text)
    except (ValueError, RecursionError):
        return ""
    return " The text is JSON5 as a whole, which none of the programs that read it takes."
