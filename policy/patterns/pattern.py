"""A compiled pattern (first step: through Python's ``re``)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policy.patterns.errors import PatternRefused

_POSIX = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "xdigit": "0-9a-fA-F",
    "word": r"\w",
    "punct": r"!-/:-@\[-`{-~",
}


def _translated(text: str) -> str:
    text = re.sub(r"\\Q(.*?)(\\E|$)", lambda m: re.escape(m[1]), text, flags=re.S)
    text = re.sub(r"\[:(\w+):\]", lambda m: _POSIX.get(m[1], m[0]), text)
    text = text.replace(r"\Z", r"(?=\n*\Z)").replace(r"\z", r"\Z")
    text = re.sub(r"\(\?<(?=\w)", "(?P<", text)
    text = re.sub(r"\{(,\d*\})", r"\\{\1", text)
    return re.sub(r"(.+)\(\?([ismx]+)\)", r"\1", text, flags=re.S)


class Pattern:
    """A pattern as Boost reads it."""

    __slots__ = ("_re", "ambiguity", "analysable", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.ambiguity: str | None = None
        self.analysable = True
        try:
            self._re = re.compile(_translated(text).encode(), re.DOTALL | re.MULTILINE)
        except re.error as error:
            raise PatternRefused(str(error), error.pos or 0, text) from None

    def matches(self, path: str | bytes) -> bool:
        """Whether the whole path matches."""
        data = path.encode() if isinstance(path, str) else path
        return self._re.fullmatch(data) is not None

    def gives_up(self, path: str | bytes) -> bool:
        """Whether Boost gives up on this path."""
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
            if pattern.matches(path):
                return index
        return None
