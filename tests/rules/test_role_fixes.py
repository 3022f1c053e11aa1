"""Fixes of the rules on rules, roles and the anonymous profile: each mends its finding, and a safe one nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.lint.finding import Finding, Persona
from policy.lint.page import Sample, page_of
from policy.lint.rule import Rule, registry
from policy.lint.settings import Settings
from policy.text import edits

FAMILIES = ("RUL", "ROL", "ANO")
RULES = [rule for rule in registry().values() if rule.code.startswith(FAMILIES)]


def samples() -> list[object]:
    return [
        pytest.param(rule, sample, id=f"{rule.name}-{number}")
        for rule in RULES
        for number, sample in enumerate(page_of(rule).samples)
        if sample.bad
    ]


def findings(rule: Rule, sample: Sample, files: dict[str, str], lint) -> list[Finding]:
    given = {"plugin": "plugin", "orthanc": "orthanc", "image": "image", "auth-service": "auth_service"}
    versions = {name: sample.keys[key] for key, name in given.items() if key in sample.keys}
    settings = Settings(persona=Persona.AUDITOR, ignore=("unused-ignore",))
    return [finding for finding in lint(files, settings=settings, **versions).findings if finding.rule == rule.name]


def facts(finding: Finding) -> tuple[object, ...]:
    return (finding.facts.get("subject"), finding.facts.get("kind"), finding.facts.get("role"))


@pytest.mark.parametrize(("rule", "sample"), samples())
def test_fix_mends_its_finding(rule: Rule, sample: Sample, lint) -> None:
    before = findings(rule, sample, dict(sample.files), lint)
    for finding in before:
        if finding.fix is None:
            continue
        files = dict(sample.files)
        for source, changes in finding.fix.operations:
            files[Path(source.path).as_posix()] = edits.apply(source.document, changes).decode()
        assert files != sample.files
        after = findings(rule, sample, files, lint)
        assert facts(finding) not in [facts(one) for one in after]
        assert len(after) == len(before) - 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_fixable_says_what_the_fixes_are(rule: Rule, lint) -> None:
    fixes = [
        finding.fix
        for sample in page_of(rule).samples
        if sample.bad
        for finding in findings(rule, sample, dict(sample.files), lint)
        if finding.fix is not None
    ]
    said = {"safe": {True}, "unsafe": {False}}.get(rule.fixable, set())
    assert {fix.safe for fix in fixes} <= said or (rule.fixable == "safe" and fixes != [])
    if rule.fixable in ("safe", "unsafe"):
        assert fixes
