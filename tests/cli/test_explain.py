"""``policy-lint explain``, ``rules`` and ``versions``."""

from __future__ import annotations

import json
import re

import pytest

from policy.lint.page import markdown
from policy.lint.rule import registry


@pytest.mark.parametrize("rule", registry().values(), ids=lambda rule: rule.name)
def test_every_rule_is_explained(lint, rule):
    for name in (rule.name, rule.code, rule.code.lower()):
        result = lint("explain", name)
        assert 0 == result.exit_code
        assert markdown(rule).strip() == result.stdout.strip()


def test_the_toolkit_prints_the_same_page(start):
    shown = start("policy", "rule", "unused-ignore")
    assert (0, start("policy-lint", "explain", "unused-ignore").stdout) == (shown.returncode, shown.stdout)


def test_several_pages(lint):
    first, second, *_ = registry().values()
    assert (
        f"{markdown(first).strip()}\n\n{markdown(second).strip()}\n" == lint("explain", first.code, second.code).stdout
    )


def test_headings_are_bold_but_comments_in_code_are_not(lint):
    shown = lint("explain", "unused-ignore", "--color", color=True).stdout
    assert "\x1b[1m## What it checks\x1b[0m" in shown
    assert markdown(registry()["unused-ignore"]).strip() == re.sub(r"\x1b\[\d+m", "", shown).strip()


def test_a_wrong_name_is_told_with_what_is_near(lint):
    result = lint("explain", "unused-ignor")
    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("no rule is called 'unused-ignor'. Did you mean unused-ignore?")
    assert "policy-lint rules" in result.stderr


def test_rules(lint):
    lines = lint("rules").stdout.splitlines()
    assert ["code", *registry()] == [line.split()[0 if number == 0 else 1] for number, line in enumerate(lines)]


def test_rules_as_json(lint):
    listed = json.loads(lint("rules", "--format", "json").stdout)
    assert list(registry()) == [rule["rule"] for rule in listed]
    assert {
        "code",
        "rule",
        "title",
        "severity",
        "confidence",
        "persona",
        "preview",
        "since",
        "fix",
        "references",
    } == set(listed[0])


def test_some_rules(lint):
    assert ["SUP"] == sorted({line[:3] for line in lint("rules", "SUP").stdout.splitlines()[1:]})
    result = lint("rules", "nothing-like-it")
    assert (2, "") == (result.exit_code, result.stdout)


def test_versions(lint):
    shown = lint("versions").stdout
    assert re.search(r"^policy-lint \S+, tables of \d{4}-\d{2}-\d{2}$", shown, re.MULTILINE)
    assert re.search(r"^Authorization plugin +initial to \d+\.\d+\.\d+ \(\d+ known\)$", shown, re.MULTILINE)
    told = json.loads(lint("versions", "--format", "json").stdout)
    assert ["Authorization plugin", "Orthanc", "image orthancteam/orthanc", "auth service"] == [
        row["what"] for row in told["known"]
    ]


def test_the_version_names_the_date_of_the_tables(lint):
    assert re.fullmatch(r"policy-lint \S+ \(tables of \d{4}-\d{2}-\d{2}\)\n", lint("--version").stdout)
