"""Every fix of every rule, on the bad samples of its page: it mends its finding, and a safe one changes nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from policy.configuration.deployment import Deployment
from policy.configuration.loading import Given, load
from policy.lint.context import Context
from policy.lint.finding import Finding, Persona, Severity
from policy.lint.fixing import fix, texts_with
from policy.lint.page import Sample, page_of
from policy.lint.rule import Rule, registry
from policy.lint.run import Result, run
from policy.lint.settings import Settings
from policy.questions.diff import diff

RULES = list(registry().values())
BAD = {rule.name: [sample for sample in page_of(rule).samples if sample.bad] for rule in RULES}
SAMPLES = [
    pytest.param(rule, number, id=f"{rule.name}-{number}") for rule in RULES for number in range(len(BAD[rule.name]))
]
VERSIONS = {"plugin": "plugin", "orthanc": "orthanc", "image": "image", "auth-service": "auth_service"}
WORDS = {"safe": {True}, "unsafe": {False}, "safe or unsafe": {True, False}}

REVEALED = {
    ("boolean-spelling", "filter-off-open-server"): "the word counts as true; false is what it was meant to be",
    ("empty-profile-find", "role-union"): "the role then gives something that unites with others",
    ("invented-option-names", "no-level-option"): "the section counts only once it is called right",
    ("option-wrong-type", "audit-logs-user"): "the option has an effect only once it has the right type",
    ("stone-section-does-not-enable", "stone-without-dicomweb"): "the viewer that is then loaded needs DICOMweb",
}
"""What an unsafe fix of the first rule may bring to light: a finding of the second, and why."""


@dataclass(frozen=True, slots=True)
class Written:
    """A sample as files in a folder, and what is found there."""

    folder: Path
    sample: Sample
    settings: Settings
    """With the one rule; a run of all rules is dear, and few tests need it."""
    result: Result

    def load(self, texts: Mapping[str, bytes]) -> Deployment:
        return load_sample(self.sample, self.folder, texts)

    def other_findings(self, texts: Mapping[str, bytes]) -> Counter[str]:
        """Errors and warnings of all rules, by rule."""
        result = run(self.load(texts), replace(self.settings, select=(), ignore=("unused-ignore",)))
        return Counter(finding.rule for finding in result.findings if finding.severity >= Severity.WARNING)

    def mine(self, rule: Rule) -> list[Finding]:
        return [finding for finding in self.result.findings if finding.rule == rule.name]


def load_sample(sample: Sample, folder: Path, texts: Mapping[str, bytes]) -> Deployment:
    given = Given.of(**{name: sample.keys[key] for key, name in VERSIONS.items() if key in sample.keys})
    return load(list(sample.files), given=given, env={}, here=folder, texts=texts)


def written(rule: Rule, number: int, folder: Path, line_end: str = "\n") -> Written:
    sample = BAD[rule.name][number]
    for name, text in sample.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        encoding = sample.keys.get("encoding", "utf-8")
        path.write_bytes(text.replace("\n", line_end).encode(encoding, "surrogatepass"))
    settings = Settings(persona=Persona.AUDITOR, preview=True, select=(rule.name,))
    return Written(folder, sample, settings, run(load_sample(sample, folder, {}), settings))


@pytest.fixture(scope="module")
def lint_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Rule, int], Written]:
    known: dict[tuple[str, int], Written] = {}

    def call(rule: Rule, number: int) -> Written:
        key = rule.name, number
        if key not in known:
            known[key] = written(rule, number, tmp_path_factory.mktemp("sample"))
        return known[key]

    return call


def assert_same_decisions(before: Deployment, after: Deployment) -> None:
    """No request of anybody gets another answer; a server that did not start has none to compare."""
    assert len(before.servers) == len(after.servers)
    old, new = Context(before), Context(after)
    for was, now in zip(before.servers, after.servers, strict=True):
        left, right = old.policy(was), new.policy(now)
        if left is not None:
            assert right is not None
            assert [(one.request, one.people) for one in diff(left, right).differences] == []


@pytest.mark.parametrize(("rule", "number"), SAMPLES)
def test_fix_mends_its_finding_and_nothing_else(rule: Rule, number: int, lint_sample) -> None:
    sample = lint_sample(rule, number)
    found = sample.mine(rule)
    fixed = [finding for finding in found if finding.fix is not None]
    before = sample.other_findings({}) if fixed else None
    for finding in fixed:
        texts = {name: data for name, (_, data) in texts_with([finding]).items()}
        deployment = sample.load(texts)
        assert len(run(deployment, sample.settings).findings) < len(found)
        new = {(rule.name, name) for name in sample.other_findings(texts) - before}
        assert new <= (set() if finding.fix.safe else REVEALED.keys())
        if finding.fix.safe:
            assert_same_decisions(sample.result.deployment, deployment)


@pytest.mark.parametrize(("rule", "number"), SAMPLES)
def test_all_fixes_of_a_rule_together(rule: Rule, number: int, lint_sample) -> None:
    sample = lint_sample(rule, number)
    if all(finding.fix is None for finding in sample.mine(rule)):
        return

    def mend(texts: Mapping[str, bytes]):
        return fix(
            lambda more: sample.load({**texts, **more}),
            sample.settings,
            given=lambda _: True,
            unsafe=True,
            wanted=lambda finding: finding.rule == rule.name,
        )

    once = mend({})
    assert once.changes
    assert once.settled
    assert [one.message for one in once.after.findings if one.rule == rule.name and one.fix is not None] == []
    assert mend({str(change.path): change.after for change in once.changes}).changes == ()


@pytest.mark.parametrize(("rule", "number"), SAMPLES)
def test_line_ends_are_kept(rule: Rule, number: int, lint_sample, tmp_path) -> None:
    sample = lint_sample(rule, number)
    found = [finding for finding in sample.mine(rule) if finding.fix is not None]
    if not found or "encoding" in sample.sample.keys:
        return
    other = written(rule, number, tmp_path, "\r\n").mine(rule)
    expected = [data for _, data in texts_with(found[:1]).values()]
    twin = next(one for one in other if one.location.start == found[0].location.start and one.fix is not None)
    actual = [data for _, data in texts_with([twin]).values()]
    assert expected == [data.replace(b"\r\n", b"\n") for data in actual]
    assert all(data.count(b"\n") == data.count(b"\r\n") for data in actual)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_fixable_says_what_the_samples_yield(rule: Rule, lint_sample) -> None:
    fixes = [
        finding.fix.safe
        for number in range(len(BAD[rule.name]))
        for finding in lint_sample(rule, number).mine(rule)
        if finding.fix is not None
    ]
    assert WORDS.get(rule.fixable, set()) == set(fixes)
    assert rule.fixable in WORDS or len(rule.fixable.split()) > 2, "where there is no fix, the reason stands there"


def test_many_rules_have_fixes() -> None:
    assert sum(rule.fixable in WORDS for rule in RULES) >= 70


def test_what_fixes_reveal_is_still_so(lint_sample) -> None:
    """No entry of the list of exceptions outlives its reason."""
    rules = registry()
    seen = set()
    for name, other in REVEALED:
        for number in range(len(BAD[name])):
            sample = lint_sample(rules[name], number)
            for finding in sample.mine(rules[name]):
                if finding.fix is not None:
                    texts = {text: data for text, (_, data) in texts_with([finding]).items()}
                    new = sample.other_findings(texts) - sample.other_findings({})
                    seen |= {(name, one) for one in new if one == other}
    assert seen == set(REVEALED)
