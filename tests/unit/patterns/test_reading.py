"""The syntax tree and its spans."""

from policy import patterns
from policy.patterns import build_table, classes, tree
from policy.patterns.reading import read
from policy.patterns.sets import integer
from policy.patterns.tree import Span


def only(text):
    root = read(text).root
    assert isinstance(root, tree.Sequence)
    assert len(root.items) == 1
    return root.items[0]


def test_the_saved_table_is_the_grammars():
    assert build_table.TABLE.read_text("utf-8").strip() == build_table.dump(build_table.build())


def test_spans_count_characters_of_the_pattern():
    root = read("é(a|b)+$").root
    word, repeat, end = root.items
    assert (word.span, repeat.span, end.span) == (Span(0, 1), Span(1, 7), Span(7, 8))
    assert word.data == "é".encode()
    assert repeat.item.span == Span(1, 6)
    assert [part.span for part in repeat.item.body.alternatives] == [Span(2, 3), Span(4, 5)]


def test_a_repetition_takes_the_last_byte_only():
    word, repeat = read("abé*").root.items
    assert (word.data, repeat.item.data) == (b"ab\xc3", b"\xa9")


def test_groups_are_numbered_in_the_order_of_their_opening():
    source = read("(a(?<n>b))(?:c)(?|(d)|(e)(f))(g)")
    assert source.groups == 5
    assert source.names == (("n", 2),)
    assert [item.number for item in source.root.items] == [1, 0, 0, 5]


def test_flags_reach_to_the_end_of_their_group():
    inner, after = read("(a(?i)b)c").root.items
    assert [item.icase for item in inner.body.items[0].items if isinstance(item, tree.Literal)] == [False, True]
    assert after.icase is False


def test_free_spacing_drops_blanks_and_comments():
    source = read("(?x) a b # (\n [ ] c + ?\\ d")
    kinds = [type(item).__name__ for item in source.root.items]
    assert kinds == ["Group", "Literal", "Set", "Repeat", "Literal"]
    repeat = source.root.items[3]
    assert (repeat.greedy, repeat.span) == (False, Span(18, 23))
    assert source.root.items[4].data == b" d"


def test_sets():
    cases = {
        "[a-c]": classes.of(b"abc"),
        "[^a]": classes.ALL & ~classes.of(b"a"),
        "[]a]": classes.of(b"]a"),
        "[a-]": classes.of(b"a-"),
        "[[:digit:]_]": classes.DIGIT | classes.of(b"_"),
        "[[:^digit:]]": classes.ALL & ~classes.DIGIT,
        "[\\D\\W]": classes.ALL & ~classes.WORD,
        "[[=a=]]": classes.of(b"aA"),
        "[[.hyphen.]]": classes.of(b"-"),
        "(?i)[a]": classes.of(b"aA"),
        "\\d": classes.DIGIT,
        "\\h": classes.of(b" \t"),
        "\\v": classes.of(b"\n\v\f\r"),
        "\\u": classes.UPPER,
        "\\pL": classes.LOWER,
        "[[:unicode:]]": 0,
    }
    assert {text: read(text).root.items[-1].members for text in cases} == cases


def test_escapes():
    cases = {
        "\\x61": b"a",
        "\\x{61}": b"a",
        "\\07": b"\x07",
        "\\cA": b"\x01",
        "\\e": b"\x1b",
        "\\N{comma}": b",",
        "\\E": b"E",
    }
    assert {text: only(text).data for text in cases} == cases
    assert only("\\Qa.b*\\E").data == b"a.b*"


def test_numbers_are_read_as_a_stream_reads_them():
    assert integer(" +12x", 10) == (12, 4)
    assert integer("-1", 10) == (-1, 2)
    assert integer("0x1f", 16) == (31, 4)
    assert integer("99999999999999999999", 10) == (None, 0)
    assert integer("x", 10) == (None, 0)


def test_importing_the_room_is_cheap(run_python):
    loaded = run_python(
        "import sys, policy.patterns; print(sorted({'lark', 'networkx', 'pydantic'} & set(sys.modules)))"
    )
    assert loaded == "[]"
    assert patterns.compile("a").matches("a")
