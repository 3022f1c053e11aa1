"""The syntax of nginx configurations: directives with words, blocks, quotes, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy.configuration.source import Location, Source
from policy.records import dataclass
from policy.regex import regex
from policy.text import Span

_TOKEN = regex(
    r"""
    (?P<blank>[\s\ufeff]+ | \#[^\n]*)
  | (?P<mark>[{};])
  | "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)'
  | (?P<word>(?:[^\s{};"'\\\$] | \\. | \$\{[^}\s]*\} | \$ | (?<=\S)["'])+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: its name, its words, and what stands in its block (None: it has none)."""

    name: str
    words: tuple[str, ...]
    block: tuple[Directive, ...] | None
    span: Span
    source: Source | None = None
    """The file in which it stands, where it is known."""

    @property
    def place(self) -> Location | None:
        """Where it stands, where its file is known."""
        return Location(self.source, self.span) if self.source is not None else None

    def all(self, name: str) -> Iterator[Directive]:
        """The directives of that name in the block."""
        return (inner for inner in self.block or () if inner.name == name)

    def first(self, name: str) -> Directive | None:
        """The first directive of that name in the block, or None."""
        return next(self.all(name), None)


def directives(text: str, source: Source | None = None) -> tuple[Directive, ...]:
    """The directives of a configuration, which stands in the file ``source``; what is broken is passed over, what is open at the end is closed.

    >>> [directive.name for directive in directives("server { listen 80; } # end")]
    ['server']
    """
    tokens = [
        (match.lastgroup or "", next((group for group in match.groups() if group is not None), ""), match.span())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "blank"
    ]
    return _block(tokens, 0, 0, source)[0]


def _block(
    tokens: list[tuple[str, str, tuple[int, int]]], position: int, depth: int, source: Source | None
) -> tuple[tuple[Directive, ...], int]:
    found: list[Directive] = []
    words: list[tuple[str, tuple[int, int]]] = []
    while position < len(tokens):
        kind, value, span = tokens[position]
        position += 1
        if kind != "mark":
            words.append((value, span))
            continue
        if value == "{":
            inner, position = _block(tokens, position, depth + 1, source) if depth < _DEEPEST else ((), position)
            _add(found, words, inner, source)
        elif value == ";":
            _add(found, words, None, source)
        else:
            _add(found, words, None, source)
            if depth:
                return tuple(found), position
        words = []
    _add(found, words, None, source)
    return tuple(found), position


def _add(
    found: list[Directive],
    words: list[tuple[str, tuple[int, int]]],
    block: tuple[Directive, ...] | None,
    source: Source | None,
) -> None:
    if words:
        span = Span(words[0][1][0], words[-1][1][1])
        found.append(Directive(words[0][0], tuple(word for word, _ in words[1:]), block, span, source))
