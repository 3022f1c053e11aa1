"""Between the text of a file and its shape: what the service can read at all, and where a fault stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from policy.auth_service.behaviour import Behaviour
from policy.auth_service.errors import FileRefused, Problem
from policy.auth_service.shapes import NOT_KNOWN, Misshapen, Path
from policy.knowledge import service

if TYPE_CHECKING:
    from policy.text import Document, Leniency, Node, Span

REFUSED = "the auth service {version} does not start"
DROPPED = "the auth service {version} drops the whole anonymous profile"

_OTHER_SPELLING = {"authorized-labels": "authorized_labels", "user-id": "user_id"}


def strict_value(data: bytes | str) -> Any:
    """The value of a text that is strict JSON, the common case, which every version reads in the same way.

    Raises :class:`ValueError` or :class:`RecursionError` for all else; :func:`value_of` then knows more.
    """
    return json.loads(data.decode() if isinstance(data, bytes) else data)


def value_of(document: Document, behaviour: Behaviour, consequence: str, file: str | None) -> Any:
    """The plain value that the service reads in the document; raises :class:`FileRefused` where it cannot read it."""
    version = str(behaviour.version)
    verdict = document.verdict("auth-service", version)
    if verdict.accepted:
        return document.value_for("auth-service", version)
    then = consequence.format(version=version)
    refusals = sorted(verdict.refusals, key=lambda refusal: refusal.span)
    problems = [Problem(f"{then}: {_unread(refusal)}", (), refusal.span) for refusal in refusals]
    raise _refusal(problems, document, file)


def refusal_of_shape(
    wrong: Misshapen, document: Document, behaviour: Behaviour, consequence: str, file: str | None
) -> FileRefused:
    """The error for a text that is read and has the wrong shape."""
    then = consequence.format(version=behaviour.version)
    problems = []
    for path, what in wrong.faults:
        written, node, span = _place(document.root, path)
        subject = _subject(written, node, what)
        problems.append(Problem(f"{then}: {subject} {what}", written, span, _help(node, what, behaviour)))
    return _refusal(problems, document, file)


def _refusal(problems: Sequence[Problem], document: Document, file: str | None) -> FileRefused:
    span = problems[0].span
    if span is None:
        return FileRefused(tuple(problems), file=file)
    position = document.position(span.start)
    return FileRefused(tuple(problems), file=file, line=position.line, column=position.column)


def _unread(refusal: Leniency) -> str:
    return f"it cannot read the text here ({refusal.kind.replace('-', ' ')})"


def _place(root: Node | None, path: Path) -> tuple[Path, Node | None, Span | None]:
    """``path`` in the spelling of the text, the node that it leads to, and its span.

    Where a key is missing there is no node, and the span is that of the object that lacks it.
    """
    written: list[str | int] = []
    node, span = root, None if root is None else root.span
    for step in path:
        written.append(_spelling(node, step))
        node = None if node is None else _step(node, written[-1])
        span = span if node is None else node.span
    return tuple(written), node, span


def _spelling(node: Node | None, step: str | int) -> str | int:
    """``step``, or its other spelling if the text has that one alone."""
    other = _OTHER_SPELLING.get(step) if isinstance(step, str) else None
    if node is None or other is None or not isinstance(step, str):
        return step
    return other if node.get(step) is None and node.get(other) is not None else step


def _step(node: Node, step: str | int) -> Node | None:
    if isinstance(step, str):
        return node.get(step)
    return node.items[step] if step < len(node.items) else None


def _subject(path: Path, node: Node | None, what: str) -> str:
    """Whom a fault is about; an unknown permission is named, other values are not repeated."""
    if node is not None and isinstance(node.value, str) and what == NOT_KNOWN:
        return f"{node.value[:80]!r} in {_named(path[:-1])}"
    return _named(path)


def _named(path: Path) -> str:
    if not path:
        return "the file"
    return ".".join(f"[{step}]" if isinstance(step, int) else step for step in path).replace(".[", "[")


def _help(node: Node | None, what: str, behaviour: Behaviour) -> str | None:
    if what != NOT_KNOWN or node is None:
        return None
    for tag in service.tags():
        if node.value in tag.permissions:
            return f"The auth service knows this permission since {tag.version}."
    return f"The permissions are: {', '.join(sorted(behaviour.permissions))}."
