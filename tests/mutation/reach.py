"""Which test reaches which line, and how long each test takes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from _pytest.runner import runtestprotocol

from .rooms import ROOT

if TYPE_CHECKING:
    import coverage
    import pytest

_Lines = dict[str, dict[str, list[int]]]


@dataclass(frozen=True)
class Reach:
    """Tests by file and line, as numbers of their order; the seconds of processor time of each."""

    lines: _Lines
    took: list[float]
    imported: dict[str, set[int]]

    @classmethod
    def found(cls, measured: coverage.Coverage, items: list[pytest.Item]) -> Reach:
        """All tests are run once, in a copy of this process, which stays as it is; they must pass."""
        with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
            child = os.fork()
            if not child:
                code = 1
                try:
                    Path(file.name).write_text(json.dumps(_measure(measured, items)))
                    code = 0
                finally:
                    sys.stdout.flush()
                    os._exit(code)
            measured.stop()
            _, status = os.waitpid(child, 0)
            if status:
                raise SystemExit("without a mutant, tests fail")
            lines, took = json.loads(file.read())
        data = measured.get_data()
        imported = {path: set(data.lines(path) or ()) for path in data.measured_files()}
        return cls(lines, took, imported)

    def tests(self, path: Path, lines: range) -> list[int]:
        """The tests that reach one of the lines, the fastest first."""
        known = self.lines.get(str(ROOT / path), {})
        numbers = {number for line in lines for number in known.get(str(line), ())}
        return sorted(numbers, key=lambda number: self.took[number])

    def at_import(self, path: Path, lines: range) -> bool:
        """Whether the lines run while modules and tests are read."""
        return not self.imported.get(str(ROOT / path), set()).isdisjoint(lines)

    def all(self) -> list[int]:
        """All tests, the fastest first."""
        return sorted(range(len(self.took)), key=lambda number: self.took[number])

    def seconds(self, numbers: list[int]) -> float:
        """How long these take."""
        return sum(self.took[number] for number in numbers)


def _measure(
    measured: coverage.Coverage, items: list[pytest.Item]
) -> tuple[dict[str, dict[int, list[int]]], list[float]]:
    took = []
    for number, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True)):
        measured.switch_context(str(number))
        began = time.process_time()
        for report in runtestprotocol(item, log=False, nextitem=following):
            assert not report.failed, f"{item.nodeid}\n{report.longreprtext}"
        took.append(time.process_time() - began)
    measured.stop()
    data = measured.get_data()
    return {
        path: {
            line: [int(context) for context in contexts if context]
            for line, contexts in data.contexts_by_lineno(path).items()
        }
        for path in data.measured_files()
    }, took
