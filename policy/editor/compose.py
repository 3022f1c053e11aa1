"""Where the cursor stands in a Compose file, line by line: half-typed YAML has no tree at all.

JSON in the value of a variable is looked into where it stands as it is: in a literal block or in single quotes.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from policy.editor.cursor import Cursor, Path, cursor_in
from policy.knowledge import environment
from policy.text import Document, Node, Span

_KEY = re.compile(
    r"""^(?P<indent> *)(?P<dash>- +)?(?P<quote>["']?)(?P<key>[^\s:="'#][^:="'#]*)(?P=quote)[:=](?=\s|$|\S)"""
)
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_WORD = re.compile(r"[\w.]*")


class ComposeCursor(NamedTuple):
    """A place in a Compose file: the keys above it, and of the line itself what is being typed.

    ``variable`` is the name on this line, or the one being typed, where it stands among variables of the environment.
    ``json`` is the place within JSON that a variable holds, with ``at``, the path in Orthanc's configuration.
    """

    parents: tuple[str, ...]
    variable: str | None = None
    span: Span = Span(0, 0)
    in_list: bool = False
    json: Cursor | None = None
    at: Path = ()


def compose_cursor(document: Document, offset: int) -> ComposeCursor:
    """The place of ``offset``."""
    text = document.text
    number, column = document.position(offset)
    line = document.line(number)
    indent = len(line) - len(line.lstrip(" ")) if line.strip() else column - 1
    parents: list[str] = []
    for above in range(number - 1, 0, -1):
        other = document.line(above)
        stripped = other.strip()
        if not stripped or stripped.startswith("#"):
            continue
        depth = len(other) - len(other.lstrip(" "))
        same_list = line.lstrip().startswith("-") and not stripped.startswith("-") and depth == indent
        if depth < indent or same_list:
            found = _KEY.match(other)
            if found is None:
                if depth == 0:
                    break
                continue
            if _BLOCK.search(other[found.end() :]):
                return _in_block(document, offset, above, found["key"].strip())
            parents.insert(0, found["key"].strip())
            indent = depth
            if depth == 0:
                break
    if not parents or parents[-1] != "environment":
        return ComposeCursor(tuple(parents))
    start = document.offset(number)
    found = _KEY.match(line)
    in_list = line.lstrip().startswith("-")
    if found is not None:
        name = found["key"].strip()
        at = Span(start + found.start("key"), start + found.start("key") + len(name))
        if offset > at.end:
            return _on_line(text, offset, start + found.end(), start + len(line), name, tuple(parents), at)
        return ComposeCursor(tuple(parents), name, at, in_list)
    begin = start + len(line) - len(line.lstrip(" -\"'"))
    word = _WORD.match(text, begin)
    end = word.end() if word is not None else begin
    return ComposeCursor(
        tuple(parents), text[begin:end], Span(min(begin, offset), max(end, min(begin, offset))), in_list
    )


def _in_block(document: Document, offset: int, header: int, name: str) -> ComposeCursor:
    start = document.offset(header + 1)
    end = len(document.text)
    depth = len(document.line(header)) - len(document.line(header).lstrip(" "))
    for number in range(header + 1, document.line_count + 1):
        line = document.line(number)
        if line.strip() and len(line) - len(line.lstrip(" ")) <= depth:
            end = document.offset(number)
            break
    return _json(document.text, offset, start, end, name, ("environment",))


def _on_line(
    text: str, offset: int, start: int, end: int, name: str, parents: tuple[str, ...], place: Span
) -> ComposeCursor:
    while start < end and text[start] in " '":
        start += 1
    if text[start : start + 1] in ("{", "["):
        return _json(text, offset, start, end, name, parents)
    return ComposeCursor(parents, name, place)


def _json(text: str, offset: int, start: int, end: int, name: str, parents: tuple[str, ...]) -> ComposeCursor:
    at = path_of(name)
    if at is None:
        return ComposeCursor(parents, name)
    found = cursor_in(text[start:end], offset - start)
    moved = found._replace(span=Span(found.span.start + start, found.span.end + start))
    return ComposeCursor(parents, name, json=moved, at=at)


def path_of(variable: str) -> Path | None:
    """The path in Orthanc's configuration at which the image puts a variable; None where it puts it nowhere known."""
    if variable == environment.WHOLE_CONFIGURATION:
        return ()
    return _paths().get(variable)


@cache
def _paths() -> dict[str, Path]:
    found: dict[str, Path] = {one.variable: tuple(one.path.split(".")) for one in environment.options()}
    for variable, path in tuple(found.items()):
        if len(path) > 1 and variable.count("__") == len(path):
            found[variable.rpartition("__")[0]] = path[:-1]
    return found


def json_values(root: Node | None) -> list[tuple[str, Node]]:
    """The variables of all services whose values are JSON, by name."""
    services = root.get("services") if root is not None and root.kind == "object" else None
    found: list[tuple[str, Node]] = []
    for service in services.members if services is not None else ():
        variables = service.value.get("environment") if service.value.kind == "object" else None
        for member in variables.members if variables is not None else ():
            value = member.value.value
            if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
                found.append((member.key, member.value))
    return found
