"""Whether tests notice a mutant: first in a copy of a process that has the tests ready, then in a new process.

The copy is quick: the changed function's code takes the place of the code that is loaded, and only tests that reach
the changed statement run, the fastest first.
What survives there is tried again by a process that reads the changed module from the beginning, since a function may
have done its work while modules and tests were read.
"""

from __future__ import annotations

import importlib
import inspect
import os
import resource
import signal
import sys
import tempfile
import time
import types
from collections.abc import Callable
from typing import TYPE_CHECKING

import coverage
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from .mutants import Mutant
from .reach import Reach
from .rooms import ROOT, TESTS

if TYPE_CHECKING:
    import pytest

_MEMORY = 4 << 30
"""Bytes that a trial may take."""
_KILLED, _SURVIVED, _BROKEN = 1, 0, 3

Outcome = str
"""``killed``, ``timeout``, ``survived`` or ``no test``."""


def pytest_arguments(room: str) -> list[str]:
    """How pytest is called, in this and in a new process."""
    settings.register_profile(
        "mutation",
        max_examples=100,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),  # the first failure is enough
        suppress_health_check=list(HealthCheck),
    )
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    return [
        "-q",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        f"--rootdir={ROOT}",
        *TESTS[room],
    ]


class Trials:
    """A plugin of pytest: instead of running the tests once, it runs them for each mutant."""

    def __init__(self, room: str, mutants: list[Mutant], report: Callable[[Mutant, Outcome], None]) -> None:
        self._room, self._mutants, self._report = room, mutants, report
        self._coverage = coverage.Coverage(data_file=None, include=[f"{ROOT}/policy/{room}/*"], config_file=False)
        self._coverage.start()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Which test reaches what, then the trials."""
        reach = Reach.found(self._coverage, session.items)
        for mutant in self._mutants:
            self._report(mutant, self._outcome(mutant, session.items, reach))
        return True

    def _outcome(self, mutant: Mutant, items: list[pytest.Item], reach: Reach) -> Outcome:
        numbers = reach.tests(mutant.path, mutant.lines)
        at_import = reach.at_import(mutant.path, mutant.lines)
        if not numbers and not at_import:
            return "no test"
        source = mutant.source()
        seconds = 5 + 4 * reach.seconds(numbers)
        outcome = _limited(seconds, lambda: _in_copy(mutant, source, [items[number] for number in numbers]))
        if outcome != "survived":
            return outcome
        if at_import:
            numbers, seconds = reach.all(), 5 + 4 * reach.seconds(reach.all())
        chosen = [items[number].nodeid for number in numbers]
        return _limited(seconds + 10, lambda: _anew(self._room, mutant, chosen))


def _limited(seconds: float, action: Callable[[], int]) -> Outcome:
    """What a child makes of it, within that processor time."""
    child = os.fork()
    if not child:
        code = _BROKEN
        try:
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nothing, number)
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            code = action()
        finally:
            os._exit(code)
    until = time.monotonic() + 60 + 20 * seconds
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.005)
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL} else "killed"
    return "survived" if os.WEXITSTATUS(status) == _SURVIVED else "killed"


def _in_copy(mutant: Mutant, source: str, items: list[pytest.Item]) -> int:
    loaded = _function(mutant)
    changed = _code(compile(source, ROOT / mutant.path, "exec"), mutant.function)
    if loaded is None or changed is None or len(changed.co_freevars) != len(loaded.__code__.co_freevars):
        return _SURVIVED  # for the new process to say
    loaded.__code__ = changed
    return run(items)


def run(items: list[pytest.Item]) -> int:
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return _KILLED
    return _SURVIVED


def _function(mutant: Mutant) -> types.FunctionType | None:
    found: object = importlib.import_module(mutant.module)
    for part in mutant.function.split("."):
        found = inspect.getattr_static(found, part)
    found = getattr(found, "__func__", found)
    return found if isinstance(found, types.FunctionType) else None


def _code(inside: types.CodeType, name: str) -> types.CodeType | None:
    for constant in inside.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_qualname == name:
                return constant
            if name.startswith(f"{constant.co_qualname}.") and (found := _code(constant, name)) is not None:
                return found
    return None


def _anew(room: str, mutant: Mutant, chosen: list[str]) -> int:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write("\0".join(chosen))
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "tests.mutation.anew", room, mutant.name, file.name])
