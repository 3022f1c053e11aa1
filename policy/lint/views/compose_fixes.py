"""Fixes that add a line to a service of a Compose file: a variable, a key.

Each gives None where the service is not written in lines of its own there (brackets, aliases, another file).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.configuration.source import Kind
from policy.lint.finding import Fix
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.text import Document, Member, Node
    from policy.text.edits import Edit


def add_variable(container: Container, name: str, text: str, title: str) -> Fix | None:
    """Set a variable that the container has not; unsafe, since it is there to change what the program does.

    ``text`` is a word that needs no quoting within quotation marks.
    """
    service = _service(container)
    if service is None or name in container.environment:
        return None
    document = container.source.document
    member = service.member("environment")
    if member is None:
        if container.environment:
            return None  # they come from elsewhere, and a list of one's own would replace them
        edit = _below_first(document, service, f'environment:\n  {name}: "{text}"')
    elif member.value.kind == "object":
        edit = _below_key(document, member, _starts(member.value), f'{name}: "{text}"')
    elif member.value.kind == "array":
        edit = _below_key(document, member, _starts(member.value), f"{name}={text}")
    else:
        edit = None
    return _fix(container, edit, title)


def add_key(container: Container, key: str, text: str, title: str) -> Fix | None:
    """Add ``key: text`` to the service; unsafe."""
    service = _service(container)
    if service is None or service.member(key) is not None:
        return None
    return _fix(container, _below_first(container.source.document, service, f"{key}: {text}"), title)


def _fix(container: Container, edit: Edit | None, title: str) -> Fix | None:
    return Fix(title, safe=False, operations=((container.source, (edit,)),)) if edit is not None else None


def _service(container: Container) -> Node | None:
    """The service as it stands in its file, if it is written there in lines."""
    root = container.source.document.root
    services = root.get("services") if root is not None and container.source.kind is Kind.COMPOSE else None
    member = services.member(container.name) if services is not None else None
    if member is None or member.value.kind != "object" or not member.value.members:
        return None
    # The value of an alias stands elsewhere, before its name.
    return member.value if member.value.members[0].key_span.start > member.key_span.end else None


def _starts(node: Node) -> list[int]:
    return [member.key_span.start for member in node.members] or [item.span.start for item in node.items]


def _below_key(document: Document, member: Member, starts: list[int], line: str) -> Edit | None:
    """A line below that of a key, with what stands before the first of the lines that are there already."""
    at = document.offset(document.position(member.key_span.start).line + 1)
    # What is merged from an anchor stands elsewhere, above.
    first = min((start for start in starts if start >= at), default=None)
    if first is None:
        return None
    begin = document.offset(document.position(first).line)
    lead = document.text[begin:first]
    if lead.strip(" ") not in ("", "-"):
        return None
    return _line(document, at, lead, line)


def _below_first(document: Document, service: Node, line: str) -> Edit | None:
    """A line below the first one of a service, where that holds one whole member; else above it."""
    first, *others = service.members
    position = document.position(first.key_span.start)
    begin = document.offset(position.line)
    lead = document.text[begin : first.key_span.start]
    if lead.strip(" "):
        return None
    whole = document.position(first.value.span.end).line == position.line and first.value.span.start > begin
    below = document.offset(position.line + 1)
    at = below if whole and others and others[0].key_span.start >= below else begin
    return _line(document, at, lead, line)


def _line(document: Document, at: int, lead: str, line: str) -> Edit:
    from policy.text.edits import Edit
    from policy.text.style import Style

    line_end = Style(document).line_end
    written = "".join(f"{lead}{one}{line_end}" for one in line.split("\n"))
    return Edit(Span(at, at), written)
