"""In CI no test may skip for a part that is not there: there, every part must be."""

from __future__ import annotations

import os

import pytest

REQUIRE_ALL = "POLICY_TESTS_REQUIRE_ALL"
ALLOWED = (
    "root may write everything",
    "z3 cannot tell in time",
    "needs a terminal of its own",
    "Spark is run on demand",
)
"""Reasons that are about the machine or the moment, not about a missing part."""


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run where a test was skipped that must not be."""
    if not os.environ.get(REQUIRE_ALL) or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    missed = []
    for report in reporter.stats.get("skipped", []) if reporter is not None else []:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(allowed in reason for allowed in ALLOWED):
            missed.append(f"{report.nodeid}: {reason}")
    if missed:
        reporter.write_line(f"\n{REQUIRE_ALL} is set, and these were skipped:")
        for line in missed:
            reporter.write_line(f"  {line}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
