"""Findings as text for people and for machines: one module a format in :mod:`policy.report.formats`.

Every format has one function, ``render(result, options) -> str``.
To add a format, add a module there and its line in :data:`FORMATS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from policy.records import dataclass

if TYPE_CHECKING:
    from policy.lint.run import Result

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "text": "for people, with the lines of the file",
        "concise": "one line a finding",
        "json": "all facts, version 1",
        "sarif": "SARIF 2.1.0, for code scanning",
        "github": "annotations of GitHub Actions",
        "gitlab": "code quality report of GitLab",
        "junit": "test report of JUnit",
        "html": "one page for a browser: findings, who may do what, any decision",
    }
)
"""The formats by name, each with what it is for."""

FOR_PEOPLE = frozenset({"text", "concise"})
"""Formats in which a character that the terminal lacks may be written in another way."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a report looks; what does not apply to a format is ignored by it."""

    color: bool = False
    links: bool = False
    """Whether places are hyperlinks (OSC 8); only for terminals."""
    width: int | None = None
    """Columns to fold long sentences to; None leaves them on one line."""
    statistics: bool = False
    """Whether the findings are counted by rule at the end."""
    quiet: bool = False
    """Whether only findings are written, without the versions before and the sum after."""


def render(result: Result, name: str, options: Options | None = None) -> str:
    """The report of ``result`` in the format ``name``, with a line end at its end unless it is empty.

    Raises KeyError for a name that :data:`FORMATS` has not.
    """
    if name not in FORMATS:
        raise KeyError(name)
    text: str = import_module(f"policy.report.formats.{name}").render(result, options or Options())
    return text
