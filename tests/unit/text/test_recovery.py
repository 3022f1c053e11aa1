"""One mistake is one leniency, at its place, and the rest of the text is read all the same."""

import pytest

from policy import text


def facts(written):
    document = text.parse(written)
    return [(leniency.kind, document.text[slice(*leniency.span)]) for leniency in document.leniencies]


def value(written):
    root = text.parse(written).root
    return None if root is None else root.python()


CASES = [
    # written, the tree, the leniencies with the characters that they stand at
    ('{"a": 1}', {"a": 1}, []),
    ('{"a": 1,}', {"a": 1}, [("trailing-comma", ",")]),
    ("[1,]", [1], [("trailing-comma", ",")]),
    ("[,]", [], [("lone-comma", ",")]),
    ("{,}", {}, [("lone-comma", ",")]),
    ("[,1]", [1], [("leading-comma", ",")]),
    ("[1,,2]", [1, 2], [("doubled-comma", ",")]),
    ("[1,,,2]", [1, 2], [("doubled-comma", ",,")]),
    ('{"a": 1,,}', {"a": 1}, [("doubled-comma", ",")]),
    ('{"a": 1 "b": 2}', {"a": 1, "b": 2}, [("missing-comma", "")]),
    ("[1 2]", [1, 2], [("missing-comma", "")]),
    ('{"a": 1; "b": 2}', {"a": 1, "b": 2}, [("semicolon", ";")]),
    ('{"a" 1, "b": 2}', {"a": 1, "b": 2}, [("missing-colon", "")]),
    ('{"a" = 1, "b": 2}', {"a": 1, "b": 2}, [("equals-sign", "=")]),
    ('{"a" => 1}', {"a": 1}, [("equals-sign", "=>")]),
    ('{"a":: 1}', {"a": 1}, [("doubled-colon", "::")]),
    ('{"a": : 1}', {"a": 1}, [("doubled-colon", ":")]),
    ('{"a": , "b": 2}', {"a": None, "b": 2}, [("missing-value", "")]),
    ('{"a": }', {"a": None}, [("missing-value", "")]),
    ('{"a"}', {"a": None}, [("missing-value", "")]),
    ('{"a", "b": 2}', {"a": None, "b": 2}, [("missing-value", "")]),
    ('{"a" "b": 2}', {"a": None, "b": 2}, [("missing-value", "")]),
    ('{"a": "b": 1, "c": 2}', {"a": "b", "c": 2}, [("stray-text", ": 1")]),
    ('{: 1, "b": 2}', {"": 1, "b": 2}, [("missing-key", ":")]),
    ('{"a": 1, {"x": 1}, "b": 2}', {"a": 1, "": {"x": 1}, "b": 2}, [("missing-key", "{")]),
    ('["a": 1, "b": 2]', ["a", 1, "b", 2], [("colon-in-array", ":")]),
    ("{a: 1}", {"a": 1}, [("bare-key", "a")]),
    ("{1: 2}", {"1": 2}, [("numeric-key", "1")]),
    ("{null: 2}", {"null": 2}, [("bare-key", "null")]),
    ("{'a': 'it'}", {"a": "it"}, [("single-quotes", "'a'"), ("single-quotes", "'it'")]),
    ("[`a`]", ["a"], [("backticks", "`a`")]),
    ("[“a”, 1]", ["a", 1], [("typographic-quotes", "“a”")]),
    ("[True, 1]", [True, 1], [("other-word", "True")]),
    ("[None, yes, NULL]", [None, True, None], [("other-word", "None"), ("other-word", "yes"), ("other-word", "NULL")]),
    ("[hello world, 1]", ["hello world", 1], [("bare-word", "hello world")]),
    ("[192.168.0.1]", ["192.168.0.1"], [("bare-word", "192.168.0.1")]),
    ("[NaN]", None, [("special-number", "NaN")]),
    ("[0x10]", [16], [("hexadecimal", "0x10")]),
    ("[+5]", [5.0], [("plus-sign", "+5")]),
    ("[007]", [7], [("leading-zeros", "007")]),
    ("[1.]", [1.0], [("trailing-point", "1.")]),
    ("[.5]", [0.5], [("leading-point", ".5")]),
    ("[-.5]", [-0.5], [("sign-then-point", "-.5")]),
    ("[-]", [0], [("lone-minus", "-")]),
    ("[1e]", [1.0], [("empty-exponent", "1e")]),
    ("[1e999]", [float("inf")], [("number-overflow", "1e999")]),
    ('["\\q"]', ["\\q"], [("bad-escape", "\\q")]),
    ('["\\u12"]', ["\\u12"], [("bad-escape", "\\u")]),
    ('["\\ud800"]', ["\ufffd"], [("lone-surrogate", "\\ud800")]),
    ('["\\udc00"]', ["\ufffd"], [("odd-surrogates", "\\udc00")]),
    ('["a\tb"]', ["a\tb"], [("control-character", "\t")]),
    ('["a\nb"]', ["a\nb"], [("control-character", "\n")]),
    ('["a,\n "b"]', ["a", "b"], [("unfinished-string", '"a')]),
    ('{"a: 1,\n "b": 2}', {"a": 1, "b": 2}, [("unfinished-string", '"a')]),
    ('{a": 1, "b": 2}', {"a": 1, "b": 2}, [("unfinished-string", 'a"')]),
    ('{"a": "x}', {"a": "x"}, [("unfinished-string", '"x')]),
    ('{"a": "x', {"a": "x"}, [("unclosed-bracket", "{")]),
    ('{"a": {"b": [1, 2', {"a": {"b": [1, 2]}}, [("unclosed-bracket", "[")]),
    ('{"a": [1, 2}', {"a": [1, 2]}, [("unclosed-bracket", "[")]),
    ('{"a": [1, 2}, "b": 3}', {"a": [1, 2], "b": 3}, [("wrong-bracket", "}")]),
    ('{"a": {"b": 1], "c": 2}', {"a": {"b": 1}, "c": 2}, [("wrong-bracket", "]")]),
    ('{"a": [1]], "b": 2}', {"a": [1], "b": 2}, [("stray-bracket", "]")]),
    ("[1, 2}", [1, 2], [("wrong-bracket", "}")]),
    ('"a": 1, "b": 2', {"a": 1, "b": 2}, [("missing-braces", '"a"')]),
    ('{"a": 1} xyz "b', {"a": 1}, [("text-after-end", 'xyz "b')]),
    ('{"a": 1}}', {"a": 1}, [("text-after-end", "}")]),
    ('{"a": 1}{"b": 2}', {"a": 1}, [("text-after-end", '{"b": 2}')]),
    ('{"a": ("x")}', {"a": "x"}, [("stray-text", "(")]),
    ('{"a": 1 / }', {"a": 1}, [("stray-text", "/")]),
    ('{\u00a0"a": 1}', {"a": 1}, [("odd-space", "\u00a0")]),
    ('{"a": 1\0}', {"a": 1}, [("stray-text", "\0")]),
    ('{"a": 1, "a": 2}', {"a": 2}, [("duplicate-key", '"a"')]),
    ("# c\n[1]", [1], [("hash-comment", "# c")]),
    ("[1 // c\n]", [1], [("line-comment", "// c")]),
    ("[1 /* c */]", [1], [("block-comment", "/* c */")]),
    ('{ /* c\n "a": 1}', {"a": 1}, [("unfinished-comment", "/* c")]),
    ("", None, [("empty", "")]),
    (" \n", None, [("empty", "")]),
    ("// c", None, [("empty", ""), ("line-comment", "// c")]),
]


