"""JSON in a scalar: the same reader, places in the outer text."""

import json

import pytest

from policy import text
from policy.errors import ShapeError, SyntaxRefused

JSON = '{"Name": "A b", "List": [1, "it\'s", null], "Deep": {"x": true}}'
STYLES = {
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
