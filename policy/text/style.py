"""How a text is written: its line ends and indentation, and values in the same hand."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from policy.regex import regex
from policy.text.document import Document, Node, Span

_INDENTATION = regex(r"[ \t]*")
_PLAIN = regex(r"[A-Za-z_/.][\w./@+-]*(?::[\w./@+-]+)*\Z")
_NOT_PLAIN = regex(r"(?i:true|false|null|yes|no|on|off|y|n|~|\.inf|\.nan)\Z|[-+.0-9]")


@lru_cache(maxsize=8)  # a large file that has many findings is asked for each of their fixes
def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


class Style:
    """The hand in which a document is written."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.line_end = _line_end(self.text)

    def indentation_at(self, offset: int) -> str:
        """The blanks at the head of the line of an offset."""
        start = self.document.offset(self.document.position(offset).line)
        found = _INDENTATION.match(self.text, start, max(offset, start))
        return found[0] if found else ""

    def unit(self) -> str:
        """One step of indentation: a tab in texts that use it, else the blanks of the first line that is indented."""
        found = re.search(r"[\r\n]([ \t]+)\S", self.text)
        if found is None:
            return "  "
        return "\t" if found[1].startswith("\t") else found[1][:8]

    def spreads(self, node: Node, spans: Sequence[Span]) -> bool:
        """Whether the members of an object or array stand on lines of their own."""
        start, end = node.span
        if spans:
            return any(sign in "\r\n" for sign in self.text[start : spans[0].start])
        inside = self.text[start:end]
        return "\n" in inside or "\r" in inside

    def inner_indentation(self, node: Node, spans: Sequence[Span]) -> str:
        """The blanks before a member."""
        if spans:
            return self.indentation_at(spans[0].start)
        return self.indentation_at(node.span.start) + self.unit()

    def value(self, value: Any, indentation: str, *, one_line: bool = False, old: Node | None = None) -> str:
        """The text of a value; objects spread over lines in texts that do so themselves."""
        if self.document.language == "yaml":
            written = self.text[old.span.start : old.span.end] if old is not None else '"'
            return scalar_text(value, written) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        flat = json.dumps(value, ensure_ascii=False)
        nested = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict | list) for v in value))
        if not nested or not value or one_line or not ("\n" in self.text or "\r" in self.text):
            return flat
        lines = json.dumps(value, ensure_ascii=False, indent=self.unit()).split("\n")
        return (self.line_end + indentation).join(lines)


def scalar_text(value: str, written: str) -> str:
    """A string as YAML writes it, in the style of another scalar where that can hold it."""
    printable = value.isprintable()
    if written.startswith("'") and printable:
        return "'" + value.replace("'", "''") + "'"
    plain = not written.startswith(('"', "'")) and _PLAIN.match(value) and not _NOT_PLAIN.match(value)
    return value if plain else json.dumps(value, ensure_ascii=False)
