"""The case that started the project: what must be found in it, and what must not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy.configuration.loading import Given, load
from policy.lint.finding import Persona, Severity
from policy.lint.run import Result, run
from policy.lint.settings import Settings

FOLDER = Path(__file__).parents[2] / "samples" / "forum-thread"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def result() -> Result:
    return run(load([FOLDER], given=Given(), env={}), Settings(persona=Persona.AUDITOR))


@pytest.mark.parametrize("must", EXPECTED["must"], ids=lambda must: f"{must['rule']}-{must['lines'][0]}")
def test_must_be_found(must: dict[str, object], result: Result) -> None:
    found = [
        finding
        for finding in result.findings
        if finding.rule == must["rule"]
        and Path(finding.location.source.path).name == must["file"]
        and finding.location.start.line in must["lines"]  # type: ignore[operator]
    ]
    assert found
    assert max(finding.severity for finding in found) >= Severity[str(must["severity"]).upper()]


@pytest.mark.parametrize("must_not", EXPECTED["must_not"], ids=lambda must_not: must_not["rule"])
def test_must_not_be_found(must_not: dict[str, str], result: Result) -> None:
    assert [str(finding.location) for finding in result.findings if finding.rule == must_not["rule"]] == []
