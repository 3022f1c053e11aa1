"""YAML gives the same tree, with places; what is wrong is said, never raised."""

import pytest

from policy import text

COMPOSE = """\
x-common: &common
  restart: unless-stopped
  labels: [a, 'b']   # two
services:
  orthanc:
    <<: *common
    image: "orthancteam/orthanc:25.9.0"
    restart: no
    ports:
      - "8042:8042"
      - 4242
    environment:
      VERBOSE: true
      EMPTY:
      # a comment
      FOLDED: >-
        one
        two
"""


def written(document, node):
    return document.text[slice(*node.span)]


def test_tree_and_places():
    document = text.parse_yaml(COMPOSE)
    assert document.language == "yaml"
    assert document.problem is None
    orthanc = document.root.get("services").get("orthanc")
    assert orthanc.python() == {
        "restart": "no",
        "labels": ["a", "b"],
        "image": "orthancteam/orthanc:25.9.0",
        "ports": ["8042:8042", 4242],
        "environment": {"VERBOSE": True, "EMPTY": None, "FOLDED": "one two"},
    }
    image = orthanc.member("image")
    assert document.position(image.key_span.start) == (7, 5)
    assert document.position(image.value.span.start) == (7, 12)
    assert written(document, image.value) == '"orthancteam/orthanc:25.9.0"'
    environment = orthanc.get("environment")
    assert written(document, environment.get("FOLDED")) == ">-\n        one\n        two"
    assert document.position(environment.get("EMPTY").span.start) == (14, 13)
    assert document.position(document.root.get("x-common").span.start) == (2, 3)
    assert [comment.text for comment in document.comments] == [" two", " a comment"]


def test_aliases_share_the_node():
    document = text.parse_yaml("a: &x [1]\nb: *x\n")
    assert document.root.get("a") is document.root.get("b")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1), ("-7", -7), ("007", 7), ("0x10", 16), ("0o10", 8), ("1.5", 1.5), ("1e3", 1000.0), (".inf", float("inf")),
        ("true", True), ("FALSE", False), ("~", None), ("", None), ("yes", "yes"), ("'1'", "1"), ('"true"', "true"),
        ("!!str 1", "1"), ("2024-01-01", "2024-01-01"), ("12:30", "12:30"), ("1_000", "1_000"), ("a b", "a b"),
        ("! 1", "1"),
    ],
)  # fmt: skip
def test_scalars_of_yaml_1_2(written, value):
    node = text.parse_yaml(f"a: {written}\n").root.get("a")
    assert (type(node.value), node.value) == (type(value), value)


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("a: [1, 2", "yaml-syntax", {"a": [1, 2]}),
        ("a: 1\nb: c: d\n", "yaml-syntax", {"a": 1, "b": "c"}),
        ("a: 1\n\tb: 2\n", "yaml-syntax", {"a": 1}),
        ("a: *no\nb: 1\n", "unknown-alias", {"a": None, "b": 1}),
        ("a: &x [*x]\n", "alias-loop", {"a": [None]}),
        ("a: 1\na: 2\n", "duplicate-key", {"a": 2}),
        ("a: !reset 1\n", "tag", {"a": 1}),
        ("a: 1\n---\nb: 2\n", "several-documents", {"a": 1}),
        ("a:\n  <<: 5\n", "bad-merge", {"a": {}}),
    ],
)
def test_what_is_wrong_is_a_fact(written, kind, value):
    document = text.parse_yaml(written)
    assert [leniency.kind for leniency in document.leniencies] == [kind]
    assert document.root.python() == value
    assert (document.problem is not None) == (kind in ("yaml-syntax", "unknown-alias", "alias-loop"))


def test_merges_take_the_first_mapping_and_ones_own_wins():
    document = text.parse_yaml("a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  <<: [*a, *b]\n  y: 3\n")
    assert document.root.get("c").python() == {"x": 1, "z": 2, "y": 3}


def test_a_bomb_of_aliases_is_cut_off():
    written = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12))
    document = text.parse_yaml(written)
    assert document.problem is not None
    assert document.problem.kind == "too-large"


@pytest.mark.parametrize("written", ["[" * 100_000, "- " * 3_000, "{a: " * 2_000, "? " * 2_000])
def test_deep_nesting_is_cut_off(written):
    document = text.parse_yaml(written)
    assert document.problem is not None
    assert document.problem.kind in ("deep-nesting", "yaml-syntax")


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xff\xfe", b"a: \xe9", b"\xef\xbb\xbfa: 1", b"%", b"%YAML 9", b"!", b"&", b"*", b"- - ?"]
)
def test_no_bytes_raise(data):
    text.parse_yaml(data)


def test_all_documents_of_a_text():
    document = text.parse_yaml("a: 1\n---\nb: 2\n---\n- c\n")
    assert [root.python() for root in document.roots] == [{"a": 1}, {"b": 2}, ["c"]]
    assert document.root is document.roots[0]


@pytest.mark.parametrize(("written", "value"), [("0x1F", 31), ("-0x1f", -31), ("0o17", 15), ("+7", 7), ("-0", 0)])
def test_whole_numbers(written, value):
    assert text.parse_yaml(f"a: {written}\n").root.get("a").value == value


def test_the_place_of_what_is_no_yaml():
    document = text.parse_yaml("a: 1\nb: [1,\nc: 2\nd: }\n")
    assert document.position(document.problem.span.start) == (4, 2)
    assert document.problem.detail == "expected ',' or ']', but got ':'"
    document = text.parse_yaml("a: !env 1\n")
    (note,) = document.leniencies
    assert (note.kind, note.detail, document.text[slice(*note.span)]) == ("tag", "!env", "!env")
