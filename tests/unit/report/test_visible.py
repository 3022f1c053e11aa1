"""Text made safe to print."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from policy.report.visible import escaped_json, fold, visible, width


@given(st.text(alphabet=st.characters()))
def test_one_printable_character_for_each(text):
    shown = visible(text)
    assert len(shown) == len(text)
    assert [] == [char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_json_keeps_its_value_and_holds_nothing_that_acts(text):
    written = escaped_json(json.dumps({"a": text}, ensure_ascii=False))
    assert {"a": text} == json.loads(written)
    assert [] == [char for char in written if unicodedata.category(char) in ("Cc", "Zl", "Zp")]
    assert not set(written) & set("\u200b\u200e\u202a\u202e\u2066\u2069\ufeff")


def test_a_lone_surrogate_becomes_a_replacement_character():
    assert "\ufffd" == json.loads(escaped_json(json.dumps("\udc80", ensure_ascii=False)))
    assert "\U0001f600" == json.loads(escaped_json(json.dumps("\U0001f600", ensure_ascii=False)))


def test_a_character_of_two_units_becomes_two_escapes():
    assert '"a\\udb40\\udc41b"' == escaped_json('"a\U000e0041b"')
    assert '"\\u200b\\u202e"' == escaped_json('"\u200b\u202e"')


def test_widths():
    expected = {"abc": 3, "患者": 4, "ｱ": 1, "Ａ": 2, "é": 1, "e\u0301": 1, "\U0001f600": 2, "→": 1}
    assert expected == {text: width(text) for text in expected}


@given(st.lists(st.text("ab患", min_size=1, max_size=12), min_size=1), st.integers(4, 40))
def test_folding_loses_no_word_and_breaks_none(words, columns):
    sentence = " ".join(words)
    lines = fold(sentence, columns)
    assert sentence == " ".join(lines)
    assert [] == [line for line in lines if width(line) > columns and " " in line]
