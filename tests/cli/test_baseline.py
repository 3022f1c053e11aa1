"""``policy baseline`` and ``policy-lint --baseline`` from end to end."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

ROW = '["get", "^/studies/([a-f0-9-]+)$", "view"]'


@pytest.fixture
def toolkit():
    from policy.commands.main import toolkit as program

    def call(*arguments: str, **options: object):
        return CliRunner().invoke(program, list(arguments), prog_name="policy", **options)

    return call


@pytest.fixture
def rules(tmp_path, monkeypatch):
    """Writes a list of some rules that are all the same: each but the first is a finding, and these are equal."""
    monkeypatch.chdir(tmp_path)

    def write(count: int, before: str = "") -> None:
        rows = ", ".join([ROW] * count)
        section = f'"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies", "Permissions": [{rows}]'
        (tmp_path / "orthanc.json").write_text(f'{before}{{"Authorization": {{{section}}}}}\n')

    write(3)
    return write


FIND = ("--select", "duplicate-rule", "--persona", "auditor")
LINT = (*FIND, "--fail-on", "info", "--format", "json", "--baseline", "known.json", "orthanc.json")


def found(result) -> int:
    return len(json.loads(result.stdout)["findings"])


def test_known_findings_do_not_fail(lint, toolkit, rules):
    assert 1 == lint(*FIND, "--fail-on", "info", "orthanc.json").exit_code
    made = toolkit("baseline", *FIND, "orthanc.json", "-o", "known.json")
    assert (0, "2 findings are known from now on.\n") == (made.exit_code, made.stderr)
    result = lint(*LINT)
    assert (0, 0) == (result.exit_code, found(result))
    assert "Not shown, since the baseline knows them: 2.\n" == result.stderr


def test_moved_lines_stay_known(lint, toolkit, rules):
    toolkit("baseline", *FIND, "orthanc.json", "-o", "known.json")
    rules(3, before="// a comment\n\n\n")
    assert 0 == lint(*LINT).exit_code


def test_new_findings_fail_also_where_they_equal_known_ones(lint, toolkit, rules):
    toolkit("baseline", *FIND, "orthanc.json", "-o", "known.json")
    rules(4)
    result = lint(*LINT)
    assert (1, 1) == (result.exit_code, found(result))


def test_what_is_gone_is_told(lint, toolkit, rules):
    toolkit("baseline", *FIND, "orthanc.json", "-o", "known.json")
    rules(1)
    result = lint(*LINT)
    assert 0 == result.exit_code
    assert "No longer found" in result.stderr
    assert "  orthanc.json [duplicate-rule] 2 times" in result.stderr.splitlines()


def test_what_this_run_cannot_find_is_not_gone(lint, toolkit, rules):
    toolkit("baseline", "--persona", "auditor", "orthanc.json", "-o", "known.json")
    result = lint("--baseline", "known.json", "--select", "byte-order-mark", "orthanc.json")
    assert "Not shown, since the baseline knows them: 0.\n" == result.stderr


def test_the_same_findings_give_the_same_bytes(toolkit, rules):
    first = toolkit("baseline", "--persona", "auditor", "orthanc.json")
    assert first.stdout == toolkit("baseline", "--persona", "auditor", "orthanc.json").stdout
    data = json.loads(first.stdout)
    assert 1 == data["version"]
    assert {"file", "rule", "fingerprint", "severity", "persona", "times"} == data["findings"][0].keys()


def test_nothing_found_is_a_baseline_too(lint, toolkit, rules):
    toolkit("baseline", "--select", "byte-order-mark", "orthanc.json", "-o", "known.json")
    assert 1 == lint(*LINT).exit_code


def test_known_findings_are_not_fixed(lint, toolkit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = '{"roles": {"a-role": {"permissions": ["view"], "authorized-labels": ["*"]}}, "available-labels": []}\n'
    (tmp_path / "permissions.json").write_text(text)
    toolkit("baseline", "permissions.json", "-o", "known.json")
    lint("--fix", "--unsafe-fixes", "--baseline", "known.json", "permissions.json")
    assert text == (tmp_path / "permissions.json").read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no JSON"),
        ("[]", "is no baseline of version 1"),
        ('{"version": 2, "findings": []}', "is no baseline of version 1"),
        ('{"version": 1, "findings": [{"file": "a"}]}', "entry 1 is no known finding"),
        ('{"version": 1, "findings": [3]}', "entry 1 is no known finding"),
        ("[" * 100_000, "is no JSON"),
        (b"\xff", "is no UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(lint, rules, tmp_path, text, told):
    (tmp_path / "known.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = lint("--baseline", "known.json", "orthanc.json")
    assert 2 == result.exit_code
    assert told in result.stderr


def test_a_file_that_is_absent_is_refused(lint, rules):
    assert 2 == lint("--baseline", "absent.json", "orthanc.json").exit_code
