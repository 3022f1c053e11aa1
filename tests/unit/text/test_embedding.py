"""JSON in a scalar: the same reader, places in the outer text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import text
from policy.errors import ShapeError, SyntaxRefused
from policy.text import edits
from policy.text.embedding import substituted

JSON = '{"Name": "A b", "List": [1, "it\'s", null], "Deep": {"x": true}}'
STYLES = {
    "double quotes, empty lines": "a:\n  j: " + json.dumps(JSON).replace(", ", ",\n\n\n    ") + "\n",
    "double quotes, escaped line ends": "a:\n  j: " + json.dumps(JSON).replace(", ", ", \\\r\n    ") + "\r\n",
    "literal": "a:\n  j: |\n    " + JSON.replace(", ", ",\n    ") + "\n",
    "literal, indentation given": "a:\n  j: |2-\n      " + JSON.replace(", ", ",\n    ") + "\n",
    "folded": "a:\n  j: >\n    " + JSON.replace(", ", ",\n    ") + "\n",
    "single quotes": "a:\n  j: '" + JSON.replace("'", "''") + "'\n",
    "single quotes, two lines": "a:\n  j: '" + JSON.replace("'", "''").replace(", ", ",\n    ") + "'\n",
    "double quotes": "a:\n  j: " + json.dumps(JSON) + "\n",
    "double quotes, two lines": "a:\n  j: " + json.dumps(JSON).replace(", ", ",\n\n    ") + "\n",
    "anchor and tag": "a:\n  j: &x !!str |  # head\n    " + JSON + "\n",
    "line ends of Windows": "a:\r\n  j: |\r\n    " + JSON.replace(", ", ",\r\n    ") + "\r\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_every_style_keeps_values_and_places(style):
    outer = text.parse_yaml(STYLES[style])
    document = text.embedded(outer, outer.root.get("a").get("j"))
    assert document.root.python() == json.loads(JSON)
    assert document.leniencies == ()
    assert document.text == outer.text
    escaped = style.startswith("double")
    quote = '\\"' if escaped else '"'
    for node in document.root.walk():
        stands = outer.text[slice(*node.span)]
        if node.kind in ("object", "array"):
            assert stands[0] + stands[-1] in ("{}", "[]")
        elif node.kind == "string" and "'" not in node.value:
            assert stands.replace("\n    ", " ") == f"{quote}{node.value}{quote}"
        elif node.kind != "string":
            assert stands == json.dumps(node.value)
        for member in node.members:
            assert outer.text[slice(*member.key_span)] == f"{quote}{member.key}{quote}"


def test_leniencies_and_verdicts_have_places_in_the_outer_text():
    outer = text.parse_yaml("j: |\n  {\n    \"a\": 'x',\n  }\n")
    document = text.embedded(outer, outer.root.get("j"))
    assert [outer.position(leniency.span.start) for leniency in document.leniencies] == [(3, 10), (3, 13)]
    assert document.verdict("image").accepted is False
    assert document.verdict("core").accepted is False
    refusals = document.verdict("image").refusals
    assert [(refusal.kind, outer.position(refusal.span.start)) for refusal in refusals] == [
        ("single-quotes", (3, 10)),
        ("trailing-comma", (3, 13)),
    ]
    with pytest.raises(SyntaxRefused) as caught:
        document.value_for("image")
    assert (caught.value.line, caught.value.column) == (3, 10)


def test_json_in_a_string_of_json():
    outer = text.parse(json.dumps({"j": '{"a": "\U0001f600é"}'}))
    document = text.embedded(outer, outer.root.get("j"))
    assert document.root.python() == {"a": "\U0001f600é"}
    assert outer.text[slice(*document.root.get("a").span)] == '\\"\\ud83d\\ude00\\u00e9\\"'


def test_only_strings_hold_json():
    outer = text.parse_yaml("j: 5\n")
    with pytest.raises(ShapeError):
        text.embedded(outer, outer.root.get("j"))


def test_an_empty_string():
    outer = text.parse_yaml("j: ''\n")
    document = text.embedded(outer, outer.root.get("j"))
    assert document.root is None
    assert [leniency.kind for leniency in document.leniencies] == ["empty"]


def test_a_place_between_two_characters():
    outer = text.parse_yaml('j: |\n  {"a": 1 "b": 2}\n')
    document = text.embedded(outer, outer.root.get("j"))
    assert [(note.kind, *note.span) for note in document.leniencies] == [("missing-comma", 14, 14)]
    assert document.outside(text.Span(0, 0)) == (7, 7)


def test_what_stands_in_replaced_text_has_the_place_of_what_was_replaced():
    outer = text.parse_yaml("j: '{\"a\": ${X}}'\n")
    document = text.embedded(outer, outer.root.get("j"))
    value = '{"a": [1, 2]}'
    old, new = text.Span(6, 10), text.Span(6, 12)

    def origin(span):
        if new.start <= span.start < new.end:
            return old
        shift = 0 if span.start < new.start else old.end - new.end
        return text.Span(span.start + shift, span.end + shift)

    replaced = substituted(document, value, origin)
    assert replaced.root.python() == {"a": [1, 2]}
    assert outer.text[slice(*replaced.root.get("a").span)] == "${X}"
    assert outer.text[slice(*replaced.root.span)] == '{"a": ${X}}'
    assert (replaced.outer, replaced.node, replaced.replaced) == (outer, document.node, True)
    with pytest.raises(edits.EditRefused, match=r"^variables were replaced in this text$") as caught:
        edits.outside(replaced, [])
    assert caught.value.help == "Change it by hand."


# -- every character has its place -----------------------------------------------------------------------------------

PIECES = ["a", "b c", " ", "  ", "\t", "\n", "\n\n", "'", '"', "é", "#", ": ", "\\", "{", "}", "1"]
ESCAPED = [
    *PIECES,
    "\\n",
    "\\t",
    "\\x41",
    "\\u00e9",
    "\\U0001F600",
    "\\ud83d\\ude00",
    "\\\\",
    '\\"',
    "\\/",
    "\\ ",
    "\\\n",
    "\\\t",
]


def scalar_of(style, pieces, line_end):
    inside = "".join(pieces)
    if style == '"':
        return '"' + "".join(piece for piece in pieces if piece not in ('"', "\\")).replace("\n", "\n  ") + '"'
    if style == "'":
        return "'" + inside.replace("'", "''").replace("\n", "\n  ") + "'"
    if style in ("|", ">", "|-", "|+", "|1", ">1"):
        return f"{style}\n" + "\n".join("  " + line for line in inside.split("\n"))
    return "x" + inside.replace("\n", "\n  ")


@given(
    st.sampled_from(['"', "'", "|", "|-", "|+", "|1", ">", ">1", ""]),
    st.lists(st.sampled_from(ESCAPED), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=settings.default.max_examples * 4)
def test_every_character_has_its_place(style, pieces, line_end):
    written = ("k:\n  j: " + scalar_of(style, pieces, line_end) + "\nl: 1\n").replace("\n", line_end)
    outer = text.parse_yaml(written)
    node = outer.root.get("k").get("j") if outer.problem is None and outer.root.get("k").kind == "object" else None
    if node is None or node.kind != "string":
        return
    document = text.embedded(outer, node)
    value = document.inner.text
    assert value == node.value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    reached = node.span.start
    for index, sign in enumerate(value):
        span = document.outside(text.Span(index, index + 1))
        assert node.span.start <= span.start <= span.end <= node.span.end
        stands = outer.text[slice(*span)]
        if stands and stands[0] not in " \t\r\n":
            assert span.start >= reached
            reached = span.end
        if sign.isspace():
            assert stands.strip() == "" or stands[0] == "\\"
        elif stands[:1] != "\\" or sign == "\\":
            assert stands in (
                {"''"}
                if sign == "'" and node.span.start < len(written) and written[node.span.start] == "'"
                else {sign, "\\" + sign}
            )
        if stands and not sign.isspace():
            assert document.inside(span) == (index, index + 1)
