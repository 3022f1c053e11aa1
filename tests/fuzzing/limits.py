"""How long one input may take: processor time, so that a busy machine changes nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 20.0
"""Of processor time for one input, with all that the instrumentation costs."""


class TooSlow(BaseException):
    """An input took longer than it may; no handler of ordinary errors catches it."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"more than {SECONDS:g} s of processor time")


@contextmanager
def bounded(seconds: float = SECONDS) -> Iterator[None]:
    """Raises :class:`TooSlow` in the midst of what takes longer."""
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
