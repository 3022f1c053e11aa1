"""Files of variables: ``.env`` beside a Compose file, and the files that ``env_file`` names.

Source: compose-spec/compose-go ``dotenv/parser.go`` (quotes, comments, names alone), read from its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policy.configuration.interpolation import InterpolationError, interpolate
from policy.records import dataclass
from policy.regex import regex
from policy.text import Span

_NAME = regex(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.\-]*)[ \t]*(=|:(?=\s)|(?=\r?$))", re.MULTILINE)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$$", "'": "'"}


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment: the name, its value (None: taken from the host) and where both are written."""

    name: str
    value: str | None
    name_span: Span
    value_span: Span | None


def read(text: str, host: Mapping[str, str], *, raw: bool = False) -> Iterator[Line]:
    """The assignments of ``text`` in order; later lines may use the values of earlier ones and of ``host``.

    ``raw`` is the format of that name in ``env_file``: nothing is replaced, no quotes are removed.
    A line that is no assignment is passed over.
    """
    seen: dict[str, str] = {}

    def lookup(name: str) -> str | None:
        return host.get(name, seen.get(name))

    position = 0
    while position < len(text):
        end = _line_end(text, position)
        line = text[position:end]
        if not line.strip() or line.lstrip().startswith("#"):
            position = end + 1
            continue
        match = _NAME.match(text, position, end + 1 if end < len(text) else end)
        if match is None:
            position = end + 1
            continue
        name_span = Span(match.start(1), match.end(1))
        if match[2] == "":
            yield Line(match[1], None, name_span, None)
            position = end + 1
            continue
        value, span, position = _raw(text, match.end(), end) if raw else _value(text, match.end(), end, lookup)
        seen[match[1]] = value
        yield Line(match[1], value, name_span, span)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _raw(text: str, start: int, end: int) -> tuple[str, Span, int]:
    stop = end - 1 if end > start and text[end - 1] == "\r" else end
    return text[start:stop], Span(start, stop), end + 1


def _value(text: str, start: int, end: int, lookup: object) -> tuple[str, Span, int]:
    while start < end and text[start] in " \t":
        start += 1
    quote = text[start : start + 1]
    if quote in ("'", '"'):
        close = _close(text, start + 1, quote)
        if close is not None:
            inner = text[start + 1 : close]
            if quote == '"':
                inner = _replaced(re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), inner, flags=re.DOTALL), lookup)
            return inner, Span(start + 1, close), _line_end(text, close) + 1
    comment = re.search(r"(?:^|[ \t])#", text[start:end])
    stop = start + comment.start() if comment else end
    plain = text[start:stop].rstrip()
    return _replaced(plain, lookup), Span(start, start + len(plain)), end + 1


def _close(text: str, start: int, quote: str) -> int | None:
    position = start
    while position < len(text):
        if text[position] == "\\" and quote == '"':
            position += 2
            continue
        if text[position] == quote:
            return position
        position += 1
    return None


def _replaced(value: str, lookup: object) -> str:
    assert callable(lookup)  # noqa: S101 - narrows for the type checker
    try:
        return interpolate(value, lookup).mapped.text
    except InterpolationError:
        return value
