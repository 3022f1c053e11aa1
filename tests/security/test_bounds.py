"""Files that were built to take for ever, or to break the reader: an answer in seconds, with a place, and no traceback."""

# ruff: noqa: PT017 - an error of ours is as good as an answer, as long as it says something

from __future__ import annotations

import codecs
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from policy import patterns, text
from policy.commands.main import lint
from policy.errors import PolicyError

from .everything import call

SECONDS = 20.0
"""Of the processor, on a slow machine; most take a tenth of it."""


def rules(rows: list[object]) -> bytes:
    return json.dumps({"Authorization": {"WebServiceRootUrl": "http://a/", "Permissions": rows}}).encode()


def bomb(of: str, last: str) -> bytes:
    lines = [f"a0: &a0 {last}"]
    lines += [of.format(number, ",".join([f"*a{number - 1}"] * 9)) for number in range(1, 12)]
    return ("services: {orthanc: {image: 'orthancteam/orthanc:25.9.0'}}\n" + "\n".join(lines)).encode()


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "50 MB": ("orthanc.json", lambda: b'{"Authorization": {}}'.ljust(50_000_000), "the limit is 10 MB"),
    "3 million commas": ("orthanc.json", lambda: b'{"Authorization":{' + b"," * 3_000_000, "too many values"),
    "3 million brackets": ("orthanc.json", lambda: b'{"Authorization":' + b"[" * 3_000_000, "too many values"),
    "100,000 of {]": ("orthanc.json", lambda: b'{"Authorization":' + b"{]" * 100_000, "too many places, this is the first"),
    "3 million quotes": ("orthanc.json", lambda: b'{"Authorization":{' + b'"' * 3_000_000, "too many values"),
    "25,000 rules": ("orthanc.json", lambda: rules([["get", "^/x$", "view"]] * 25_000), "the limit is 20000"),
    "100,000 rules": ("orthanc.json", lambda: rules([["get", f"^/x{n}/$", "v"] for n in range(100_000)]), "too many|limit"),
    "a long pattern": ("orthanc.json", lambda: rules([["get", "^/" + "a" * 1_000_000 + "$", "view"]]), "the limit is 10000"),
    "many groups": ("orthanc.json", lambda: rules([["get", "(" * 100_000 + ")" * 100_000, "view"]]), "the limit is 10000"),
    "many stars": ("orthanc.json", lambda: rules([["get", "a*" * 100_000, "view"]]), "the limit is 10000"),
    "zeros": ("orthanc.json", lambda: b"\0" * 1_000_000, "nothing that can be linted"),
    "an empty file": ("orthanc.json", lambda: b"", "the file is empty"),
    "YAML of aliases": ("compose.yml", lambda: bomb("a{0}: &a{0} [{1}]", "[x,x,x,x,x,x,x,x,x]"), "too many values"),
    "an alias in itself": ("compose.yml", lambda: b"services: &s\n  orthanc: *s\n", "an alias stands inside"),
    "deep YAML": ("compose.yml", lambda: b"services:\n  orthanc: " + b"[" * 100_000, "nested too deeply"),
    "deeper and deeper lines": (
        "compose.yml", lambda: b"services:\n" + b"".join(b" " * n + b"a:\n" for n in range(1, 1500)), "nested too deeply"
    ),
    "5 MB of YAML": ("compose.yml", lambda: b"services:\n" + b"  a: {b: c}\n" * 450_000, "too many values"),
    "variables in variables": (
        "compose.yml", lambda: b"services:\n  a: " + b"${A:-" * 50_000 + b"x" + b"}" * 50_000, "nested too deeply"
    ),
}  # fmt: skip
"""What is an error: name of the file, its bytes, and what is said."""


@pytest.mark.parametrize("name", list(REFUSED))
def test_refused(name: str, tmp_path: Path) -> None:
    file, content, said = REFUSED[name]
    (tmp_path / file).write_bytes(content())
    began = time.process_time()
    output = call(lint, str(tmp_path / file))
    assert output.exit_code == 2, output.text[:500]
    assert time.process_time() - began < SECONDS
    first = output.text.splitlines()[0]
    assert str(tmp_path / file) in first
    assert any(words in first for words in said.split("|")), first


