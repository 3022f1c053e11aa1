"""Any bytes give a document; spans nest; readers agree with what they stand for; edits and layout keep all else.

An input that begins with ``%`` is YAML, any other JSON.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from typing import Any

from policy import text
from policy.errors import PolicyError, SyntaxRefused
from policy.text import Document, Node, edits, readers
from policy.text.formatting import format_document

from .. import trees
from ..target import ROOT, Target

_DEEP = 300
"""Levels up to which Python's own json is asked, well within its stack."""
_VALUES: tuple[Any, ...] = (12345, 'é "x"\n', None, [], {"a": [1]}, ["b", {}])


def check(data: bytes) -> None:
    """What must hold for one text."""
    if data.startswith(b"%"):
        _yaml(data[1:])
    else:
        _json(data)


def _json(data: bytes) -> None:
    document = text.parse(data)
    assert document.data == data
    assert edits.apply(document, []) == data
    _spans(document)
    _ordered(document)
    _strict(document, data)
    accepted = False
    for reader in readers.READERS:
        accepted |= _verdict(document, reader.name, ".".join(map(str, reader.since)))
    _edited(document, zlib.crc32(data), exact=accepted)
    _laid_out(document)


def _spans(document: Document) -> None:
    size = len(document.text)
    for span in (*(note.span for note in document.leniencies), *(comment.span for comment in document.comments)):
        assert 0 <= span.start <= span.end <= size
    assert [note.span for note in document.leniencies] == sorted(note.span for note in document.leniencies)
    for root in document.roots:
        for node in root.walk():
            assert 0 <= node.span.start <= node.span.end <= size
            place = document.position(node.span.start)
            assert document.offset(*place) == node.span.start
        root.python()


def _ordered(document: Document) -> None:
    """Each value in its container, one after the other."""
    for node in document.root.walk() if document.root is not None else ():
        reached = node.span.start
        for inside in (*(member.span for member in node.members), *(item.span for item in node.items)):
            assert reached <= inside.start <= inside.end <= node.span.end
            reached = inside.end
        for member in node.members:
            assert member.key_span.start <= member.key_span.end <= member.value.span.start


def _strict(document: Document, data: bytes) -> None:
    """The oldest auth service reads with Python's ``json`` alone."""
    if document.depth > _DEEP:
        return
    accepted = document.accepted_by("auth-service", "23.8.0")
    try:
        expected = json.loads(data.decode())
    except ValueError:
        assert not accepted
        return
    assert accepted
    assert repr(document.value_for("auth-service", "23.8.0")) == repr(expected)
    kinds = {note.kind for note in document.leniencies}
    if not kinds and document.root is not None:
        assert document.root.python() == expected


def _verdict(document: Document, name: str, version: str) -> bool:
    verdict = document.verdict(name, version)
    assert verdict.accepted == (not verdict.refusals)
    for refusal in verdict.refusals:
        assert 0 <= refusal.span.start <= refusal.span.end <= len(document.text)
    if verdict.accepted:
        document.value_for(name, version)
        return True
    try:
        document.value_for(name, version)
    except SyntaxRefused as refused:
        assert refused.line is not None
        assert 1 <= refused.line <= document.line_count
    else:
        raise AssertionError(f"{name} {version} refuses and reads all the same")
    return False


_Path = tuple[str | int, ...]


def _paths(root: Node) -> dict[_Path, Node]:
    found: dict[_Path, Node] = {}
    pending: list[tuple[_Path, Node]] = [((), root)]
    while pending and len(found) < 300:
        path, node = pending.pop()
        found[path] = node
        pending += [((*path, member.key), member.value) for member in node.members]
        pending += [((*path, index), item) for index, item in enumerate(node.items)]
    return found


def _has_twins(root: Node) -> bool:
    """Whether a path names two members."""
    return any(len({member.key for member in node.members}) < len(node.members) for node in root.walk())


