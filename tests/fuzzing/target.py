"""What a target of fuzzing is: a claim that holds for every input, samples to begin with, and words to build with."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The project's own folder: samples are taken from it."""


def unchanged(chance: random.Random, data: bytes) -> bytes:
    """No change that knows the structure."""
    return data


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to fuzz.

    ``check`` raises where the claim is broken, whatever the bytes; ``seeds`` are the first inputs; ``words`` what the
    fuzzer may put in; ``change`` makes a change that keeps the structure; ``longest`` bounds the bytes of an input.
    """

    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[str, ...] = ()
    change: Callable[[random.Random, bytes], bytes] = unchanged
    longest: int = 4096