READ: dict[str, tuple[str, Callable[[], bytes]]] = {
    "depth 100,000": ("orthanc.json", lambda: b'{"Authorization":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "objects, depth 50,000": ("orthanc.json", lambda: b'{"Authorization":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001),
    "deep roles": ("permissions.json", lambda: b'{"roles":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001),
    "one long string": ("orthanc.json", lambda: b'{"Authorization":{"WebServiceRootUrl":"' + b"a" * 5_000_000 + b'"}}'),
    "one long number": ("orthanc.json", lambda: b'{"Authorization":{"WebServicePort":' + b"9" * 1_000_000 + b"}}"),
    "impossible numbers": ("orthanc.json", lambda: b'{"Authorization":{"a":1e999999999,"b":-1e-9999,"c":NaN}}'),
    "an open comment": ("orthanc.json", lambda: b'{"Authorization":{' + b"/* " * 300_000),
    "repeats of repeats": ("orthanc.json", lambda: rules([["get", "(((a{1000}){1000}){1000})", "view"]])),
    "merges of merges": ("compose.yml", lambda: bomb("a{0}: &a{0} {{<<: [{1}], k{0}: 1}}", "{x: 1}")),
    "a merge of itself": ("compose.yml", lambda: b"services:\n  orthanc: &s\n    <<: *s\n    image: x\n"),
    "open quotes of variables": (".env", lambda: b'SECRET_KEY="\n' * 10_000),
    "what may be secrets": ("orthanc.json", lambda: b'{"Authorization":{"a":"' + b"password " * 100_000 + b'"}}'),
    "nearly keys of PEM": ("orthanc.json", lambda: b'{"Authorization":{"a":"' + b"-----BEGIN A " * 50_000 + b'"}}'),
    "zeros inside": ("orthanc.json", lambda: b'{"Authorization":{"a\0b":"\0"}}\0\0'),
}


@pytest.mark.parametrize("name", list(READ))
def test_read(name: str, tmp_path: Path) -> None:
    file, content = READ[name]
    (tmp_path / file).write_bytes(content())
    began = time.process_time()
    output = call(lint, str(tmp_path / file), "--format", "concise")
    assert output.exit_code in (0, 1, 2), output.text[:500]
    assert time.process_time() - began < SECONDS
    assert len(output.text) < 2_000_000


MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
         "utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE}  # fmt: skip
CODECS = [*MARKS, "latin-1", "cp1252", "shift_jis", "utf-7", "cp037", "utf-16", "utf-32"]


@pytest.mark.parametrize("mark", [False, True])
@pytest.mark.parametrize("codec", CODECS)
def test_encodings(codec: str, mark: bool, tmp_path: Path) -> None:
    """Any encoding gives findings or an error with the file's name."""
    files = {
        "orthanc.json": '{"Name": "\u00e9", "Authorization": {"Enabled": 1}}',
        "permissions.json": '{"roles": {"\u00e9": {"permissions": ["view"], "authorized_labels": ["*"]}}}',
        "compose.yml": "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0 # \u00e9\n",
    }
    for name, content in files.items():
        data = content.encode(codec, "replace")
        (tmp_path / name).write_bytes((MARKS.get(codec, b"") if mark else b"") + data)
        output = call(lint, str(tmp_path / name))
        assert output.exit_code in (0, 1, 2), output.text
        assert name in output.text or output.exit_code == 0


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfea"]
)
def test_marks_alone(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_bytes(data)
    output = call(lint, str(tmp_path / "orthanc.json"))
    assert (output.exit_code, "orthanc.json" in output.text) == (2, True)


@pytest.mark.parametrize(
    "pattern", ["a" * 200_000, "(" * 300_000, "[" * 100_000, "a|" * 30_000, "(a|" * 50_000, "\\" * 100_001, "(?:" * 50_000,
                "x{1000}" * 5_000, "(?=" * 30_000, "[[:alpha:]]" * 30_000, "(a*)*" * 300, "^" * 20_000],
    ids=lambda pattern: f"{pattern[:6]} x {len(pattern)}",
)  # fmt: skip
def test_patterns(pattern: str) -> None:
    began = time.process_time()
    try:
        patterns.compile(pattern).matches("/studies/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    except PolicyError as error:
        assert len(str(error)) < 1000
    assert time.process_time() - began < SECONDS


def test_a_tree_of_any_depth_is_taken_apart() -> None:
    """Deep trees are freed without recursion, too."""
    document = text.parse(b"[" * 60_000)
    del document