def _edited(document: Document, number: int, *, exact: bool) -> None:
    """One change, and the tree that is expected after it where the text is one that a reader takes."""
    if document.root is None or document.depth > _DEEP or _has_twins(document.root):
        return
    paths = _paths(document.root)
    path, node = list(paths.items())[number % len(paths)]
    new = _VALUES[number // 7 % len(_VALUES)]
    expected = [document.root.python()]
    into: Any = expected
    for step in (0, *path)[:-1]:
        into = into[step]
    last = (0, *path)[-1]
    kind = number // 64 % 4
    try:
        if kind == 0:
            change = edits.replace(document, path, new)
            into[last] = new
        elif kind == 1 and path:
            change = edits.remove(document, path)
            del into[last]
        elif kind == 2 and path and isinstance(into, dict) and "renamed" not in into:
            change = edits.rename(document, path, "renamed")
            items = [("renamed" if key == last else key, value) for key, value in into.items()]
            into.clear()
            into.update(items)
        elif node.kind == "object":
            change = edits.insert(document, path, new, key="inserted")
            into[last]["inserted"] = new
        elif node.kind == "array":
            change = edits.insert(document, path, new)
            into[last].append(new)
        else:
            return
        after = edits.edited(document, change)
    except PolicyError as error:
        assert str(error)
        return
    if exact and (path or not document.leniencies):  # what follows the root may become a part of a new one
        assert after.root is not None
        assert repr(after.root.python()) == repr(expected[0]), edits.apply(document, change)


def _laid_out(document: Document) -> None:
    try:
        once = format_document(document)
    except SyntaxRefused as error:
        assert str(error)
        return
    twice = format_document(text.parse(once))
    assert once == twice


def _yaml(data: bytes) -> None:
    document = text.parse_yaml(data)
    assert document.data == data
    assert edits.apply(document, []) == data
    _spans(document)
    for node in document.root.walk() if document.root is not None else ():
        if node.kind == "string" and isinstance(node.value, str) and node.value.lstrip()[:1] in ("{", "["):
            inner = text.embedded(document, node)
            for inside in inner.root.walk() if inner.root is not None else ():
                assert node.span.start <= inside.span.start <= inside.span.end <= node.span.end
    plain = document.problem is None and not document.leniencies and len(document.roots) == 1
    alone = not any(sign in document.text for sign in "&*<!")
    _edited(document, zlib.crc32(data), exact=plain and alone)


def _change(chance: random.Random, data: bytes) -> bytes:
    if data.startswith(b"%"):
        return b"%" + trees.changed(chance, data[1:], yaml=True)
    return trees.changed(chance, data)


def _seeds() -> Iterator[bytes]:
    for path in sorted([*ROOT.glob("samples/**/*.json*"), *ROOT.glob("tests/properties/good/*.json*")]):
        data = path.read_bytes()
        if len(data) < 3000:
            yield data
            yield b"%" + data
    for path in sorted([*ROOT.glob("samples/**/*.y*ml"), *ROOT.glob("tests/properties/good/*.y*ml")]):
        yield b"%" + path.read_bytes()
    yield from (
        b"", b"1", b'"a"', b"[1,2,]", b"{'a': 1, b: [None, NaN, 0x1, +.5e3], /*c*/ // d\n # e\n}",
        b'{"a":1,\n<<<<<<< x\n"b":2\n=======\n"b":3\n>>>>>>> y\n}', b'"\\ud83d\\ude00 \\ud800 \\u0000"', b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{}", b'{"a" 1 "b": }', b"[[[[1]]]", b'{"a":1,"a":2}', b"%a: &x [1, 2]\nb: *x\nc: {<<: {d: 1}}\n",
        b'%a: |\n  {"b": [1,\n   2]}\nc: >-\n  {"d": 1}\ne: \'{"f": 1}\'\ng: "{\\"h\\": 1}"\n', b"%- a\n- - b\n  - c\n---\n? d\n: e\n",
    )  # fmt: skip


TARGET = Target(
    check,
    _seeds,
    (
        "//", "/*", "*/", "\\u", "\\ud800", "null", "true", "1e999", "NaN", "Infinity", "0x", "<<<<<<< ", "=======\n",
        ">>>>>>> ", "\u2028", "\ufeff", "\u00a0", "<<: *", "&a ", "*a", "!!str ", "|\n", ">-\n", "? ", "- ", "---\n", "...\n",
        "\r\n", "'", '"', "#", ": ", "%YAML 1.1\n---\n", "None", "\\x", "\u201c", '": "', '", "', "{}", "[]",
    ),
    _change,
)  # fmt: skip
