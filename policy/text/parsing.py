"""The front door: bytes or characters to a :class:`Document`."""

from __future__ import annotations

from policy.text import parser
from policy.text.document import Document
from policy.text.source import decode


def parse(data: bytes | str) -> Document:
    r"""The document of a JSON text, with everything that people write; never raises, whatever the bytes are.

    >>> document = parse(b'{"Name": "A", // a comment\n}')
    >>> document.root.get("Name").value
    'A'
    >>> [leniency.kind for leniency in document.leniencies]
    ['trailing-comma', 'line-comment']
    >>> document.accepted_by("core", "1.12.11"), document.accepted_by("image", "25.9.0")
    (True, False)
    """
    source = decode(data)
    parsed = parser.parse(source.text)
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
