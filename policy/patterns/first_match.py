"""The first of many patterns."""

from __future__ import annotations

from collections.abc import Sequence

from policy.patterns.errors import TooComplex
from policy.patterns.pattern import Pattern


class FirstMatch:
    """The first of several patterns that matches."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = tuple(patterns)

    def find(self, path: str | bytes) -> int | None:
        """The index of the first pattern that matches the path."""
        for index, pattern in enumerate(self._patterns):
            if pattern.gives_up(path):
                raise TooComplex(index)
            if pattern.matches(path):
                return index
        return None
