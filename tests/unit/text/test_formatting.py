"""Layout anew: the same words and comments in the same order, the same for every reader, and once is enough."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import text
from policy.errors import SyntaxRefused
from policy.text import edits, readers
from policy.text.formatting import format_document


def laid_out(written: str | bytes, **options: str) -> str:
    return format_document(text.parse(written), **options).decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{}", "{}\n"),
        ("{ }", "{}\n"),
        ("{\n}", "{}\n"),
        ('{"a": {\n}}', '{"a": {}}\n'),
        ('{"a":1}', '{"a": 1}\n'),
        ('{ "a" : 1 , "b":[ 1,2 ] }', '{"a": 1, "b": [1, 2]}\n'),
        ('{"a":\n 1}', '{"a": 1}\n'),
        ('{"a":\n {"b": 1,\n"c":2}}', '{\n  "a": {\n    "b": 1,\n    "c": 2\n  }\n}\n'),
        ('{\n\t"a": [\n1]}', '{\n\t"a": [\n\t\t1\n\t]\n}\n'),
        ('{\n   "a": 1}', '{\n   "a": 1\n}\n'),
        ('{"a": 1,\n\n\n\n"b": 2}', '{\n  "a": 1,\n\n  "b": 2\n}\n'),
        ('{\n\n"a": 1\n\n}', '{\n  "a": 1\n}\n'),
        ('{"a": 1, // one\n// two\n"b": 2 /* b */ }', '{\n  "a": 1, // one\n  // two\n  "b": 2 /* b */\n}\n'),
        ('{"a": 1,\n /* b */ "b": 2}', '{\n "a": 1,\n /* b */ "b": 2\n}\n'),
        ('{"a": 1, /* b */ "b": 2\n}', '{\n  "a": 1,\n  /* b */ "b": 2\n}\n'),
        ('{"a": [1, /* two */ 2]}', '{"a": [1, /* two */ 2]}\n'),
        ('{"a": 1 // one\n, "b": 2}', '{\n  "a": 1 // one\n  ,\n  "b": 2\n}\n'),
        ('{"a": [1,2,],\n}', '{\n  "a": [1, 2,],\n}\n'),
        ('// head\n\n\n\n{"a": 1} // tail\n\n\n', '// head\n\n{"a": 1} // tail\n'),
        (
            '{\n      /*\n        long\n      */\n      "a": 1}',
            '{\n      /*\n        long\n      */\n      "a": 1\n}\n',
        ),
        ('{\n "a": {\n    /*\n      long\n    */\n "b": 1}}', '{\n "a": {\n  /*\n    long\n  */\n  "b": 1\n }\n}\n'),
        ('{"a": 1e5, "b": 1E+05, "c": "\\u00e9"}', '{"a": 1e5, "b": 1E+05, "c": "\\u00e9"}\n'),
        ('{"a": 1}   rest  of\n it', '{"a": 1}   rest  of\n it'),
        ('{"a" :1}\n/* no  end', '{"a": 1}\n/* no  end'),
        ('{"a" :1} /*/\n', '{"a": 1} /*/\n'),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}\n'),
    ],
)
def test_layout(old: str, new: str) -> None:
    assert new == laid_out(old)
    assert new == laid_out(new)


def test_line_ends_and_marks_are_kept_or_chosen() -> None:
    windows = b'\xef\xbb\xbf{\r\n"a": 1, // one\r\n/* b\r\n b */ "b": 2}\r\n'
    kept = format_document(text.parse(windows))
    assert b'\xef\xbb\xbf{\r\n  "a": 1, // one\r\n  /* b\r\n   b */ "b": 2\r\n}\r\n' == kept
    assert kept.replace(b"\r\n", b"\n") == format_document(text.parse(windows), line_end="\n")
    assert '{\n\t"a": 1\n}\n' == laid_out('{\n  "a": 1}', step="\t")


def test_bytes_that_are_no_text_are_kept() -> None:
    assert b'{"a": "\xff"}\n' == format_document(text.parse(b'{"a" :"\xff"}'))


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("", (1, 1)),
        ('{"a": 1', (1, 1)),
        ('{\n  "a": tru\n}', (2, 8)),
        ("{'a': 1}", (1, 2)),
        ('{"a": 1 "b": 2}', None),
        ('{"Port": ${PORT}}', None),
        ('{"a": 1}'.encode("utf-16"), None),
    ],
)
def test_what_no_reader_accepts_is_refused_with_its_place(written: str | bytes, place: tuple[int, int] | None) -> None:
    with pytest.raises(SyntaxRefused) as caught:
        laid_out(written)
    assert caught.value.line is not None
    if place is not None:
        assert place == (caught.value.line, caught.value.column)


def test_yaml_is_refused() -> None:
    with pytest.raises(SyntaxRefused, match=r"^only files of JSON are laid out$") as caught:
        format_document(text.parse_yaml("a: 1\n"))
    assert caught.value.help == "YAML is left as it is."


# -- properties ------------------------------------------------------------------------------------------------------

BLANKS = st.sampled_from(
    ["", "", " ", "\n", "  ", "\n\n\n", "\t", "\r\n", " // c\n", "/* c */", "\n  /* c\n   c */\n", "//\n"]
)
SCALARS = st.sampled_from(
    ['"x"', '""', "1", "-0", "1.50", "1e3", "true", "null", '"/* no */"', '"// no"', '"é\\n"', "NaN"]
)
KEYS = st.sampled_from(['"a"', '"b"', '"c d"'])


@st.composite
def values(draw: st.DrawFn, depth: int = 3) -> str:
    kind = draw(st.sampled_from(["scalar", "object", "array"])) if depth else "scalar"
    if kind == "scalar":
        return draw(SCALARS)
    opener, closer = "{}" if kind == "object" else "[]"
    pieces = [opener, draw(BLANKS)]
    count = draw(st.integers(0, 3))
    for number in range(count):
        if kind == "object":
            pieces += [draw(KEYS), draw(st.sampled_from(["", " ", "\n"])), ":", draw(BLANKS)]
        pieces += [draw(values(depth - 1)), draw(BLANKS)]
        if number < count - 1 or draw(st.integers(0, 5)) == 0:
            pieces += [",", draw(BLANKS)]
    return "".join([*pieces, closer])


@st.composite
def documents(draw: st.DrawFn) -> str:
    body = draw(values().filter(lambda value: value.startswith("{")))
    return draw(BLANKS) + body + draw(BLANKS)


def as_read(document: text.Document) -> list[object]:
    found = []
    for reader in readers.READERS:
        version = ".".join(map(str, reader.since))
        accepted = document.accepted_by(reader.name, version)
        found.append(repr(document.value_for(reader.name, version)) if accepted else None)
    return found


@given(documents())
@settings(max_examples=settings.default.max_examples * 3 // 2)
def test_once_is_enough_and_every_reader_reads_the_same(written: str) -> None:
    document = text.parse(written)
    if not any(document.accepted_by(reader.name, ".".join(map(str, reader.since))) for reader in readers.READERS):
        return
    once = format_document(document)
    assert once == format_document(text.parse(once))
    assert as_read(document) == as_read(text.parse(once))
    assert [comment.text.split() for comment in document.comments] == [
        comment.text.split() for comment in text.parse(once).comments
    ]


@given(documents(), st.sampled_from([" ", "    ", "\t"]), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=settings.default.max_examples // 2)
def test_chosen_layout_is_kept(written: str, step: str, line_end: str) -> None:
    document = text.parse(written)
    if not document.accepted_by("auth-service"):
        return
    chosen = format_document(document, step=step, line_end=line_end)
    assert chosen == format_document(text.parse(chosen), step=step, line_end=line_end)


def test_the_formatter_can_fail() -> None:
    """A check that lets everything through would not see a layout that loses a comma."""
    document = text.parse('{"a": [1, 2]}')
    lost = edits.edited(document, edits.remove(document, ("a", 1)))
    assert as_read(document) != as_read(lost)
    assert math.isnan(text.parse('{"a": NaN}').value_for("auth-service")["a"])
