"""ruamel.yaml's events, faster: literal blocks are read line by line, and a plain line of a mapping or list in one step.

ruamel.yaml reads a literal block (``|``) one character at a time, which is most of the time of a deployment that keeps
its configurations in such blocks, and takes a tenth of a millisecond for ``NAME: "value"``.
What is the least unusual (an indicator, an escape, a comment behind the bar, other line ends) is left to ruamel.yaml,
and a test holds that events and places are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import ScalarEvent
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner
from ruamel.yaml.tokens import ScalarToken

_HEADER = re.compile(r"\|(?P<chomping>[-+]?) *\n(?P<blanks> +)(?=[^ \n\0])")
_UNUSUAL = re.compile("[\r\x85\u2028\u2029\ufeff]")
"""Line ends of which ruamel.yaml makes others, and a mark that has no column."""


def events(text: str) -> Iterator[Any]:
    """The events of a YAML 1.2 text, as ``YAML(typ="safe", pure=True).parse`` gives them; raises what that raises."""
    yaml = YAML(typ="safe", pure=True)
    if _UNUSUAL.search(text) is None:
        yaml.Reader = _FastReader
        yaml.Scanner = _FastScanner
        yaml.Parser = _FastParser
    yield from yaml.parse(text)


class _FastReader(Reader):
    """A reader of a text whose only line end is a line feed."""

    def forward(self, length: int = 1) -> None:
        if self.pointer + length + 1 >= len(self.buffer):
            self.update(length + 1)
        start = self.pointer
        end = min(start + length, len(self.buffer))
        self.pointer = end
        self.index += end - start
        lines = self.buffer.count("\n", start, end)
        if lines:
            self.line += lines
            self.column = end - self.buffer.rfind("\n", start, end) - 1
        else:
            self.column += end - start


class _FastScanner(Scanner):
    """A scanner that reads a plain literal block by its lines."""

    def need_more_tokens(self) -> Any:
        if self.tokens and not self.possible_simple_keys:
            return False
        return super().need_more_tokens()

    def scan_block_scalar(self, style: Any, rt: bool | None = False) -> Any:  # noqa: FBT001, FBT002 - theirs
        reader = self.reader
        text: str = reader.buffer
        header = _HEADER.match(text, reader.pointer) if not rt else None
        if header is None or self.indent < 0 or len(header["blanks"]) <= self.indent:
            return super().scan_block_scalar(style, rt)
        blanks = header["blanks"]
        indent = len(blanks)
        lines: list[str] = []
        last = 0
        position = header.start("blanks")
        while (end := text.find("\n", position)) >= 0:
            if text.startswith(blanks, position):
                lines.append(text[position + indent : end])
                if end > position + indent:
                    last = len(lines)
            elif not text[position:end].strip(" "):
                lines.append("")
            else:
                break
            position = end + 1
        stopped = position + indent
        begins = next((at for at in range(position, stopped) if text[at : at + 1] != " "), stopped)
        if begins == stopped or begins >= len(text):
            return super().scan_block_scalar(style, rt)  # the last line has no end
        chomping = header["chomping"]
        kept = lines if chomping == "+" else lines[:last]
        value = "\n".join(kept) + ("" if chomping == "-" else "\n")
        start_mark = reader.get_mark()
        reader.forward(position - reader.pointer)
        end_mark = reader.get_mark()
        reader.forward(begins - position)
        return ScalarToken(value, plain=False, start_mark=start_mark, end_mark=end_mark, style=style)


_WORD = r"[^\s:#]+(?:[:#][^\s:#]+)*"
_PLAIN = rf"(?P<plain>(?![-?,\[\]{{}}&*!|>'\"%@`]){_WORD}(?: +{_WORD})*)(?P<rest> *\n {{0,COLUMN}})(?=[^ \n])"
"""A plain scalar that ends with its line: what follows is not indented deeper than COLUMN, that of the collection."""
_PAIR = (
    r"(?P<lead> *\n {COLUMN})?(?P<key>[A-Za-z_][A-Za-z0-9_.-]{0,200}): +"
    rf"(?:\"(?P<double>[^\"\\\n]*)\"|'(?P<single>[^'\n]*)'(?!')|{_PLAIN})"
)
_ENTRY = rf"(?P<lead> *\n {{COLUMN}})?- +{_PLAIN}"
_STYLES = {"double": '"', "single": "'"}


@lru_cache(maxsize=256)
def _at_column(pattern: str, column: int) -> re.Pattern[str]:
    return re.compile(pattern.replace("COLUMN", str(column)))


class _Mark:
    """Where an event begins or ends."""

    __slots__ = ("column", "index", "line")

    def __init__(self, index: int, line: int, column: int) -> None:
        self.index = index
        self.line = line
        self.column = column


class _FastParser(Parser):
    """A parser that takes ``key: value`` and ``- value`` from the text, where they are a line of a block collection.

    It does so between two lines, when the scanner holds no token, and leaves the scanner as its own methods would.
    """

    @cached_property
    def scanner(self) -> Any:
        return self.loader.scanner

    def parse_block_mapping_key(self) -> Any:
        line = self._line(_PAIR)
        if line is None:
            return super().parse_block_mapping_key()
        key, self._value = line
        self.state = self._value_of_pair
        return key

    def _value_of_pair(self) -> Any:
        self.state = self.parse_block_mapping_key
        return self._value

    def parse_block_sequence_entry(self) -> Any:
        line = self._line(_ENTRY)
        return super().parse_block_sequence_entry() if line is None else line[1]

    def parse_indentless_sequence_entry(self) -> Any:
        line = self._line(_ENTRY)
        return super().parse_indentless_sequence_entry() if line is None else line[1]

    def _line(self, pattern: str) -> tuple[Any, Any] | None:
        """The events of key (None in a list) and value of the line that comes next, if it is a plain one."""
        scanner = self.scanner
        if scanner.tokens or scanner.flow_context or scanner.indent < 0:
            return None
        reader = scanner.reader
        if any(key.required or key.line == reader.line for key in scanner.possible_simple_keys.values()):
            return None
        found = _at_column(pattern, scanner.indent).match(reader.buffer, reader.pointer)
        if found is None:
            return None
        line, begin = reader.line, reader.pointer
        if found["lead"] is not None:
            line, begin = line + 1, found.end("lead")
        elif reader.column != scanner.indent or not scanner.allow_simple_key:
            return None
        # Offsets of the buffer, columns and offsets of the text differ by what they are at the beginning of the line.
        to_column, to_index = scanner.indent - begin, reader.index - reader.pointer

        def event(name: str, start: int, end: int) -> Any:
            style = _STYLES.get(name)
            begins = _Mark(start + to_index, line, start + to_column)
            ends = _Mark(end + to_index, line, end + to_column)
            return ScalarEvent(None, None, (style is None, style is not None), found[name], begins, ends, style=style)

        name = "plain" if found["rest"] is not None else "single" if found.lastgroup == "single" else "double"
        quote = 1 if name in _STYLES else 0
        value = event(name, found.start(name) - quote, found.end(name) + quote)
        key = event("key", *found.span("key")) if pattern is _PAIR else None
        end = found.end()
        if name == "plain":
            reader.line, reader.column = line + 1, end - reader.buffer.rindex("\n", 0, end) - 1
        else:
            reader.line, reader.column = line, end + to_column
        scanner.allow_simple_key = name == "plain"
        scanner.possible_simple_keys.clear()  # those of earlier lines
        reader.index, reader.pointer = end + to_index, end
        return key, value
