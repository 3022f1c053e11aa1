"""What is written in a text: rows of rules, and every name of a permission, label or role with its place.

All of it comes from the text as it stands in the editor, whether a server could read it or not.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from policy.configuration.source import Kind
from policy.editor.compose import json_values, path_of
from policy.text import Span
from policy.text.embedding import embedded

if TYPE_CHECKING:
    from policy.editor.cursor import Path
    from policy.text import Document, Node

SECTION = "Authorization"
LISTS = ("Permissions", "ExtraPermissions")
LABEL_KEYS = ("authorized-labels", "authorized_labels")
AVAILABLE_KEYS = ("available-labels", "available_labels")
_NAME = re.compile(r"[^|]+")


class What(enum.StrEnum):
    """Kinds of names."""

    PERMISSION = "permission"
    LABEL = "label"
    ROLE = "role"


class Name(NamedTuple):
    """A name with its place. ``asked``: by a rule, else held; ``defines``: this is where the name is introduced.

    ``holder`` is the role that holds it; the empty text is the anonymous profile, or a list of all labels.
    """

    what: What
    name: str
    span: Span
    asked: bool = False
    defines: bool = False
    holder: str = ""


class RuleRow(NamedTuple):
    """A row of one of the lists, by its list and its number there, from 0,, with what stands in it."""

    option: str
    number: int
    node: Node
    method: str
    pattern: str
    asked: str

    @property
    def names(self) -> tuple[str, ...]:
        """The permissions, one of which is enough."""
        return tuple(self.asked.split("|")) if self.asked else ()


class Part(NamedTuple):
    """A value of Orthanc's configuration with the path at which it stands there."""

    root: Node
    at: Path

    def below(self, *path: str) -> Node | None:
        """The value at a path of the configuration, if it is in this part."""
        if path[: len(self.at)] != self.at[: len(path)] or len(path) < len(self.at):
            return None
        node: Node | None = self.root
        for step in path[len(self.at) :]:
            node = node.get(step) if node is not None and node.kind == "object" else None
        return node


def parts(document: Document, kind: Kind | None, *, bare_section: bool = False) -> tuple[Part, ...]:
    """The values of Orthanc's configuration that a text holds: one, or several in the variables of a Compose file."""
    root = document.root
    if root is None:
        return ()
    if kind is Kind.ORTHANC:
        return (Part(root, (SECTION,) if bare_section else ()),)
    if kind is not Kind.COMPOSE:
        return ()
    found: list[Part] = []
    for variable, node in json_values(root):
        at = path_of(variable)
        inner = embedded(document, node).root if at is not None else None
        if at is not None and inner is not None:
            found.append(Part(inner, at))
    return tuple(found)


def rule_rows(found: tuple[Part, ...]) -> Iterator[RuleRow]:
    """The rows of rules, in their order."""
    for part in found:
        for option in LISTS:
            rows = part.below(SECTION, option)
            for index, node in enumerate(rows.items if rows is not None else ()):
                if node.kind == "array":
                    texts = [str(item.value) if item.value is not None else "" for item in node.items[:3]]
                    method, pattern, asked = (*texts, "", "", "")[:3]
                    yield RuleRow(option, index, node, method, pattern, asked)


def names(document: Document, kind: Kind | None, found: tuple[Part, ...]) -> Iterator[Name]:
    """Every name of a permission, label or role in a text."""
    for row in rule_rows(found):
        if len(row.node.items) > 2:
            yield from _asked(document, row.node.items[2])
    root = document.root
    if root is None or root.kind != "object":
        return
    if kind is Kind.PERMISSIONS:
        roles = root.get("roles")
        for member in roles.members if roles is not None else ():
            yield Name(What.ROLE, member.key, _inside(document, member.key_span), defines=True, holder=member.key)
            yield from _held(document, member.value, member.key)
        for key in AVAILABLE_KEYS:
            yield from _texts(document, root.get(key), What.LABEL, "", defines=True)
    elif kind is Kind.ANONYMOUS:
        yield from _held(document, root, "")
    elif kind is Kind.REALM:
        yield from _realm_roles(document, root)


def _asked(document: Document, node: Node) -> Iterator[Name]:
    if not isinstance(node.value, str):
        return
    inside = _inside(document, node.span)
    at = inside.start
    for match in _NAME.finditer(node.value):
        start = document.text.find(match[0], at, inside.end)
        if start < 0:
            return
        at = start + len(match[0])
        yield Name(What.PERMISSION, match[0], Span(start, at), asked=True)


def _held(document: Document, rights: Node, holder: str) -> Iterator[Name]:
    if rights.kind == "array":  # roles of old versions are lists
        yield from _texts(document, rights, What.PERMISSION, holder)
    elif rights.kind == "object":
        yield from _texts(document, rights.get("permissions"), What.PERMISSION, holder)
        for key in LABEL_KEYS:
            yield from _texts(document, rights.get(key), What.LABEL, holder)


def _texts(document: Document, node: Node | None, what: What, holder: str, *, defines: bool = False) -> Iterator[Name]:
    for item in node.items if node is not None else ():
        if isinstance(item.value, str):
            yield Name(what, item.value, _inside(document, item.span), defines=defines, holder=holder)


def _realm_roles(document: Document, root: Node) -> Iterator[Name]:
    roles = root.get("roles")
    realm = roles.get("realm") if roles is not None and roles.kind == "object" else None
    for role in realm.items if realm is not None else ():
        name = role.get("name") if role.kind == "object" else None
        if name is not None and isinstance(name.value, str):
            yield Name(What.ROLE, name.value, _inside(document, name.span))


def _inside(document: Document, span: Span) -> Span:
    """A string without its quotation marks."""
    text = document.text
    if span.end - span.start >= 2 and text[span.start] in "\"'" and text[span.end - 1] == text[span.start]:
        return Span(span.start + 1, span.end - 1)
    return span
