"""Events and places are those of ruamel.yaml itself, whatever the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.scanner import Scanner

from policy.text.yaml_scanning import events

SAMPLES = Path(__file__).parents[3] / "samples"

LITERALS = [
    "a: |\n  one\n  two\nb: 1\n",
    "a: |-\n  one\n\n\n  two\n\n\nb: |+\n  x\n\n\n# comment\nc: 2\n",
    "a: |\n    one\n   \n    \n      \n  # comment\nb: 1\n",
    "a: |  # comment\n  one\nb: |2\n    one\n",
    "a:\n- |\n one\n- |-\n  two\n  three",
    "a: |\n  one\n ",
    "a: |\n  one\n  ",
    "a: |\n  one\n   ",
    "a: |\n\n  one\n",
    "a: |\none: 1\n",
    "a: |\n\tone\n",
    "a: |\n  \tone\n\ttwo\n",
    'a: |\n  é𝄞\n  "b"\nc: é\n',
    "a: |\r\n  one\r\n  two\r\n",
    "a: |\n  one\u2028  two\n",
    "\ufeffa: |\n  one\n",
    "|\n one\n two\n",
    "--- |\n  one\n...\n",
    "a: |\n  one\n---\nb: |\n  two\n",
    "a: >\n  one\n  two\n\n   three\nb: 'x\n\n  y'\nc: \"x\\\n  y\"\n",
    "a: &x |\n  one\nb: *x\nc: !!str |\n  two\n",
    "? |\n  key\n: value\n",
    "a: {b: |\n  one\n }\n",
    "a: |\n  one\n two\n",
    "a: |\n   one\n  two\n",
]

LINES = [
    'a: "b"\n',
    "a: 'b c'\n",
    "a: 'it''s'\n",
    'a: "x\\ty"\n',
    "a: b\n",
    "a: b c  d\n",
    "a: b # c\n",
    "a: b:c#d\n",
    "a: b: c\n",
    "a: -b\n",
    "a: - b\n",
    "a: ---\n",
    "a: {b: c}\n",
    "a: [b]\n",
    "a: &x b\n",
    "a: *x\n",
    "a: !t b\n",
    "a: |\n",
    "a:\n",
    "a: \n",
    "a: b   \n",
    'a: "b" \n',
    'a: "b" c\n',
    'a: "b": c\n',
    "a: 'b' # c\n",
    'a: "b\n',
    'a: ""\n',
    "a:\tb\n",
    "a: b\tc\n",
    "a.b-c_d: é 𝄞\n",
    "a : b\n",
    "<<: b\n",
    "? a\n",
    ": b\n",
    "- a\n",
    "- a=b c\n",
    "-  a\n",
    '- "a"\n',
    "- a: b\n",
    "- - a\n",
    "-\n",
    "-a\n",
    "- @\n",
    "# c\n",
    "\n",
    "  \n",
    "\t\n",
    "b\n",
    "---\n",
    "--- a\n",
    "...\n",
    "%a\n",
    "@\n",
    "a: b",
    "- a",
    'a: "b"',
]
"""Lines of mappings and lists, of which the plain ones are read in one step."""


def told(run: Any) -> list[Any]:
    """What the events say, and the error that ended them."""
    found: list[Any] = []
    try:
        for event in run:
            found.append(  # noqa: PERF401 - what comes before an error counts too
                (
                    type(event).__name__,
                    event.start_mark.index,
                    event.start_mark.line,
                    event.start_mark.column,
                    event.end_mark.index,
                    event.end_mark.line,
                    event.end_mark.column,
                    *(str(getattr(event, name, None)) for name in ("value", "style", "anchor", "tag", "implicit")),
                )
            )
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        found.append((type(error).__name__, getattr(error, "problem", str(error)), mark and mark.index))
    return found


def as_ruamel(text: str) -> list[Any]:
    return told(YAML(typ="safe", pure=True).parse(text))


@pytest.mark.parametrize("text", LITERALS)
def test_literals_of_all_forms(text: str) -> None:
    assert told(events(text)) == as_ruamel(text)


@pytest.mark.parametrize("file", sorted(SAMPLES.rglob("*.y*ml")), ids=lambda file: file.parent.name + "/" + file.name)
def test_samples(file: Path) -> None:
    text = file.read_text("utf-8")
    assert told(events(text)) == as_ruamel(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "a: ",
                "b:\n",
                "|",
                "|-",
                "|+",
                ">",
                "|2",
                "\n",
                " ",
                "  ",
                "    ",
                "x",
                "# c",
                "- ",
                "\t",
                "é",
                "...",
                "---",
            ]
        ),
        max_size=30,
    ).map("".join)
)
@example("a: |\n    x\n   \n  \n    \n# c\n")
def test_any_text(text: str) -> None:
    assert told(events(text)) == as_ruamel(text)


@given(
    st.lists(st.tuples(st.sampled_from(["", "", "  ", "  ", "    ", " "]), st.sampled_from(LINES)), max_size=12).map(
        lambda lines: "".join(indent + line for indent, line in lines)
    )
)
@example("a:\n- b\n- c\n- d\nb: 1\n")
@example("a:\n  - b\n  - c\n  # d\n  - e\n\n  - f\nb: 1\nc: 'd'\n\ne: f\n---\na: b\nc: d\n")
@example("a: 1\nb: 'c'\n@")
@example("- a\n- b\n- c\n@")
def test_any_lines(text: str) -> None:
    assert told(events(text)) == as_ruamel(text)


def test_plain_lines_are_read_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "a:\n"
        + "".join(f'  b{n}: "c"\n  d{n}: e f\n' for n in range(50))
        + "g:\n"
        + "  - h\n" * 50
        + "i:\n"
        + "- j\n" * 50
    )
    expected = as_ruamel(text)
    seen: list[str] = []
    slow = Scanner.fetch_more_tokens
    monkeypatch.setattr(Scanner, "fetch_more_tokens", lambda self: (seen.append(""), slow(self))[1])
    assert told(events(text)) == expected
    assert len(seen) < 50
