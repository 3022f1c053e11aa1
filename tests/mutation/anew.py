"""A new process for one mutant: its module is read changed. The exit code is 0 if no test noticed."""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

from .mutants import Mutant, named
from .rooms import ROOT
from .trial import pytest_arguments, run


class _Changed(MetaPathFinder):
    """Finds the changed module before all others find the original."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(
            name, ROOT / self._mutant.path, loader=_Loader(name, str(ROOT / self._mutant.path), self._mutant)
        )


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._mutant.source(), self.path, "exec")


class _Chosen:
    def __init__(self, ids: list[str]) -> None:
        self._ids = ids

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        by_id = {item.nodeid: item for item in session.items}
        os._exit(run([by_id[name] for name in self._ids]) if all(name in by_id for name in self._ids) else 1)


if __name__ == "__main__":
    room, name, chosen = sys.argv[1:]
    sys.meta_path.insert(0, _Changed(named(name)))
    ids = Path(chosen).read_text().split("\0")
    Path(chosen).unlink()
    sys.exit(pytest.main(pytest_arguments(room), plugins=[_Chosen(ids)]) or 1)
