"""The front door: bytes or characters to a :class:`Document`."""

from __future__ import annotations

import re
from itertools import islice

from policy.text import parser
from policy.text.document import Document, Leniency, Span
from policy.text.source import Source, decode

MOST_SIGNS = 1_200_000
"""Of punctuation and quotes in a text that is read; each may become a value of some hundred bytes."""
_SIGNS = "\"',:;=[]{}/`"


def parse(data: bytes | str) -> Document:
    r"""The document of a JSON text, with everything that people write; never raises, whatever the bytes are.

    A text with more than :data:`MOST_SIGNS` signs is not read, nor one with more mistakes than
    :data:`policy.text.parser.MOST_REPAIRS`; then ``problem`` says where they were too many, or where the first is.

    >>> document = parse(b'{"Name": "A", // a comment\n}')
    >>> document.root.get("Name").value
    'A'
    >>> [leniency.kind for leniency in document.leniencies]
    ['trailing-comma', 'line-comment']
    >>> document.accepted_by("core", "1.12.11"), document.accepted_by("image", "25.9.0")
    (True, False)
    """
    source = decode(data)
    if len(source.text) > MOST_SIGNS and sum(map(source.text.count, _SIGNS)) > MOST_SIGNS:
        return _unread(source, _too_large(source.text))
    parsed = parser.parse(source.text)
    if parsed.given_up is not None:
        return _unread(source, parsed.given_up)
    found = parsed.leniencies
    if source.leniencies:
        found = tuple(sorted((*source.leniencies, *found), key=lambda leniency: leniency.span))
    return Document(
        source=source,
        root=parsed.root,
        leniencies=found,
        comments=parsed.comments,
        depth=parsed.depth,
    )


def _too_large(text: str) -> Leniency:
    last = next(islice(re.finditer(f"[{re.escape(_SIGNS)}]", text), MOST_SIGNS, None)).start()
    return Leniency("too-large", Span(last, last + 1), f"{MOST_SIGNS} brackets, quotes and commas")


def _unread(source: Source, problem: Leniency) -> Document:
    return Document(source=source, root=None, leniencies=(*source.leniencies, problem), comments=(), problem=problem)
