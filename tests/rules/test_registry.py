"""Every rule has its page, its samples, its tags and a fix or the reason why there is none; the samples are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policy.knowledge import references
from policy.lint.finding import Persona
from policy.lint.page import HEADINGS, Sample, markdown, page_of
from policy.lint.rule import Rule, find_rule, registry
from policy.lint.settings import Settings

RULES = list(registry().values())
FAMILIES = ("SYN", "CFG", "RUL", "ROL", "ANO", "DEP", "RTE", "SUP")


def samples(*, bad: bool) -> list[object]:
    found = []
    for rule in RULES:
        chosen = [sample for sample in page_of(rule).samples if sample.bad is bad]
        found += [pytest.param(rule, sample, id=f"{rule.name}-{i}") for i, sample in enumerate(chosen)]
    return found


def run_sample(rule: Rule, sample: Sample, lint):
    versions = {
        name: sample.keys[key]
        for key, name in (
            ("plugin", "plugin"),
            ("orthanc", "orthanc"),
            ("image", "image"),
            ("auth-service", "auth_service"),
        )
        if key in sample.keys
    }
    others = () if rule.name == "unused-ignore" else ("unused-ignore",)
    settings = Settings(persona=Persona(sample.keys.get("persona", "auditor")), preview=True, ignore=others)
    encoding = sample.keys.get("encoding", "utf-8")
    files = {name: text.encode(encoding, "surrogatepass") for name, text in sample.files.items()}
    return [finding for finding in lint(files, settings=settings, **versions).findings if finding.rule == rule.name]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_metadata(rule: Rule) -> None:
    page = page_of(rule)
    assert page.title
    assert page.title.endswith(".")
    missing = [heading for heading in HEADINGS[:4] if not page.sections.get(heading)]
    assert missing == []
    assert [heading for heading in page.sections if heading not in HEADINGS] == []
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert re.fullmatch(rf"({'|'.join(FAMILIES)})\d{{3}}", rule.code)
    assert rule.title
    assert rule.tags, "a rule names at least one standard that it touches"
    assert [tag for tag in rule.tags if references.reference(tag) is None] == []
    assert rule.fixable
    bad = [sample for sample in page.samples if sample.bad]
    good = [sample for sample in page.samples if not sample.bad]
    assert bad
    assert good
    assert all(sample.lines for sample in bad), "a bad sample says on which line the finding is"


def test_codes_and_names_are_unique() -> None:
    names = [rule.name for rule in RULES]
    codes = [rule.code for rule in RULES]
    assert len(set(names)) == len(names)
    assert len(set(codes)) == len(codes)


def test_one_module_one_rule() -> None:
    modules = [type(rule).__module__.rsplit(".", 1)[-1] for rule in RULES]
    assert modules == [rule.name.replace("-", "_") for rule in RULES]


def test_every_page_renders() -> None:
    for rule in RULES:
        text = markdown(rule)
        assert text.startswith(f"# {rule.name} ({rule.code})")
        assert find_rule(rule.code) is rule


@pytest.mark.parametrize(("rule", "sample"), samples(bad=True))
def test_bad_sample_is_found(rule: Rule, sample: Sample, lint) -> None:
    findings = run_sample(rule, sample, lint)
    found = {(Path(finding.location.source.path).as_posix(), finding.location.start.line) for finding in findings}
    expected = {(name, line) for name, lines in sample.lines.items() for line in lines}
    assert found == expected
    if "severity" in sample.keys:
        assert {str(finding.severity) for finding in findings} == {sample.keys["severity"]}
    for finding in findings:
        assert finding.message[0].isupper() or not finding.message[0].isalpha()
        assert finding.help


@pytest.mark.parametrize(("rule", "sample"), samples(bad=False))
def test_good_sample_is_silent(rule: Rule, sample: Sample, lint) -> None:
    assert [finding.message for finding in run_sample(rule, sample, lint)] == []
