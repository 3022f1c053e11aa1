"""ruamel.yaml's events, faster: literal blocks are read line by line, and a word in one step.

ruamel.yaml reads a literal block (``|``) one character at a time, which is most of the time of a deployment that keeps
its configurations in such blocks.
What is the least unusual (an indicator, a comment behind the bar, other line ends) is left to ruamel.yaml, and a test
holds that events and places are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
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