@pytest.mark.parametrize(("written", "tree", "expected"), CASES, ids=[case[0] or "(empty)" for case in CASES])
def test_one_mistake_is_one_fact(written, tree, expected):
    assert facts(written) == expected
    if written != "[NaN]":
        assert value(written) == tree


def test_merge_conflict_is_one_mistake_and_both_sides_are_read():
    written = (
        '{\n"roles": {\n<<<<<<< HEAD\n "a": {"x": 1},\n "b": {\n  "y": 2\n'
        '=======\n "a": {"x": 2},\n "c": {\n  "y": 3\n>>>>>>> other\n }\n}\n}\n'
    )
    document = text.parse(written)
    assert [leniency.kind for leniency in document.leniencies] == ["merge-conflict"]
    assert [member.key for member in document.root.get("roles").members] == ["a", "b", "a", "c"]
    assert document.position(document.leniencies[0].span.start) == (3, 1)
    assert document.text[slice(*document.leniencies[0].span)].endswith(">>>>>>> other")


def test_details_name_what_a_message_needs():
    (missing,) = text.parse('{"a": 1 "X": 2}').leniencies
    assert missing.detail == 'before key "X"'
    (unclosed,) = text.parse('{"a": [1').leniencies
    assert unclosed.detail == "]}"
    (duplicate,) = text.parse('{"a": 1, "a": 2}').leniencies
    assert duplicate.detail == "a"


