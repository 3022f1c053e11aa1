"""What is read of a text with one mistake in it: the tree with its places, and what is said of the mistake.

Every sign of a small text is left out, doubled, or has another one before it.
The snapshot holds one line for each; ``pytest --snapshot-update`` writes it anew, and each line that changed is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from policy import text

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

SIGN = re.compile(r'"[^"]*"|//[^\n]*\n|[{}\[\],:]|[^\s{}\[\],:"]+')
TEXTS = {
    "object": '{"a": [1, "x"], "b": {"c": null}}',
    "array": '[{"k": true, "l": [2.5]}, {"m": {}}]',
    "lines": '{\n"a": [1, // c\n2],\n"b": {}\n}',
}
MORE = [
    "[,1,]", "{,\"a\": 1,}", "[1,,2,]", '{"a" "b"}', '{"a": 1 "b": 2}', '{{"a": 1}}', '{"a": {{"b": 1}}, "c": 2}',
    '{"a": "b": 1}, "c": 2}', '{"a": [1, "b": 2}', '{"a": [1], 2], "b": 3}', '{"a": 1, 2, 3], "b": 4}',
    '{"a": {"x": 1}, {"x": 2}], "b": 3}', '{"a": [{"x": 1}], {"x": 2}], "b": 3}', '[{"a": 1, {"b": 2}]',
    '[{"a": 1, {"b": 2}, {"c": 3}]', '"a": 1, "b": 2', '"a": 1, "b": {"c": 2}}', ':{"a": 1}', "}{", ',"a"', "[1}", "{1]",
    '["\\ud800\\u0041"]', '["\\udc00\\ud83d\\ude00"]', '["\\ud83d\\u12"]', '["\\u00e9\\u12"]', '["\\', '["\\u', '["\\x"]',
    "[truefalse, nul, nullx, None]", "[1.5.2, 1-2, --1, +.5, 1e+, 0x, 0xG, -0x1F, 1_000]", "['it\\'s', `b\\`c`]",
    "{a: 1, b-c: 2, d e: 3, $f: 4, 5: 6, true: 7, 'g': 8}", '{"a" = 1; "b" := 2; "c" => 3; "d" == 4}',
    '{"a": ""x", "b": 1}', '{"a": "x"", "b": 1}', '{""a": 1}', '{"a"": 1}', '{"a": ""x, "b": 1}', '{"a: "x", "b": 1}',
    '{"a": x", "b": 1}', '{"a": "x, "b": 1}', '{"a": "x\n"b": 1}', '{"a": "x // y\n, "b": 1}', "[“a”, „b“, ”c]",
    "<<<<<<< a\n[1]\n=======\n[2]\n>>>>>>> b\n", '{\n<<<<<<< a\n"a": 1,\n||||||| o\n"a": 0,\n=======\n"a": 2,\n>>>>>>> b\n"c": 3\n}',
    '{\n"a": 1\n=======\n}', "[1, 2] [3]", "{} // c", "{} x // c", "[1] /* a", '{/* a\n"b": 1 /* c\n}', "/*/ [1]",
    "[/**/1/***/,/*/*/2]", "[1#c\n,2]", "#\n//\n[]", "[1,\u00a0\u200b2]", "\ufeff[1]", "[1]\0", "(1)", "[a/b, c//d\n]",
    "[1, 2, 3", '{"a": {"b": [', '{"a"', '{"a":', '{"a": 1,', "[[[]", "]]", "}", ":", ",", '"', "'", "\\", "-", "x",
]  # fmt: skip


def mistakes(written: str) -> Iterator[str]:
    """The text without each sign, with each sign twice, and with another sign before each."""
    for found in SIGN.finditer(written):
        start, end = found.span()
        yield written[:start] + written[end:]
        yield written[:end] + written[start:]
        for sign in '{}[],:"':
            yield written[:start] + sign + written[start:]


def told(document: text.Document) -> str:
    """The tree and the facts on one line, with offsets."""

    def tree(node: text.Node) -> str:
        inside = [f"{m.key!r}@{m.key_span.start}-{m.key_span.end}: {tree(m.value)}" for m in node.members]
        inside += [tree(item) for item in node.items]
        value = f"({', '.join(inside)})" if node.kind in ("object", "array") else f"={node.value!r}"
        return f"{node.kind}@{node.span.start}-{node.span.end}{value}"

    facts = [
        " ".join(
            filter(
                None, [f"{note.kind}@{note.span.start}-{note.span.end}", note.detail and repr(note.detail), note.place]
            )
        )
        for note in document.leniencies
    ]
    comments = [f"{comment.kind}@{comment.span.start}-{comment.span.end}" for comment in document.comments]
    read = "nothing" if document.root is None else tree(document.root)
    return f"{read} depth {document.depth} | {'; '.join(facts)} | {' '.join(comments)}"


@pytest.mark.parametrize("name", TEXTS)
def test_one_mistake(name: str, snapshot: SnapshotAssertion) -> None:
    lines = [f"{written!r} -> {told(text.parse(written))}" for written in dict.fromkeys(mistakes(TEXTS[name]))]
    assert snapshot == "\n".join(lines)


def test_mistakes_that_people_make(snapshot: SnapshotAssertion) -> None:
    assert snapshot == "\n".join(f"{written!r} -> {told(text.parse(written))}" for written in MORE)


YAML = [
    "a: 1\nb:\n  - x\n  - 'y'\n", "a: {b: [1, ~], c: }\n", "a:\nb:\n", "- \n- x\n-\n", "a: !x 1\nb: !!int 2\nc: ! 3\n",
    "a: &n !!str 5\nb: *n\n", "a: &n\nb: !!str\nc: 1\n", "? a\n: 1\n? b\n", "a: 1 # c\n# d\nb: 'x # y' # z\n",
    "a: |  # h\n  # in\nb: 1\n", "a: 0x1f\nb: -0x1f\nc: 0o17\nd: -7\ne: +7\nf: 1e3\ng: .5\nh: -.inf\ni: .nan\n",
    "a: ~\nb: null\nc: True\nd: FALSE\ne: yes\n", "a: [1, 2\nb: 3\n", "a: b: c\n", "a:\n\t- b\n", "a: 'x\n", 'a: "\\q"\n',
    "%YAML 1.1\n---\na: 1\n...\nb: 2\n", "a: 1\n--- x\n--- [1]\n", "x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\n", "<<: 5\na: 1\n",
    "[a, b]: 1\n{c: d}: 2\n", "a: *n\n", "a: &n [*n]\n", "a: 1\na: 2\n", "a: >-\n  x\n  y\n", "'a': 1\n\"b\": 2\n", "@a\n",
    "a: \u0000\n", "a: b\n c: d\n", "a:\n  b: 1\n c: 2\n", "- a\nb: 1\n", "a: &n\n  x\nb: !t\n  y\n", "é: ü # ö\n",
]  # fmt: skip


def test_yaml(snapshot: SnapshotAssertion) -> None:
    lines = []
    for written in YAML:
        document = text.parse_yaml(written)
        problem = f" {document.problem.detail!r}" if document.problem else ""
        lines.append(f"{written!r} -> {told(document)} | {len(document.roots)} documents{problem}")
    assert snapshot == "\n".join(lines)
