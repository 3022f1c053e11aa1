"""Texts on their way to Orthanc: files after the substitution of variables, JSON that a variable holds.

Each gives a tree of settings whose places are those of the file that a person edits.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from policy import text
from policy.configuration.deployment import Variable
from policy.configuration.merging import from_python
from policy.configuration.setting import Means, Origin, Setting
from policy.configuration.source import Kind, Location, Source
from policy.configuration.substitution import UNKNOWN_OPEN, Environment, by_core, by_script
from policy.knowledge.versions import Version
from policy.records import dataclass, field
from policy.text import Document, Span

Place = Callable[[Span], Span]


def _same(span: Span) -> Span:
    return span


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader got from a file."""

    setting: Setting | None
    refused: str | None = None
    """In words, why the reader does not take the text; ``setting`` is then what the author probably meant."""
    place: Location | None = None
    internal_error: Location | None = None
    """A ``${}``, on which the core stops."""


def file_setting(source: Source, reader: str, version: Version, environment: Environment | None) -> Read:
    """What ``reader`` (``image`` or ``core``) of that version reads from a file.

    ``environment`` is None where variables are not replaced, or not known: ``${NAME}`` then stays as it is.
    """
    document, failed = source.document, None
    place: Place = _same
    inside = document.inner if isinstance(document, text.EmbeddedDocument) else document
    outside = document.outside if isinstance(document, text.EmbeddedDocument) else _same
    if environment is not None and "$" in inside.text:
        if reader == "core":
            made = by_core(inside.source.raw, environment)
            mapped, failed = made.mapped, made.internal_error
        else:
            mapped = by_script(inside.source.raw, environment)
        if not mapped.unchanged:
            document = text.parse(inside.source.encode(mapped.text))

            def place(span: Span) -> Span:
                return outside(mapped.origin(span))

    refused, where = _refusal(document, reader, version)
    setting = Setting.from_node(source, document.root, place=place) if document.root is not None else None
    return Read(
        setting,
        refused,
        source.place(place(where)) if where is not None else None,
        source.place(outside(Span(failed, failed + 3))) if failed is not None else None,
    )


def _refusal(document: Document, reader: str, version: Version) -> tuple[str | None, Span | None]:
    verdict = document.verdict(reader, str(version))
    if verdict.accepted:
        return None, None
    first = min(verdict.refusals, key=lambda refusal: refusal.span.start, default=None)
    if first is None:
        return "it is no JSON", None
    return first.kind.replace("-", " "), first.span


@dataclass(frozen=True, slots=True)
class Carried:
    """The text of a variable or secret, with the way back to where it is written."""

    text: str | None
    origin: Origin
    document: Document | None = None
    place: Place = field(default=_same)
    source: Source | None = None
    """The text as a source of its own, where it is written out in a file."""

    @classmethod
    def of_text(cls, value: str, origin: Origin) -> Carried:
        """A text of which only the whole has a place."""
        whole = origin.span or Span(0, 0)
        document = text.parse(value) if value.lstrip().startswith(("{", "[", "/")) else None
        return cls(value, origin, document, lambda _: whole)

    def value(self) -> Setting:
        """What the script takes it for: JSON by Python's reader, else a string."""
        if self.text is None:
            return Setting("string", self.origin, f"${{{self.origin.name}}}", known=False)
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return Setting("string", self.origin, self.text, known=UNKNOWN_OPEN not in self.text)
        if isinstance(value, dict | list):
            tree = self.setting()
            return tree if tree is not None else from_python(value, self.origin)
        return from_python(value, self.origin)

    def setting(self) -> Setting | None:
        """The tree of the text, read as leniently as can be."""
        root = self.document.root if self.document is not None else None
        if root is None or self.origin.source is None:
            return self._without_places()
        return Setting.from_node(self.origin.source, root, self.origin.means, self.origin.name, self.place)

    def _without_places(self) -> Setting | None:
        if self.document is None or self.document.root is None:
            return None
        return from_python(self.document.root.python(), self.origin)

    def refused(self, reader: str, version: Version) -> tuple[str | None, Location | None]:
        """Why that reader does not take the text, in words and place; None: it does."""
        if self.text is None:
            return None, None
        document = self.document if self.document is not None else text.parse(self.text)
        refused, where = _refusal(document, reader, version)
        if where is None or self.origin.source is None:
            return refused, self.origin.location
        return refused, Location(self.origin.source, self.place(where))


def carried(variable: Variable) -> Carried:
    """The text of a variable with the way back to the file that sets it."""
    held = variable.marked if variable.marked is not None else variable.text
    at = variable.value_location
    if at is None:
        return (
            Carried.of_text(held, Origin(Means.VARIABLE, name=variable.name))
            if held is not None
            else Carried(
                None,
                Origin(Means.VARIABLE, variable.name_location.source, variable.name_location.span, variable.name),
            )
        )
    origin = Origin(Means.VARIABLE, at.source, at.span, variable.name)
    if held is None:
        return Carried(None, origin)
    if not held.lstrip().startswith(("{", "[", "/")):
        return Carried(held, origin)
    node = variable.written.node if variable.written is not None else None
    if node is None or node.kind != "string":
        return _from_line(held, origin, at)
    inner = text.embedded(at.source.document, node)
    source = Source(at.source.path, Kind.ORTHANC, inner, at.source.folder, variable.name)
    if held == node.value:
        return Carried(held, origin, inner, _same, source)
    mapped = variable.mapped
    if mapped is None or mapped.text != held:
        return Carried(held, origin, text.parse(held), lambda _: at.span, source)
    return Carried(held, origin, text.parse(held), lambda span: inner.outside(mapped.origin(span)), source)


def _from_line(held: str, origin: Origin, at: Location) -> Carried:
    """A value of a file of variables: its places are those of the line where it is written as it is."""
    written = at.source.document.text[at.span.start : at.span.end]
    document = text.parse(held)
    if written != held:
        return Carried(held, origin, document, lambda _: at.span)
    return Carried(held, origin, document, lambda span: Span(span.start + at.span.start, span.end + at.span.start))
