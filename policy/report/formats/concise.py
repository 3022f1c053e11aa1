"""``file:line:col: SEVERITY rule message``, one line a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.report.view import View

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options


def render(result: Result, options: Options) -> str:
    """The report."""
    view = View(result)
    lines = [f"{shown.place}: {shown.finding.severity} {shown.finding.rule} {shown.message}" for shown in view.findings]
    if options.statistics:
        lines += [f"{count} {rule}" for rule, count in view.by_rule()]
    return "".join(f"{line}\n" for line in lines)
