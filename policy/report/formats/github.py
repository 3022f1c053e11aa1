"""Workflow commands of GitHub Actions, which become annotations of the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.lint.finding import Severity
from policy.report.view import View

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: Result, _: Options) -> str:
    """The report."""
    lines: list[str] = []
    for shown in View(result).findings:
        start, end = shown.place.start, shown.place.end
        properties = {"file": shown.place.file, "line": start.line, "endLine": end.line}
        if end.line == start.line:  # columns of a place of several lines are refused
            properties |= {"col": start.column, "endColumn": end.column}
        properties["title"] = f"{shown.finding.rule} ({shown.finding.code})"
        written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
        lines.append(f"::{_COMMANDS[shown.finding.severity]} {written}::{_data(shown.sentences)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
