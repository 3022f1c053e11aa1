"""Lines cut from files: columns, marks, masks."""

from __future__ import annotations

import pytest

from policy.configuration.source import Location
from policy.report.excerpt import MASK, Masks, excerpt
from policy.text import Span


def rows(build, text, words, **options):
    where = build.source(text)
    place = build.at(where, words) if isinstance(words, str) else Location(where, Span(*words))
    return [(row.number, row.text, row.marks) for row in excerpt(place, Masks((where,)), **options)]


def test_the_span_and_nothing_else_is_marked(build):
    expected = [(2, '  "CheckedLevel": 1', "  ^^^^^^^^^^^^^^")]
    assert expected == rows(build, '{\n  "CheckedLevel": 1\n}', '"CheckedLevel"')


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_are_not_shown(build, end):
    assert [(2, '"a": 1,', "^^^")] == rows(build, f'{{{end}"a": 1,{end}"b": 2}}', '"a"')


def test_tabs_are_blanks_to_the_next_stop(build):
    assert [(1, '    "a":    1', "    ^^^")] == rows(build, '\t"a":\t1', '"a"')
    assert [(1, '"a": 1  x', "        ^")] == rows(build, '"a": 1\tx', "x")


def test_wide_characters_have_two_marks(build):
    assert [(1, '"患者": x', " ^^^^")] == rows(build, '"患者": x', "患者")
    assert [(1, '"患者": x', "        ^")] == rows(build, '"患者": x', "x")


def test_combining_characters_have_none(build):
    assert [(1, '"re\u0301sume\u0301": x', "          ^")] == rows(build, '"re\u0301sume\u0301": x', "x")


def test_an_empty_span_has_one_mark(build):
    assert [(1, '{"a": 1', "       ^")] == rows(build, '{"a": 1', (7, 7))
    assert [(1, "", "^")] == rows(build, "", (0, 0))


def test_a_span_that_ends_with_its_line_stays_on_it(build):
    assert [(1, "abc", "^^^")] == rows(build, "abc\ndef", (0, 4))


def test_all_of_a_few_lines(build):
    text = '{\n  "a": [\n    1\n  ]\n}'
    expected = [(2, '  "a": [', "       ^"), (3, "    1", "    ^"), (4, "  ]", "  ^")]
    assert expected == rows(build, text, "[\n    1\n  ]")


def test_first_and_last_of_many_lines(build):
    text = "{\n" + "".join(f'  "k{i}": {i},\n' for i in range(20)) + "}"
    expected = [(1, "{", "^"), (None, "… 20 more lines", ""), (22, "}", "^")]
    assert expected == rows(build, text, (0, len(text)))


def test_a_long_line_is_cut_around_the_span(build):
    text = "[" + "1," * 5000 + '"here",' + "2," * 5000 + "3]"
    [(number, line, marks)] = rows(build, text, '"here"')
    assert 1 == number
    assert len(line) <= 122
    assert line.startswith("…")
    assert line.endswith("…")
    assert '"here"' == line[len(marks) - len(marks.lstrip()) :][: marks.count("^")]


def test_a_span_wider_than_the_cut(build):
    text = '{"key": "' + "x" * 1000 + '"}'
    [(_, line, marks)] = rows(build, text, "x" * 1000)
    assert len(marks) <= len(line)
    assert marks.count("^") > 50


def test_controls_reach_no_terminal(build):
    text = '"\x1b[31mred\x07\x9b2J\u202e\u200b\ufeff\x7f\udc80" x'
    [(_, line, marks)] = rows(build, text, "x")
    assert line.isprintable()
    assert '"␛[31mred␇�2J���␡�" x' == line
    assert marks.index("^") == line.index("x")


def test_a_secret_is_masked_whatever_its_length(build):
    for secret in ("x", "a secret of some length", "pass\tword", "患者"):
        expected = [(1, f'"Password": "«{MASK}»", 1', " " * 14 + "^" * 8)]
        assert expected == rows(build, f'"Password": "«{secret}»", 1', secret)


def test_a_repeated_secret_is_masked_wherever_it_stands(build):
    line = '"Password": "«long-secret-9»", "Path": "/long-secret-9/x"'
    expected = f'"Password": "«{MASK}»", "Path": "/{MASK}/x"'
    [(number, text, _)] = rows(build, line, '"Path"')
    assert (1, expected) == (number, text)


def test_columns_after_a_secret(build):
    [(_, line, marks)] = rows(build, '"Password": "«hunter2hunter2»", "x": 1', '"x"')
    assert '"x"' == line[marks.index("^") :][:3]


def test_a_secret_of_several_lines_is_masked_on_each(build):
    expected = [(1, f"key: «{MASK}", "^" * 14), (2, MASK, "^" * 8), (3, f"{MASK}»", "^" * 9)]
    assert expected == rows(build, "key: «one\ntwo\nthree»", (0, 20))


def test_sentences_are_masked_and_printable(build):
    where = build.source(r'"«correct horse»" "«short»" "«orthanc»" "«averyveryverylongone»" "«tab\tand more»"')
    masks = Masks((where,))
    assert f"It is {MASK}." == masks.text("It is correct horse.")
    assert "correct horses" == masks.text("correct horses")
    assert f"short, orthanc.json, {MASK}" == masks.text("short, orthanc.json, averyveryverylongone")
    assert f"a␊b {MASK}" == masks.text("a\nb tab\tand more")


def test_data_keeps_its_shape(build):
    where = build.source('"«correct horse»"')
    data = {"a": ["correct horse", 1, None, True, 1.5], ("t",): {"y", "x"}, "o": Span(1, 2)}
    expected = {"a": [MASK, 1, None, True, 1.5], "('t',)": ["x", "y"], "o": [1, 2]}
    assert expected == Masks((where,)).data(data)


def test_text_between_offsets_is_masked(build):
    where = build.source('"a": "«secret»", "b": "«other one»"')
    text = where.document.text
    masks = Masks((where,))
    assert f'"a": "«{MASK}»", "b": "«{MASK}»"' == masks.between(where, 0, len(text))
    inside = text.index("cret")
    assert f'{MASK}»"' == masks.between(where, inside, text.index(","))
