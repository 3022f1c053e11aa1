"""Analyses on a thread of their own, one at a time, soon after the last key press; a newer text ends an older run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from policy.editor import callers, hover_who
from policy.editor.analysis import analyse
from policy.errors import PolicyError

if TYPE_CHECKING:
    from policy.editor.analysis import Analysis
    from policy.lint.rule import Rule

DELAY = 0.2
"""Seconds without a key press before the files are looked at."""


class Outdated(Exception):
    """The text has changed since the run began."""


class Scheduler:
    """Keeps one analysis a folder up to date.

    ``ready`` is called on the loop's thread: with an analysis as soon as questions can be put to it, and again when its
    findings are there; with an error where the files cannot be used.
    """

    def __init__(
        self,
        texts: Callable[[], Mapping[str, bytes]],
        ready: Callable[[Path, Analysis | Exception], None],
    ) -> None:
        self._texts = texts
        self._ready = ready
        self._turns: dict[Path, int] = {}
        self._timers: dict[Path, asyncio.TimerHandle] = {}
        self.worker = ThreadPoolExecutor(1, "policy-lint")

    def changed(self, root: Path, delay: float = DELAY) -> None:
        """Look at the files of ``root`` again after ``delay`` seconds."""
        self._turns[root] = self._turns.get(root, 0) + 1
        timer = self._timers.pop(root, None)
        if timer is not None:
            timer.cancel()
        self._timers[root] = asyncio.get_running_loop().call_later(delay, self._start, root)

    def forget(self, root: Path) -> None:
        """No more analyses of ``root``."""
        self._turns[root] = self._turns.get(root, 0) + 1
        timer = self._timers.pop(root, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """End what is running; nothing is told any more."""
        for root in tuple(self._turns):
            self.forget(root)
        self.worker.shutdown(wait=False, cancel_futures=True)

    def _start(self, root: Path) -> None:
        self._timers.pop(root, None)
        loop = asyncio.get_running_loop()
        self.worker.submit(self._run, loop, root, self._turns[root], dict(self._texts()))

    def _run(self, loop: asyncio.AbstractEventLoop, root: Path, turn: int, texts: Mapping[str, bytes]) -> None:
        def check(_: Rule | None = None) -> None:
            if self._turns.get(root) != turn:
                raise Outdated

        def tell(outcome: Analysis | Exception) -> None:
            if self._turns.get(root) == turn:
                self._ready(root, outcome)

        with contextlib.suppress(Outdated, RuntimeError):  # the loop is closed when the editor has gone
            try:
                check()
                analysis = analyse(root, texts)
                check()
                analysis.warm()
                loop.call_soon_threadsafe(tell, analysis)
                analysis.judge(check)
                loop.call_soon_threadsafe(tell, analysis)
                hover_who.prepare(analysis, check)
                callers.prepare(analysis, check)
            except PolicyError as error:
                loop.call_soon_threadsafe(tell, error)
            except Outdated:
                raise
            except Exception as error:
                loop.call_soon_threadsafe(tell, error)
