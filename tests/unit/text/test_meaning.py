"""What an author meant, as strict JSON."""

import pytest

from policy import text
from policy.text import meaning


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[0x10]", "16"), ("[.5]", "0.5"), ("[5.]", "5.0"), ("[+5]", "5"), ("['a\"b']", '"a\\"b"'), ("{a: 1}", '"a"'),
        ("{1: 1}", '"1"'), ("[yes]", "true"), ("[None]", "null"), ("[two words]", '"two words"'), ("[`a`]", '"a"'),
        ("[“a”]", '"a"'), ('["a]', '"a"'), ("[007]", None), ("[1,,2]", None), ("[NaN]", None), ("[1e]", None),
    ],
)  # fmt: skip
def test_strict_json_of_a_stretch(written, expected):
    document = text.parse(written)
    (leniency,) = document.leniencies
    assert meaning.strict(document, leniency) == expected


def test_json5_by_name():
    assert meaning.is_json5(text.parse("{a: 'b', c: +1,}"))
    assert not meaning.is_json5(text.parse("{a: }"))
    assert not meaning.is_json5(text.parse("[" + "1," * 2_000 + "]"))
