"""Markdown for texts that come from files: nothing in them makes marks or links of its own."""

from __future__ import annotations

import re

from policy.report.visible import visible

_MARKS = re.compile(r"([\\`*_\[\]<>|~])")


def code(text: str) -> str:
    """``text`` as code, whatever it holds."""
    shown = visible(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else "(empty)"


def plain(text: str) -> str:
    """``text`` as words."""
    return _MARKS.sub(r"\\\1", visible(text))


def sentence(text: str) -> str:
    """``text`` as a sentence of words; empty for the empty text."""
    shown = plain(text).strip()
    return f"{shown[:1].upper()}{shown[1:].removesuffix('.')}." if shown else ""


def link(text: str, uri: str, line: int) -> str:
    """A link to a line of a file, counted from 1."""
    return f"[{plain(text)}]({uri.replace('(', '%28').replace(')', '%29')}#L{line})"
