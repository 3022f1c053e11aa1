"""What the readers written in Python read: their way to strict JSON, then Python's own ``json``."""

from __future__ import annotations

import json
import re
from typing import Any

from policy.regex import regex
from policy.text.document import Document

#: Python 3.11 and earlier stop near a thousand nested containers; the figure leaves room for the calls around it.
DEEPEST = 990

_STRING = r'"(?:\\.|[^\\"])*"'
_COMMENTS = regex(rf"({_STRING})|//[^\n]*|/\*.*?\*/", re.DOTALL)
_GLUING_COMMENTS = regex(rf"({_STRING})|//[^\n]*\n|/\*.*?\*/", re.DOTALL)
_TRAILING_COMMA = regex(rf"({_STRING})|,\s*([\]}}])", re.DOTALL)


def _characters(document: Document) -> str:
    """The text as Python's text files give it: every line end is a newline, a byte order mark is a character."""
    source = document.source
    if source.encoding != "utf-8" or source.raw != source.text:
        raise ValueError("no UTF-8")
    text = source.text if not source.mark else "\ufeff" + source.text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_strict(document: Document) -> Any:
    """As ``json.load`` reads it; raises ValueError where it refuses."""
    return json.loads(_characters(document))


def read_image(document: Document) -> Any:
    """As the script of the orthancteam image reads it: each comment becomes a blank."""
    return json.loads(_COMMENTS.sub(lambda found: found[1] or " ", _characters(document)))


def read_with_comments(document: Document) -> Any:
    """As json-with-comments reads it: comments vanish, with the line end of a ``//``, then one comma before a bracket.

    What stood on both sides of a comment is glued together: ``1/**/2`` is twelve.
    The blanks between the comma and the bracket vanish with it, whatever kind of blank they are.
    """
    text = _characters(document)
    if not text:
        raise ValueError("empty")
    bare = _GLUING_COMMENTS.sub(lambda found: found[1] or "", text if text.endswith("\n") else text + "\n")
    return json.loads(_TRAILING_COMMA.sub(lambda found: found[1] or found[2], bare))
