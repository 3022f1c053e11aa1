"""All facts as JSON, a contract with a version; see :mod:`policy.report.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.report.plain import report, to_json
from policy.report.view import View

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options


def render(result: Result, _: Options) -> str:
    """The report."""
    return to_json(report(View(result)))
