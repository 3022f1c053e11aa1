"""How old the tables are: the date of the newest fact in each data file."""

from __future__ import annotations

from policy.knowledge import _files
from policy.regex import regex

_DATE = regex(rb'"date"\s*:\s*"(\d{4}-\d{2}-\d{2})"')
_START = 200
"""Bytes: the date comes first in a data file, so that no file is read whole for it."""


def dates() -> dict[str, str]:
    """The ISO date of each data file, by its name."""
    found: dict[str, str] = {}
    for path in sorted(_files._FOLDER.glob("*.json")):
        with path.open("rb") as file:
            match = _DATE.search(file.read(_START))
        if match is not None:
            found[path.stem] = match[1].decode()
    return found
