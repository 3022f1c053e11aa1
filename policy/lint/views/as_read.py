"""The text of a file as a reader gets it, after variables were replaced, with the way back to what is written."""

from __future__ import annotations

from collections.abc import Callable

from policy import text
from policy.configuration.source import Source
from policy.configuration.substitution import Environment, by_core, by_script
from policy.knowledge import environment as image
from policy.knowledge.versions import Version
from policy.records import dataclass
from policy.regex import regex
from policy.text import Document, Leniency, Span
from policy.text.embedding import EmbeddedDocument

_PLACEHOLDER = regex(r"\$\{[^{}\n]{0,200}\}|\$\w+")
_NUMBER = regex(r"1{3,}")


@dataclass(frozen=True, slots=True)
class AsRead:
    """A document that a reader gets, and where each stretch of it is written."""

    document: Document
    back: Callable[[Span], Span]
    numbered: bool = False
    """Whether numbers stand in the place of variables."""

    def placed(self, leniency: Leniency) -> Leniency:
        """The leniency with its place in the file."""
        detail = _NUMBER.sub("${...}", leniency.detail) if self.numbered else leniency.detail
        return Leniency(leniency.kind, self.back(leniency.span), detail, leniency.place)


def as_read(source: Source, reader: str, version: Version, environment: Environment | None) -> AsRead:
    """What ``reader`` gets of ``source``.

    Where the environment is not known, or Compose replaces what it finds on the host, a variable counts as some number:
    this is right between quotes, and for a bare value.
    """
    document: Document = source.document
    back: Callable[[Span], Span] = _same
    if isinstance(document, EmbeddedDocument):
        back = document.outside
        document = document.inner
    written = document.text
    if source.variable is not None:
        # In the list form of Compose the scalar holds the name too.
        name = f"{source.variable}="
        seen = " " * len(name) + written[len(name) :] if written.startswith(name) else written
        return AsRead(_parsed(document, _numbered(seen)), back, numbered=True)
    if "$" not in written or (reader == "image" and version < image.FILES_SUBSTITUTED):
        return AsRead(document, back)
    if environment is None:
        return AsRead(_parsed(document, _numbered(written)), back, numbered=True)
    mapped = by_script(document.source.raw, environment) if reader == "image" else by_core(written, environment).mapped
    if mapped.unchanged:
        return AsRead(document, back)
    return AsRead(text.parse(document.source.encode(mapped.text)), lambda span: back(mapped.origin(span)))


def _numbered(written: str) -> str:
    """The text with a number of the same length in place of each variable."""
    return _PLACEHOLDER.sub(lambda match: "1" * len(match[0]), written)


def _parsed(document: Document, seen: str) -> Document:
    return document if seen == document.text else text.parse(seen)


def _same(span: Span) -> Span:
    return span
