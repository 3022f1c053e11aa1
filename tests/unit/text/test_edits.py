"""Edits change what they are asked to and keep all else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import text
from policy.errors import ShapeError, UsageError
from policy.text import edits


def after(written, change, *arguments, **named):
    document = text.parse(written)
    return edits.apply(document, change(document, *arguments, **named)).decode()


SPREAD = """\
{
  // head
  "a": 1, // one
  "b": {
    "x": [1, 2, 3]
  },

  /* about c */
  "c": "three" // last
}
"""


@pytest.mark.parametrize(
    ("change", "arguments", "named", "old", "new"),
    [
        (edits.replace, (("a",), 2), {}, '"a": 1,', '"a": 2,'),
        (edits.replace, (("b", "x", 1), "é"), {}, "[1, 2, 3]", '[1, "é", 3]'),
        (edits.replace, (("b", "x"), []), {}, "[1, 2, 3]", "[]"),
        (edits.replace, (("a",), {"k": [{}]}), {}, '"a": 1,', '"a": {\n    "k": [\n      {}\n    ]\n  },'),
        (edits.rename, (("a",), "A"), {}, '"a": 1', '"A": 1'),
        (edits.remove, (("b", "x", 0),), {}, "[1, 2, 3]", "[2, 3]"),
        (edits.remove, (("b", "x", 1),), {}, "[1, 2, 3]", "[1, 3]"),
        (edits.remove, (("b", "x", -1),), {}, "[1, 2, 3]", "[1, 2]"),
        (edits.remove, (("b", "x", 1), ("b", "x", 2)), {}, "[1, 2, 3]", "[1]"),
        (edits.remove, (("b", "x", 0), ("b", "x", 1), ("b", "x", 2)), {}, "[1, 2, 3]", "[]"),
        (edits.remove, (("a",),), {}, '  "a": 1, // one\n', "  // one\n"),
        (edits.remove, (("b",),), {}, '  "b": {\n    "x": [1, 2, 3]\n  },\n', ""),
        (edits.remove, (("b", "x"),), {}, '    "x": [1, 2, 3]\n', ""),
        (edits.insert, ((), 9), {"key": "z"}, '"three" // last\n', '"three", // last\n  "z": 9\n'),
        (edits.insert, ((), 9), {"key": "z", "after": "a"}, "// one\n", '// one\n  "z": 9,\n'),
        (edits.insert, ((), 9), {"key": "z", "before": "b"}, "// one\n", '// one\n  "z": 9,\n'),
        (edits.insert, ((), 9), {"key": "z", "before": "a"}, "{\n  // head", '{\n  "z": 9,\n  // head'),
        (edits.insert, (("b", "x"), 9), {}, "[1, 2, 3]", "[1, 2, 3, 9]"),
        (edits.insert, (("b", "x"), 9), {"before": 0}, "[1, 2, 3]", "[9, 1, 2, 3]"),
        (edits.insert, (("b", "x"), 9), {"after": 0}, "[1, 2, 3]", "[1, 9, 2, 3]"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_only_what_was_asked_changes(change, arguments, named, old, new, line_end):
    written = SPREAD.replace("\n", line_end)
    expected = written.replace(old.replace("\n", line_end), new.replace("\n", line_end), 1)
    assert expected != written
    assert after(written, change, *arguments, **named) == expected


def test_removing_the_last_member_takes_the_comma_before_it():
    assert after(SPREAD, edits.remove, ("c",)) == SPREAD.replace("  },\n", "  }\n").replace(
        '"c": "three" // last', "// last"
    )


@pytest.mark.parametrize(
    ("written", "change", "arguments", "named", "expected"),
    [
        ("{}", edits.insert, ((), 1), {"key": "a"}, '{"a": 1}'),
        ("[ ]", edits.insert, ((), 1), {}, "[1]"),
        ("{\n}", edits.insert, ((), 1), {"key": "a"}, '{\n  "a": 1\n}'),
        ("{ // none\n}", edits.insert, ((), 1), {"key": "a"}, '{ // none\n  "a": 1\n}'),
        ("[/**/]", edits.insert, ((), 1), {}, "[/**/1]"),
        ("[1,]", edits.insert, ((), 2), {}, "[1, 2,]"),
        ("[\n  1, // c\n]", edits.insert, ((), 2), {}, "[\n  1, // c\n  2,\n]"),
        ("[1,]", edits.remove, ((0,),), {}, "[]"),
        ("[1, 2,]", edits.remove, ((1,),), {}, "[1,]"),
        ("[1 /* c */, 2]", edits.remove, ((0,),), {}, "[ /* c */ 2]"),
        ("[1 // c\n, 2]", edits.remove, ((0,),), {}, "[ // c\n 2]"),
        ("[1, /* c */ 2]", edits.remove, ((1,),), {}, "[1 /* c */]"),
        ("[\n1, 2]", edits.remove, ((0,), (1,)), {}, "[\n]"),
        ("[1, 2 /* c */  \n]", edits.insert, ((), 3), {}, "[1, 2, 3 /* c */  \n]"),
        (
            '{\n"a": 1, /* c */ \t\n"b": 2}',
            edits.insert,
            ((), 3),
            {"key": "z", "after": "a"},
            '{\n"a": 1, /* c */\n"z": 3, \t\n"b": 2}',
        ),
        ('{"a": }', edits.replace, (("a",), 1), {}, '{"a": 1}'),
        ('{"a"  :1}', edits.replace, (("a",), None), {}, '{"a"  :null}'),
        ("{a: 'b'}", edits.rename, (("a",), "c"), {}, "{\"c\": 'b'}"),
        ('{"a": 1, "a": 2}', edits.replace, (("a",), 3), {}, '{"a": 1, "a": 3}'),
        (
            '{"a": 1, // c \t\n"b": 2}',
            edits.insert,
            ((), 3),
            {"key": "z", "after": "a"},
            '{"a": 1, "z": 3, // c \t\n"b": 2}',
        ),
        ("\t[\n\t\t1\n\t]", edits.insert, ((), {"k": 1}), {}, '\t[\n\t\t1,\n\t\t{\n\t\t\t"k": 1\n\t\t}\n\t]'),
    ],
)
def test_small_texts(written, change, arguments, named, expected):
    assert after(written, change, *arguments, **named) == expected


def test_members_can_be_named_themselves():
    document = text.parse('{"a": 1, "b": 0, "a": 2}')
    change = edits.remove(document, document.root.members[0])
    assert edits.apply(document, change) == b'{"b": 0, "a": 2}'
    with pytest.raises(UsageError, match=r"^the value is not in this document$"):
        edits.remove(text.parse("{}"), document.root.members[0])


def test_bytes_that_are_no_text_are_kept():
    data = b'\xef\xbb\xbf{"a": "\xe9", "b": 1}\r\n'
    document = text.parse(data)
    assert edits.apply(document, edits.replace(document, ("b",), 2)) == data.replace(b"1", b"2")
    assert edits.apply(document, []) == data
    wide = '{"a": 1}'.encode("utf-16")
    document = text.parse(wide)
    assert edits.apply(document, edits.replace(document, ("a",), "é")) == '{"a": "é"}'.encode("utf-16")


def test_changes_go_together_unless_they_overlap():
    document = text.parse('{"a": {"b": 1}, "c": 2}')
    both = [*edits.replace(document, ("c",), 3), *edits.rename(document, ("a", "b"), "B")]
    assert edits.apply(document, both) == b'{"a": {"B": 1}, "c": 3}'
    assert edits.edited(document, both).root.python() == {"a": {"B": 1}, "c": 3}
    with pytest.raises(edits.EditRefused, match="same text") as caught:
        edits.apply(document, [*edits.replace(document, ("a",), 3), *edits.rename(document, ("a", "b"), "B")])
    assert (caught.value.line, caught.value.column) == (1, 8)
    assert caught.value.help == "Make them in turn."


def test_what_cannot_be_done_is_refused_by_name():
    document = text.parse('{"a": [1')
    with pytest.raises(edits.EditRefused, match="the array is never closed") as caught:
        edits.insert(document, ("a",), 2)
    assert (caught.value.line, caught.value.column) == (1, 7)
    assert caught.value.help
    with pytest.raises(UsageError):
        edits.insert(document, (), 2)
    with pytest.raises(UsageError):
        edits.replace(document, ("z",), 2)
    with pytest.raises(UsageError):
        edits.rename(document, ("a", 0), "x")
    with pytest.raises(edits.EditRefused, match=r"^the whole document cannot be removed$"):
        edits.remove(document, ())
    with pytest.raises(UsageError):
        edits.replace_text(document, text.Span(0, 99), "")
    with pytest.raises(UsageError):
        edits.replace(text.parse(""), (), 1)


# -- YAML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("a",), "other", "plain", "other"),
        (("a",), "with: colon", "plain", '"with: colon"'),
        (("a",), "true", "plain", '"true"'),
        (("b",), "x'y", "'single'", "'x''y'"),
        (("c",), "x\ny", '"double"', '"x\\ny"'),
        (("a",), True, "plain", "true"),
        (("a",), [1, {"k": "v"}], "plain", '[1, {"k": "v"}]'),
        (("e",), "x", "e:", "e: x"),
        (("f", 0), "orthancteam/orthanc:26.8.1", "orthancteam/orthanc:25.9.0", "orthancteam/orthanc:26.8.1"),
    ],
)
def test_scalars_of_yaml(path, value, old, new):
    written = "a: plain # c\nb: 'single'\nc: \"double\"\ne:\nf: [orthancteam/orthanc:25.9.0]\n"
    document = text.parse_yaml(written)
    change = edits.replace(document, path, value)
    assert edits.apply(document, change).decode() == written.replace(old, new)
    node = edits.edited(document, change).root
    for step in path:
        node = node.get(step) if isinstance(step, str) else node.items[step]
    assert node.python() == value


def test_keys_and_flow_collections_of_yaml():
    document = text.parse_yaml("a: {x: 1, y: 2}\n'b': [1]\n")
    change = [
        *edits.rename(document, ("b",), "c"),
        *edits.remove(document, ("a", "x")),
        *edits.insert(document, ("b",), "z"),
    ]
    assert edits.apply(document, change) == b"a: {y: 2}\n'c': [1, \"z\"]\n"
    with pytest.raises(edits.EditRefused, match="brackets"):
        edits.insert(document, (), 1, key="z")


# -- JSON in YAML ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            'j: |  # h\n    {\n      "a": 1 // c\n    }\nk: 1\n',
            'j: |  # h\n    {\n      "a": 1, // c\n      "b": "it\'s"\n    }\nk: 1\n',
        ),
        ("j: '{\"a\": 1}' # c\n", 'j: \'{"a": 1, "b": "it\'\'s"}\' # c\n'),
        ('j: "{\\"a\\": 1}"\n', 'j: "{\\"a\\": 1, \\"b\\": \\"it\'s\\"}"\n'),
    ],
)
def test_json_in_yaml(written, expected):
    outer = text.parse_yaml(written)
    document = text.embedded(outer, outer.root.get("j"))
    change = edits.insert(document, (), "it's", key="b")
    assert edits.apply(document, change).decode() == expected
    assert edits.apply(outer, [edits.outside(document, change)]).decode() == expected
    again = edits.edited(document, change)
    assert text.embedded(again, again.root.get("j")).root.python() == {"a": 1, "b": "it's"}
    assert edits.apply(document, []) == outer.data


@pytest.mark.parametrize(
    ("written", "style"),
    [
        ('j: >\n  {"a": 1}\n', "a folded block"),
        ("j: '{\n  \"a\": 1}'\n", "single quotes"),
        ('j: |2\n    {"a":\n  1}\n', "a literal block with its own indentation"),
        ('j: |2\n  {"a": 1}\n', "a literal block with its own indentation"),
        ("j: [1]\n", None),
        ("j: x\n", "a plain scalar"),
    ],
)
def test_scalars_that_cannot_take_the_change(written, style):
    outer = text.parse_yaml(written)
    if style is None:
        with pytest.raises(ShapeError, match="array instead of a text that holds JSON") as wrong:
            text.embedded(outer, outer.root.get("j"))
        assert (wrong.value.line, wrong.value.column) == (1, 4)
        return
    document = text.embedded(outer, outer.root.get("j"))
    change = edits.replace_text(document, text.Span(1, 1), "\n")
    with pytest.raises(edits.EditRefused) as caught:
        edits.apply(document, change)
    assert caught.value.message == f"the JSON stands in {style}, which cannot take this change"
    assert "literal block" in caught.value.help


def test_a_number_in_the_head_of_a_block_that_is_a_comment():
    outer = text.parse_yaml('j: | # 2\n  {"a": 1}\n')
    document = text.embedded(outer, outer.root.get("j"))
    assert edits.apply(document, edits.replace(document, ("a",), 2)) == b'j: | # 2\n  {"a": 2}\n'


def test_a_member_of_the_outer_tree_names_the_one_inside():
    outer = text.parse_yaml('j: \'{"a": 1, "b": 2}\'\n')
    document = text.embedded(outer, outer.root.get("j"))
    assert edits.apply(document, edits.remove(document, document.root.members[0])) == b"j: '{\"b\": 2}'\n"


# -- properties ------------------------------------------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/*,\"'\\é\n", max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def documents(draw):
    """Texts of objects and arrays with comments, blanks and trailing commas in them."""
    trivia = st.sampled_from(["", "", "", " ", "\n", "\r\n", "\n  ", "// c\n", " /* c */ ", "\n\n\t", '// d, "\r\n'])

    def write(value):
        if isinstance(value, dict):
            parts = [f"{json.dumps(k)}{draw(trivia)}:{draw(trivia)}{write(v)}" for k, v in value.items()]
            opener, closer = "{}"
        elif isinstance(value, list):
            parts = [write(v) for v in value]
            opener, closer = "[]"
        else:
            return json.dumps(value)
        inside = ",".join(draw(trivia) + part + draw(trivia) for part in parts)
        if parts and draw(st.booleans()):
            inside += "," + draw(trivia)
        return opener + inside + draw(trivia) + closer

    value = draw(st.lists(values, max_size=4) | st.dictionaries(st.text("abc", max_size=2), values, max_size=4))
    return draw(trivia) + write(value) + draw(trivia), value


def places(value, path=()):
    """Every path into a value, with what it is in."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def comments(document):
    return [(comment.kind, comment.text) for comment in document.comments]


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(documents(), st.data())
def test_after_an_edit_the_tree_is_the_expected_one(made, data):
    written, expected = made
    document = text.parse(written)
    assert document.root.python() == expected
    path = data.draw(st.sampled_from(list(places(expected))))
    kind = data.draw(st.sampled_from(["replace", "rename", "remove", "insert"]))
    new = data.draw(values)
    inside = at(expected, path[:-1]) if path else None
    lost = []
    if kind == "replace":
        change = edits.replace(document, path, new)
        if path:
            inside[path[-1]] = new
        else:
            expected = new
        node = find(document, path)
        lost = [c for c in document.comments if node.span.start <= c.span.start < node.span.end]
    elif kind == "rename" and isinstance(inside, dict):
        change = edits.rename(document, path, "new")
        items = [("new" if key == path[-1] else key, value) for key, value in inside.items()]
        inside.clear()
        inside.update(items)
    elif kind == "remove" and path:
        steps = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        chosen = {path[-1], *data.draw(st.lists(st.sampled_from(steps), max_size=2))}
        change = edits.remove(document, *[(*path[:-1], step) for step in chosen])
        spans = [
            find(document, path[:-1]).member(s).span
            if isinstance(inside, dict)
            else find(document, (*path[:-1], s)).span
            for s in chosen
        ]
        lost = [c for c in document.comments if any(s.start <= c.span.start < s.end for s in spans)]
        for step in sorted(chosen, reverse=True):
            del inside[step]
    elif kind == "insert" and isinstance(at(expected, path), dict | list):
        target = at(expected, path)
        if isinstance(target, dict):
            change = edits.insert(document, path, new, key="new")
            target["new"] = new
        else:
            where = data.draw(st.sampled_from(["end", *range(len(target))]))
            if where == "end":
                change = edits.insert(document, path, new)
                target.append(new)
            elif data.draw(st.booleans()):
                change = edits.insert(document, path, new, before=where)
                target.insert(where, new)
            else:
                change = edits.insert(document, path, new, after=where)
                target.insert(where + 1, new)
    else:
        change = []
        assert edits.apply(document, change) == document.data
    again = edits.edited(document, change)
    assert again.root.python() == expected
    assert json.dumps(again.root.python()) == json.dumps(expected)
    allowed = {"line-comment", "block-comment", "trailing-comma"}
    assert {leniency.kind for leniency in again.leniencies} <= allowed
    kept = [(c.kind, c.text) for c in document.comments if c not in lost]
    assert comments(again) == kept


def find(document, path):
    node = document.root
    for step in path:
        node = node.get(step) if isinstance(step, str) else node.items[step]
    return node
