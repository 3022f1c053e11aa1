"""The tables of the readers, and what each reads where the others read something else."""

import math

import pytest

from policy import text
from policy.errors import SyntaxRefused, UnknownVersion, UsageError
from policy.text import jsoncpp, readers


def accepted(written, reader, version=None):
    return text.parse(written).accepted_by(reader, version)


def value(written, reader, version=None):
    return text.parse(written).value_for(reader, version)


def test_the_auth_service_was_strict_before_23_9():
    written = '{"a": 1, // c\n}'
    assert accepted(written, "auth-service", "23.9.0")
    assert accepted(written, "auth-service", "26.4.1")
    assert accepted(written, "auth-service")
    assert not accepted(written, "auth-service", "23.8.0")
    assert not accepted(written, "auth-service", "23.8")


def test_jsoncpp_by_its_own_version():
    assert accepted('{"a": 1e999}', "jsoncpp", "1.9.6")
    assert not accepted('{"a": 1e999}', "jsoncpp", "1.9.5")
    assert accepted('{"a": 1,}', "jsoncpp", "1.9.3")
    assert not accepted('{"a": 1,}', "jsoncpp", "1.9.2")
    assert not accepted("\ufeff{}", "jsoncpp", "1.9.2")


@pytest.mark.parametrize("tag", ["25.9.0", "25.9.0-full", "latest", "v25.9", None])
def test_tags_as_people_write_them(tag):
    assert accepted("{}", "image", tag)


@pytest.mark.parametrize("code", [0xD7FF, 0xE000, 0xE001, 0xFFFF])
def test_characters_beside_the_surrogates(code):
    assert value(f'{{"a": "\\u{code:04x}"}}', "core") == {"a": chr(code)}


def test_a_comment_at_the_end_without_a_line_end():
    assert value('{"a": 1} // c', "auth-service") == {"a": 1}
    assert value('{"a": 1} // c\n', "auth-service") == {"a": 1}


def test_names_and_versions_that_are_none():
    with pytest.raises(UsageError, match="no reader 'jq'"):
        accepted("{}", "jq")
    with pytest.raises(UnknownVersion):
        accepted("{}", "image", " ")


def test_refusals_are_the_leniencies_to_blame():
    document = text.parse('{"a": 1, // fine\n "b": \'x\', "c": [1,], }')
    assert [r.kind for r in document.verdict("core").refusals] == ["single-quotes"]
    assert [r.kind for r in document.verdict("image").refusals] == ["single-quotes", "trailing-comma", "trailing-comma"]
    assert [r.kind for r in document.verdict("auth-service").refusals] == ["single-quotes"]
    assert not document.verdict("core")


def test_what_follows_the_root_is_not_looked_at_by_the_core():
    written = '{"a": 1} # \'\n["'
    assert accepted(written, "core")
    assert not accepted(written, "image")
    assert value(written, "core") == {"a": 1}


def test_a_root_that_is_no_object():
    document = text.parse("[1]")
    assert [r.kind for r in document.verdict("core").refusals] == ["root-not-object"]
    assert document.accepted_by("image")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"a": 1 /* c */ ; "b": 2}', {"a": 1, "b": 2}),
        ('{"a": 1 // c\n "lost" "b": 2}', {"a": 1, "b": 2}),
        ('{"a": 1 // c\n { "b": 2}', {"a": 1, "b": 2}),
        ('{"a": 1 // c\n 5}', {"a": 1}),
        ('{"a": 1 // c\n \0 "b": 2}', {"a": 1, "b": 2}),
    ],
)
def test_after_a_comment_any_token_passes_for_the_comma_in_jsoncpp(written, expected):
    assert value(written, "core") == expected
    assert not accepted(written, "auth-service")


def test_a_missing_comma_after_a_comment_swallows_the_key():
    assert not accepted('{"a": 1 // c\n "b": 2}', "core")
    assert not accepted('{"a": 1 // c\n é "b": 2}', "core")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0", 0), ("-0", 0), ("-", 0), ("007", 7), ("-007", -7), ("+5", 5.0), ("1.", 1.0), ("-.5", -0.5),
        ("1e3", 1000.0), ("1.e2", 100.0), ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0), ("-9223372036854775808", -9223372036854775808),
        ("-9223372036854775809", -9223372036854775809.0), ("1e-999", 0.0),
        ("00000000000000000000000000000000001", 1),
        ("+", None), ("1e", None), ("1e+", None), ("-.", None), ("-e5", None), ("1e999", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_numbers_of_jsoncpp(written, expected):
    found = jsoncpp.number(written, jsoncpp.Flavour())
    assert (type(found), found) == (type(expected), expected)


def test_types_of_numbers_reach_the_value():
    read = value('{"a": 8042.0, "b": 8042, "c": 1e2, "d": 36893488147419103232}', "core")
    assert [type(found) for found in read.values()] == [float, int, float, float]
    assert type(value('{"d": 36893488147419103232}', "image")["d"]) is int


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("\\ud83d\\ude00", "😀"), ("\\udc00", "\ufffd"), ("\\ud83d", None), ("\\ud83dx", None), ("\\ud83d\\n", None),
        ("\\ud800\\u0041", "\U00010041"), ("\\u00e9\\/", "é/"), ("\\q", None), ("\\u12", None), ("\\u0000", "\0"),
    ],
)  # fmt: skip
def test_strings_of_jsoncpp(inside, expected):
    assert jsoncpp.string(inside) == expected


def test_values_where_readers_differ():
    assert value('{"a": 1, "a": 2}', "core") == {"a": 2}
    assert value('{"a": {"x": 1}, "a": {"y": 1}}', "core") == {"a": {"y": 1}}
    assert math.isnan(value('{"a": NaN}', "image")["a"])
    assert value('{"a": "\\ud83d"}', "image") == {"a": "\ud83d"}
    assert value('{"a": 1/**/2}', "auth-service", "25.9.0") == {"a": 12}
    assert value('{"a": [1,\u00a0]}', "auth-service", "25.9.0") == {"a": [1]}
    assert value("\ufeff{}", "core") == {}


def test_a_refused_value_says_where():
    with pytest.raises(SyntaxRefused) as caught:
        value("{\n \"a\": 'x'}", "core")
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_depth():
    def nested(levels):
        return '{"a": ' + "[" * levels + "]" * levels + "}"

    assert accepted(nested(999), "core")
    assert not accepted(nested(1000), "core")
    assert accepted(nested(900), "auth-service")
    assert not accepted(nested(1100), "image")
    assert value(nested(900), "core")["a"][0]


SAMPLES = {
    "block-comment": "[1 /* c */]",
    "byte-order-mark": "\ufeff[]",
    "control-character": '["\t"]',
    "duplicate-key": '{"a": 1, "a": 1}',
    "invalid-utf-8": b'["\xe9"]',
    "leading-zeros": "[007]",
    "line-comment": "[1 // c\n]",
    "lone-comma": "[,]",
    "lone-minus": "[-]",
    "lone-surrogate": '["\\ud800"]',
    "number-overflow": "[1e999]",
    "odd-surrogates": '["\\udc00"]',
    "plus-sign": "[+1]",
    "sign-then-point": "[-.5]",
    "special-number": "[NaN]",
    "trailing-comma": "[1,]",
    "trailing-point": "[1.]",
}


def test_tables_hold_only_kinds_that_the_parser_knows():
    assert set().union(*(reader.takes for reader in readers.READERS)) == set(SAMPLES)
    for kind, written in SAMPLES.items():
        assert [leniency.kind for leniency in text.parse(written).leniencies] == [kind]
