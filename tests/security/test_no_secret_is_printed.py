"""Secrets planted in over a hundred ways, and looked for in everything that the programs print.

``python -m tests.security.hunt`` asks every command about every way; here each way meets the linter in all formats, the
merged configuration, and one of the other commands, the next one for the next way.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from policy.lint.run import Result

from .everything import Output, commands, linted, reports
from .planted import WAYS, plant

STRONG = "Zq7planted01xK"
WORD = "tigerwood"
"""Made of letters only, so that it could be a word of a sentence; rules must not repeat it in the first place."""
REPEATED = {"password in the rules of an ignore", "token among the permissions"}
"""Where a rule repeats what its author wrote as a name; a word is then taken for what it seems to be."""


UNREAD: frozenset[str] = frozenset()
"""Files that no program takes for anything that it knows; the error is looked at."""


def leaks(outputs: Iterator[Output], secret: str, folder: Path) -> list[str]:
    """Where the secret shows, in any of the ways in which a report may write it; and what ended as it must not."""
    found = []
    for output in outputs:
        shown = output.text.replace(str(folder), "")
        if secret in shown or secret[:10].encode().hex() in shown:
            found.append(f"{output.call}: {next(line for line in shown.splitlines() if secret in line)}")
        if output.exit_code not in (0, 1, 2):
            found.append(f"{output.call}: exit code {output.exit_code}: {output.text}")
    return found


@pytest.mark.parametrize(("number", "way"), list(enumerate(WAYS)))
def test_no_output_shows_it(number: int, way: str, tmp_path: Path) -> None:
    encoded = plant(way, STRONG, tmp_path)
    result = linted(tmp_path)
    assert isinstance(result, Result) == (way not in UNREAD), "a file that nobody reads would prove nothing"
    assert leaks(reports(result), STRONG, tmp_path) == []
    others = list(commands(tmp_path, turn=number, often=("effective",)))
    assert leaks(iter(others), STRONG, tmp_path) == []
    assert encoded is None or leaks(iter(others), encoded, tmp_path) == []


@pytest.mark.parametrize("way", [way for way in islice(WAYS, 0, None, 4) if way not in REPEATED])
def test_no_output_shows_one_that_looks_like_a_word(way: str, tmp_path: Path) -> None:
    plant(way, WORD, tmp_path)
    shown = [output for output in reports(linted(tmp_path)) if output.call in ("error", "text", "json", "sarif")]
    assert leaks(iter(shown), WORD, tmp_path) == []


def test_there_are_enough() -> None:
    assert len(WAYS) >= 100
