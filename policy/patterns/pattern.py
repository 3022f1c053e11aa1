"""A compiled pattern."""

from __future__ import annotations

from collections.abc import Sequence

from policy.patterns.errors import TooComplex
from policy.patterns.machine import GaveUp, Machine
from policy.patterns.program import Program
from policy.patterns.reading import read


class Pattern:
    """A pattern as Boost reads it."""

    __slots__ = ("_machine", "ambiguity", "analysable", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.ambiguity: str | None = None
        self.analysable = True
        self._machine = Machine(Program(read(text)))

    def matches(self, path: str | bytes) -> bool:
        """Whether the whole path matches."""
        data = path.encode() if isinstance(path, str) else path
        try:
            return self._machine.run(data).matched
        except GaveUp:
            return False

    def gives_up(self, path: str | bytes) -> bool:
        """Whether Boost gives up on this path."""
        data = path.encode() if isinstance(path, str) else path
        try:
            self._machine.run(data)
        except GaveUp:
            return True
        return False


def compile(text: str) -> Pattern:  # noqa: A001 - the word of the contract
    """The pattern; raises :class:`PatternRefused` where Boost refuses it."""
    return Pattern(text)


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
