"""What holds for every text, and for every byte in it."""

import json
import math
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import text
from policy.errors import SyntaxRefused
from policy.text import edits, jsoncpp, readers

SAMPLE = Path(__file__).parents[3] / "samples" / "forum-thread"

SAMPLE_TEXT = """\
{
  // a comment with "quotes" and 'others'
  "Name": "Orthanc \\"x\\" \\u00e9",
  "Plugins": ["/usr/share", "/opt"], # mistaken
  "Authorization": {
    "Enable": true, /* block */
    "Rules": [["get", "^/a(/.*)?$", "all"],],
    'Single': 1.5e3, Bare: NaN
  },
}
"""

pieces = st.lists(
    st.sampled_from(
        [
            *"{}[],:\"'`\\/#*=;()-+.eE017 \n\r\t\0",
            *('"a"', '"b": 1', "true", "null", "None", "//c\n", "/*c*/", "/*", "NaN", "0x1", "1e999", "word"),
            *("<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "\u00a0", "é", "\ufeff", "“", "\ud800", '"\\u', "\\ud83d"),
        ]
    ),
    max_size=40,
).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def check(document):
    """Spans lie in the text, in order, each in that of its container."""
    size = len(document.text)
    for leniency in document.leniencies:
        assert 0 <= leniency.span.start <= leniency.span.end <= size
    assert list(document.leniencies) == sorted(document.leniencies, key=lambda leniency: leniency.span)
    for comment in document.comments:
        assert 0 <= comment.span.start < comment.span.end <= size
    root = document.root
    if root is None:
        assert document.leniencies
        return
    assert 0 <= root.span.start <= root.span.end <= size
    for node in root.walk():
        reached = node.span.start
        for inside in (*(member.span for member in node.members), *(item.span for item in node.items)):
            assert reached <= inside.start <= inside.end <= node.span.end
            reached = inside.end
        for member in node.members:
            assert member.key_span.start <= member.key_span.end <= member.value.span.start
    json.dumps(root.python())


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(st.binary(max_size=60) | pieces.map(lambda written: written.encode("utf-8", "surrogatepass")) | pieces)
def test_no_text_raises(data):
    document = text.parse(data)
    check(document)
    for reader in readers.READERS:
        verdict = readers.verdict(document, reader.name, ".".join(map(str, reader.since)))
        assert verdict.accepted == (not verdict.refusals)
    assert edits.apply(document, []) == document.data
    list(text.parse_yaml(data).comments)


@given(values, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_is_read_as_python_reads_it(value, indent, ascii_only):
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = text.parse(written)
    kinds = {leniency.kind for leniency in document.leniencies}
    assert kinds <= {"special-number", "lone-surrogate", "odd-surrogates", "invalid-utf-8"}
    if not kinds - {"special-number"}:
        assert json.dumps(document.root.python()) == json.dumps(value)
    if not kinds:
        assert document.root.python() == value
        for version in ("23.8.0", "26.4.1"):
            assert document.value_for("auth-service", version) == value
        if isinstance(value, dict):
            assert document.accepted_by("core")


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(pieces)
def test_python_agrees_with_the_strict_reader(written):
    data = written.encode("utf-8", "replace")
    try:
        expected = json.loads(data.decode())
    except ValueError:
        expected = ValueError
    document = text.parse(data)
    assert document.accepted_by("auth-service", "23.8.0") == (expected is not ValueError)
    if expected is not ValueError:
        assert json.dumps(document.value_for("auth-service", "23.8.0")) == json.dumps(expected)


@settings(max_examples=settings.default.max_examples * 2)
@given(pieces.map(lambda written: '{"a": ' + written) | pieces)
def test_what_the_table_takes_jsoncpp_reads(written):
    document = text.parse(written)
    reader = readers.reader("core")
    try:
        value = jsoncpp.read(document.text, jsoncpp.Flavour())
    except jsoncpp.Refused:
        assert not document.accepted_by("core")
        with pytest.raises(SyntaxRefused):
            document.value_for("core")
        return
    if isinstance(value, dict) and "encoding" not in {leniency.kind for leniency in document.leniencies}:
        assert document.accepted_by("core")
        if not readers.refusals(document, reader):
            assert same(value, document.root.python())


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other)
    # jsoncpp joins any two escapes to a pair, which nobody else does.
    return one == other or (isinstance(other, str) and "\ufffd" in other)


@pytest.mark.parametrize("cut", range(len(SAMPLE_TEXT.encode()) + 1))
def test_a_text_cut_anywhere(cut):
    check(text.parse(SAMPLE_TEXT.encode()[:cut]))


def test_one_byte_more_anywhere():
    data = SAMPLE_TEXT.encode()
    for at in range(0, len(data), 3):
        for byte in b'"{}[],:\\/\x00\xff\n':
            check(text.parse(data[:at] + bytes([byte]) + data[at:]))


def test_one_byte_less_anywhere():
    data = SAMPLE_TEXT.encode()
    for at in range(len(data)):
        check(text.parse(data[:at] + data[at + 1 :]))


HOSTILE = {
    "openers": "[" * 20_000, "objects": '{"a":' * 10_000, "quotes": '"' * 100_001, "comments": "/*" * 20_000,
    "commas": "[" + "," * 20_000, "colons": "[" + "1:" * 10_000, "closers": "}]" * 10_000, "words": "a " * 20_000,
    "mixed brackets": "[{" * 5_000 + "]}" * 5_000, "unfinished": '["a\n' * 10_000, "backslashes": '"' + "\\" * 50_001,
    "conflicts": '{"a":1,\n' + '<<<<<<< a\n"a":1\n=======\n"a":2\n>>>>>>> b\n' * 3_000, "digits": "1" * 100_000,
    "junk": "(^" * 20_000, "keys": "{" + '"a" ' * 10_000, "apostrophes": "'a\n" * 10_000, "hexadecimal": "0x" + "f" * 99_999,
    "line comments": "[//\n" * 10_000, "surrogates": '"' + "\\ud800" * 10_000 + '"', "comma runs": "[1," + "//\n" * 10_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_linear_time(name):
    began = time.process_time()
    document = text.parse(HOSTILE[name])
    document.verdict("core")
    document.verdict("image")
    document.verdict("auth-service")
    assert time.process_time() - began < 10  # all take less than one second; what is quadratic takes minutes
