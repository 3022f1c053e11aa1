"""For all tests: in CI no test may skip for a part that is not there, and how many examples properties are tried on."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
# A test that needs more or fewer examples than others takes a multiple of the profile's.

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
