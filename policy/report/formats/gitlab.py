"""The code quality report of GitLab: an array of issues in the Code Climate shape."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from policy.lint.finding import Severity
from policy.report.plain import to_json
from policy.report.view import View

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(result: Result, _: Options) -> str:
    """The report; GitLab drops issues with equal fingerprints, so that the second of two alike gets another."""
    issues: list[dict[str, object]] = []
    seen: Counter[str] = Counter()
    for shown in View(result).findings:
        fingerprint = shown.finding.fingerprint
        seen[fingerprint] += 1
        unique = fingerprint if seen[fingerprint] == 1 else f"{fingerprint}-{seen[fingerprint]}"
        issues.append(
            {
                "description": shown.message,
                "content": {"body": shown.sentences},
                "check_name": shown.finding.rule,
                "fingerprint": unique,
                "severity": _SEVERITIES[shown.finding.severity],
                "categories": ["Security"],
                "location": {
                    "path": shown.place.location.source.path.removeprefix("./"),
                    "lines": {"begin": shown.place.start.line, "end": shown.place.end.line},
                },
            }
        )
    return to_json(issues)
