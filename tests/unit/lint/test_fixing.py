"""Fixes in rounds: what goes together, what has to wait, what is taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.configuration.deployment import Deployment
from policy.configuration.loading import load
from policy.lint import fixing
from policy.lint.context import Context
from policy.lint.finding import Confidence, Finding, Fix, Persona, Severity
from policy.lint.run import Result
from policy.lint.settings import Settings
from policy.questions.diff import diff
from policy.text import Span
from policy.text.edits import Edit, remove, replace, replace_text

ROWS = [
    ["get", "^/studies/([a-f0-9-]+)$", "view"],
    ["get", "^/studies/([a-f0-9-]+)$", "view|upload"],
    ["get", "^/(studies|series)/([a-f0-9-]+)$", "view"],
    ["get", "^/studies/.*$", "view"],
    ["get", "^/studies/.*$", "view"],
    ["post", "^/studies/([a-f0-9-]+)/modify$", "modify"],
    ["get", "^/nothing-at-all$", "view"],
    ["get", "^/.*$", "view"],
]


def configuration(rows: list[list[str]]) -> str:
    lines = ",\n".join(f"      {json.dumps(row)}" for row in rows)
    return (
        '{\n  "Authorization": {\n    "WebServiceRootUrl": "http://auth:8000/",\n    "CheckedLevel": "studies",\n'
        f'    "Permissions": [\n{lines}\n    ]\n  }}\n}}\n'
    )


class Case:
    """A file in a folder, and its text as it changes."""

    def __init__(self, folder: Path, text: str) -> None:
        self.path = folder / "orthanc.json"
        self.path.write_text(text)

    def load(self, texts: Mapping[str, bytes]) -> Deployment:
        return load([self.path], texts=texts, env={})

    def fix(self, *rules: str, **options: object) -> fixing.Fixed:
        chosen = Settings(select=rules, persona=Persona.AUDITOR)
        return fixing.fix(self.load, chosen, given=lambda _: True, **options)


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=7))
@settings(max_examples=settings.default.max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_safe_fixes_together_change_no_decision(tmp_path: Path, rows: list[list[str]]) -> None:
    """Of two rules that each make the other one superfluous only one may go."""
    case = Case(tmp_path, configuration(rows))
    fixed = case.fix("duplicate-rule", "redundant-rule", "shadowed-rule", "vacuous-pattern")
    assert fixed.settled
    before, after = (
        Context(result.deployment).policy(result.deployment.servers[0]) for result in (fixed.before, fixed.after)
    )
    assert [one.request for one in diff(before, after).differences] == []


def test_fixes_of_neighbours_wait_for_each_other(tmp_path: Path) -> None:
    case = Case(tmp_path, configuration([ROWS[0]] * 4))
    fixed = case.fix("duplicate-rule")
    assert configuration([ROWS[0]]).encode() == fixed.changes[0].after
    assert 3 == len(fixed.applied)


def finding(deployment: Deployment, fix: Fix, span: Span, rule: str = "tried") -> Finding:
    place = deployment.sources[0].place(span)
    return Finding(
        rule, "SYN999", Severity.WARNING, Confidence.SURE, Persona.REGULAR, "Wrong.", "Mend.", place, fix=fix
    )


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``scripted(text, make)``: fixes with the findings that ``make(deployment)`` gives in each round."""

    def call(text: str, make) -> fixing.Fixed:
        def run(deployment: Deployment, _: Settings | None = None) -> Result:
            return Result(deployment, tuple(make(deployment)), (), ())

        monkeypatch.setattr(fixing, "run", run)
        return Case(tmp_path, text).fix()

    return call


TEXT = '{"Name": "A", "Authorization": {"CheckedLevel": "studies"}}'


def test_a_fix_that_breaks_the_text_is_taken_back(scripted) -> None:
    def make(deployment: Deployment):
        source = deployment.sources[0]
        yield finding(deployment, Fix("Break it", True, ((source, (Edit(Span(1, 1), '"'),)),)), Span(0, 1))

    fixed = scripted(TEXT, make)
    assert () == fixed.changes
    assert () == fixed.applied
    assert fixed.settled


def test_a_broken_fix_does_not_keep_others_from_being_made(scripted) -> None:
    def make(deployment: Deployment):
        source = deployment.sources[0]
        yield finding(deployment, Fix("Break it", True, ((source, (Edit(Span(1, 1), '"'),)),)), Span(0, 1))
        if b'"A"' in source.document.data:
            change = tuple(replace(source.document, ("Name",), "B"))
            yield finding(deployment, Fix("Write B", True, ((source, change),)), change[0].span, "other")

    fixed = scripted(TEXT, make)
    assert [TEXT.replace('"A"', '"B"').encode()] == [change.after for change in fixed.changes]
    assert ["other"] == [one.rule for one in fixed.applied]


def test_fixes_that_undo_each_other_come_to_an_end(scripted) -> None:
    def make(deployment: Deployment):
        source = deployment.sources[0]
        other = "B" if b'"A"' in source.document.data else "A"
        change = tuple(replace(source.document, ("Name",), other))
        yield finding(deployment, Fix(f"Write {other}", True, ((source, change),)), change[0].span)

    fixed = scripted(TEXT, make)
    assert 1 == len(fixed.applied)
    assert fixed.settled


def test_a_fix_that_does_not_help_is_made_once(scripted) -> None:
    def make(deployment: Deployment):
        source = deployment.sources[0]
        place = source.document.root.get("Name").span
        change = tuple(replace_text(source.document, Span(1, 1), " "))
        yield finding(deployment, Fix("Add a blank", True, ((source, change),)), place)

    fixed = scripted(TEXT, make)
    assert [TEXT.replace("{", "{ ", 1).encode()] == [change.after for change in fixed.changes]


def test_a_fix_without_end_stops(scripted) -> None:
    def make(deployment: Deployment):
        source = deployment.sources[0]
        node = source.document.root.get("Name")
        change = tuple(replace(source.document, ("Name",), node.value + "A"))
        yield finding(deployment, Fix("Longer", True, ((source, change),)), node.span)

    fixed = scripted(TEXT, make)
    assert not fixed.settled
    assert fixing.MOST_ROUNDS == len(fixed.applied)


def test_of_overlapping_fixes_one_is_made(scripted) -> None:
    def make(deployment: Deployment):
        source = deployment.sources[0]
        document = source.document
        if document.root.get("Name") is not None and document.root.get("Name").value == "A":
            change = tuple(replace(document, ("Name",), "B"))
            yield finding(deployment, Fix("Write B", True, ((source, change),)), change[0].span, "first")
        if document.root.get("Name") is not None:
            gone = tuple(remove(document, ("Name",)))
            yield finding(deployment, Fix("Remove it", True, ((source, gone),)), Span(0, 1), "second")

    fixed = scripted(TEXT, make)
    assert ["second"] == [one.rule for one in fixed.applied], "what is gone need not be mended"
    assert b'"Name"' not in fixed.changes[0].after


def test_what_was_given() -> None:
    given_ = fixing.among(["a/b.json", "folder", "-"])
    here = Path.cwd()
    assert given_(str(here / "a/b.json"))
    assert given_(str(here / "folder/deep/c.json"))
    assert given_("<stdin>")
    assert not given_(str(here / "a/c.json"))
    assert not given_(str(here / "folder-2/c.json"))
    assert not fixing.among(["a"])("<stdin>")
