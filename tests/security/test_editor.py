"""The language server on texts that nobody meant, and on files that hold secrets: in this process, without an editor."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from lsprotocol import types

from policy.editor import layout, lens, navigation, outline
from policy.editor.analysis import analyse
from policy.editor.buffers import Buffer
from policy.editor.completion import completions
from policy.editor.hover import hover
from policy.editor.state import State
from policy.editor.units import Units
from policy.errors import PolicyError

from .planted import WAYS, plant

SECRET = "Zq7planted01xK"
SAMPLES = Path(__file__).parents[2] / "samples"
SIGNS = [
    "",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\r\n",
    "\U0001f600",
    "\t",
    "//",
    "/*",
    "|",
    "\\",
    "- ",
    "\x00",
]


def opened(folder: Path, encoding: str = "utf-16") -> tuple[State, list[Buffer]]:
    """All files of a folder in an editor, analysed as far as that goes."""
    state = State(units=Units(encoding), workspace=(str(folder.resolve()),))
    buffers = []
    for path in sorted(folder.resolve().iterdir()):
        if path.suffix in (".json", ".jsonc", ".yml", ".yaml", ".env", ".conf"):
            buffer = state.buffers.put(path.as_uri(), 1, path.read_bytes().decode("utf-8", "replace"))
            buffers += [buffer] if buffer is not None and buffer.kind is not None else []
    for root in {state.root(buffer.path) for buffer in buffers}:
        try:
            state.analyses[root] = analyse(root, state.buffers.texts())
        except PolicyError:
            continue
    return state, buffers


def answers(buffer: Buffer, offset: int, state: State) -> Iterator[object]:
    """All that is told at one place; places in other files, and edits, are no texts."""
    yield hover(buffer, offset, state)
    for item in completions(buffer, offset, state).items:
        yield item.label, item.detail, item.documentation
    navigation.definition(buffer, offset, state)
    navigation.references(buffer, offset, state, declaration=True)


def whole(buffer: Buffer, state: State) -> Iterator[object]:
    """All that is told of a text as a whole."""
    yield outline.outline(buffer, state)
    for one in lens.lenses(buffer, state):
        yield lens.resolved(one, state).command


@pytest.mark.parametrize("way", WAYS)
def test_no_answer_holds_a_secret(way: str, tmp_path: Path) -> None:
    encoded = plant(way, SECRET, tmp_path)
    state, buffers = opened(tmp_path)
    for buffer in buffers:
        text = buffer.lines.text
        told = [*whole(buffer, state)]
        for offset in sorted({text.find(mark) + 1 for mark in (SECRET, encoded or SECRET, '"get"', "view", '"')}):
            told.extend(answers(buffer, offset, state))
        assert SECRET not in repr(told)
        assert encoded is None or encoded not in json.dumps(repr(told))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sample", ["clinic", "forum-thread"])
def test_no_text_is_a_fault(sample: str, seed: int) -> None:
    source = random.Random(f"{sample} {seed}")
    state, buffers = opened(SAMPLES / sample, source.choice(["utf-8", "utf-16", "utf-32"]))
    for buffer in buffers:
        for _ in range(8):
            text = buffer.lines.text
            for _ in range(source.randint(0, 4)):
                at = source.randrange(len(text) + 1)
                text = text[:at] + source.choice(SIGNS) + text[at + source.choice([0, 1, 5, 50]) :]
            if source.random() < 0.4:
                text = text[: source.randrange(len(text) + 1)]
            changed = state.buffers.put(buffer.uri, 2, text)
            place = types.Position(source.randrange(text.count("\n") + 3), source.randrange(60))
            list(answers(changed, state.units.offset(changed.lines, place), state))
            list(whole(changed, state))
            layout.formatted(changed, state, tab_size=2, blanks=True)
