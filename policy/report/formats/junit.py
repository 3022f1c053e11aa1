"""A JUnit report: a suite for each file, a failed case for each finding, a passed one where nothing was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.lint.finding import Severity
from policy.report.junit import Case, Suite, document
from policy.report.view import Shown, View
from policy.report.visible import visible

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options


def render(result: Result, _: Options) -> str:
    """The report; notes at severity info pass, with their sentence as output."""
    view = View(result)
    by_file: dict[str, list[Shown]] = {source.path: [] for source in result.deployment.sources}
    for shown in view.findings:
        by_file.setdefault(shown.place.location.source.path, []).append(shown)
    suites = [Suite(visible(path), _cases(visible(path), findings)) for path, findings in by_file.items()]
    return document("policy-lint", suites)


def _cases(file: str, findings: list[Shown]) -> tuple[Case, ...]:
    return tuple(_case(file, shown) for shown in findings) or (Case("policy-lint", file, file),)


def _case(file: str, shown: Shown) -> Case:
    finding = shown.finding
    fails = finding.severity > Severity.INFO
    return Case(
        f"{finding.rule} at {shown.place.start.line}:{shown.place.start.column}",
        file,
        file,
        shown.place.start.line,
        failure=str(finding.severity) if fails else "",
        message=shown.message if fails else "",
        body=f"{shown.place}: {finding.severity} {finding.rule}\n{shown.sentences}",
    )