def test_places_of_comments():
    written = '//0\n{//1\n"a"//2\n://3\n[//4\n],//5\n"b":[1,//6\n],"c":[1//7\n]//8\n}//9'
    places = [leniency.place for leniency in text.parse(written).leniencies if leniency.kind == "line-comment"]
    assert places == ["start", "key", "colon", "value", "empty-array", "key", "array-end", "comma", "comma", "end"]


def test_bytes_that_are_no_utf8():
    document = text.parse(b'{"a": "\xe9"}')
    assert document.text == '{"a": "\ufffd"}'
    assert [(leniency.kind, leniency.detail) for leniency in document.leniencies] == [("invalid-utf-8", "0xE9")]
    assert document.data == b'{"a": "\xe9"}'


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_read_and_named(encoding):
    document = text.parse('{"a": 1}'.encode(encoding))
    assert document.root.python() == {"a": 1}
    assert [leniency.kind for leniency in document.leniencies] == ["encoding"]


def test_byte_order_mark_does_not_move_columns():
    document = text.parse(b'\xef\xbb\xbf{"a": 1}')
    assert document.position(document.root.get("a").span.start) == (1, 7)
    assert [leniency.kind for leniency in document.leniencies] == ["byte-order-mark"]


def test_deep_nesting_needs_no_stack():
    document = text.parse("[" * 100_000)
    assert document.depth == 100_000
    assert [leniency.kind for leniency in document.leniencies] == ["unclosed-bracket"]
    assert sum(1 for _ in document.root.walk()) == 100_000
    assert document.root.python() is not None
    assert not document.accepted_by("core")
    assert not document.accepted_by("image")


def test_positions_and_lines():
    document = text.parse('{\r\n  "a": 1,\n\t"é": 2\r}')
    assert document.position(0) == (1, 1)
    assert document.position(document.root.get("a").span.start) == (2, 8)
    assert document.position(document.root.members[1].key_span.start) == (3, 2)
    assert document.position(10_000) == (4, 2)
    assert [document.line(number) for number in range(6)] == ["", "{", '  "a": 1,', '\t"é": 2', "}", ""]
    assert document.offset(3, 2) == document.root.members[1].key_span.start
    assert document.line_count == 4


def test_get_takes_the_last_of_equal_keys():
    root = text.parse('{"a": 1, "b": 2, "a": 3}').root
    assert root.get("a").value == 3
    assert root.get("x") is None
    assert [member.key for member in root.members] == ["a", "b", "a"]
    assert root.python() == {"a": 3, "b": 2}


@pytest.mark.parametrize(("piece", "first"), [("{]", 6), (": ", 7), ("1] ", 6)])
def test_a_text_with_too_many_mistakes_is_not_read(piece, first):
    few = text.parse('{"a":' + piece * 100)
    assert few.problem is None
    assert few.root is not None
    many = text.parse('{"a":' + piece * 30_000)
    assert many.root is None
    assert (many.problem.kind, many.problem.detail) == ("too-many-mistakes", "more than 20000")
    assert many.leniencies == (many.problem,)
    assert many.problem.span == (first, first + 1)


def test_comments_are_no_mistakes():
    document = text.parse('{"a": [' + "1, // one\n" * 30_000 + "1]}")
    assert document.problem is None
    assert len(document.comments) == 30_000
