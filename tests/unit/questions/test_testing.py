"""Test files of a policy: what passes, what fails and why, coverage, snapshots, and mistakes with their place."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from policy.commands.main import toolkit
from policy.engine import Policy
from policy.errors import PolicyError
from policy.questions.cases import read
from policy.questions.coverage import coverage
from policy.questions.fixtures import Fixtures
from policy.questions.schemas import schema
from policy.questions.testing import run

CONFIGURATION = {
    "AuthenticationEnabled": False,
    "Authorization": {
        "WebServiceRootUrl": "http://service/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "UncheckedResources": ["/system"],
        "Permissions": [
            ["get", "^/(studies|series)/([a-f0-9-]+)$", "view"],
            ["delete", "^/studies/([a-f0-9-]+)$", "delete"],
            ["get", "^/plugins$", ""],
            ["get", "^/DICOM_WEB_ROOT/studies/([.0-9]+)/series$", "view"],
        ],
    },
}
ROLES = {
    "roles": {
        "doctor": {"permissions": ["view", "delete"], "authorized-labels": ["*"]},
        "external": {"permissions": ["view"], "authorized-labels": ["external"]},
    }
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.from_configuration(CONFIGURATION, plugin="0.11.4", permissions=ROLES)


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "access.test.json5"
        path.write_text(text, "utf-8")
        return path

    return write


def failures(text: str, policy: Policy, written) -> list[tuple[str, str]]:
    return [(result.name, result.failure) for result in run([read(written(text))], policy).failed]


MATRIX = """{
  version: 1,
  resources: { outside: {labels: "external"}, inside: {}, part: {level: "series", parent: "outside"} },
  profiles: { guest: {permissions: "view", labels: "*"} },
  matrices: [{ rows: [
    { route: "GET /studies/{outside}", permit: ["doctor", "external", "guest"], rule: 0 },
    { route: "GET /studies/{inside}", permit: ["doctor", "guest"], deny: [{as: "external", reason: "labels"}] },
    { route: "GET /series/{part}", permit: ["doctor", "external", "guest"] },
    { route: "GET /dicom-web/studies/{inside.uid}/series", permit: ["doctor", "guest"],
      rule: "^/DICOM_WEB_ROOT/studies/([.0-9]+)/series$" },
    { route: "DELETE /studies/{outside}", permit: [{as: "doctor", reason: "permission"}] },
    { route: "/system", permit: ["doctor", "external", "guest", "anonymous"] },
    { route: "GET /studies/abc", permit: ["doctor", "guest"], conditional: ["external"] },
  ]}],
  tests: [
    { route: "GET /studies/0", as: "external", labels: ["external"], expect: "permit" },
    { route: "GET /studies/0", as: ["external", "doctor"], labels: [], expect: "permit" },
    { route: "POST /instances", expect: "deny", status: 403, reason: "no-rule" },
  ],
}"""


def test_what_is_true_passes(policy: Policy, written) -> None:
    done = run([read(written(MATRIX))], policy)
    assert [result.failure for result in done.failed] == []
    assert len(done.results) == 7 * 4 + 3


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '"DELETE /studies/{outside}", permit: [{as: "doctor", reason: "permission"}]',
            '"DELETE /studies/{outside}"',
            (
                "DELETE /studies/{outside} as doctor",
                "expected deny, as it is not listed, but the answer is permit (permission)",
            ),
        ),
        (
            'permit: ["doctor", "guest"], deny',
            'permit: ["doctor", "guest", "external"], deny1',
            None,
        ),
        ("rule: 0", "rule: 1", ("GET /studies/{outside} as doctor", "the rule is 0, not 1")),
        (
            'reason: "labels"',
            'reason: "no-rule"',
            ("GET /studies/{inside} as external", "the reason is labels, not no-rule"),
        ),
        ("status: 403", "status: 401", ("POST /instances as anonymous", "the status is 403, not 401")),
        (
            'conditional: ["external"]',
            "conditional: []",
            (
                "GET /studies/abc as external",
                "expected deny, as it is not listed, but it depends: the study abc has the label 'external'",
            ),
        ),
    ],
)
def test_what_is_false_fails(old: str, new: str, expected, policy: Policy, written) -> None:
    assert old in MATRIX
    text = MATRIX.replace(old, new, 1)
    if expected is None:
        with pytest.raises(PolicyError) as error:
            read(written(text))
        assert "deny1: no such key" in str(error.value)
        return
    found = failures(text, policy, written)
    assert expected == found[0]


def test_assertions_are_proved(policy: Policy, written) -> None:
    text = """{version: 1, assertions: [
        "not-granted external DELETE *",
        "always-granted doctor GET /studies/{resource}",
        "always-granted external GET /studies/{resource} --if-labels-allow",
        "always-granted external GET /studies/{resource}",
        "no-public-access",
        "not-granted anybody DELETE /studies/{resource}",
    ]}"""
    done = run([read(written(text))], policy)
    assert [True, True, True, False, False, False] == [result.passed for result in done.results]
    assert "DELETE /studies/" in done.results[-1].failure
    assert "of doctor is permitted" in done.results[-1].failure


def test_a_failure_shows_the_trace(policy: Policy, written) -> None:
    text = '{version: 1, tests: [\n  {route: "DELETE /studies/0", as: "external", expect: "permit"}]}'
    (failed,) = run([read(written(text))], policy).failed
    assert (2, 3) == (failed.line, failed.column)
    assert "DELETE /studies/0: deny (no-permission)" in failed.trace


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("{version: 1,\n tests: [{route: '/x' expect: 'deny'}]}", 2, 23, "is no JSON5"),
        ("{version: 1,\n tests: [{route: '/x', expect: 'maybe'}]}", 2, 24, "tests.0.expect"),
        ("{version: 1,\n colour: 2}", 2, 2, "colour: no such key"),
        ("{version: 2}", 1, 2, "version: "),
        ("{version: 1, tests: [\n{route: '/x', as: 'nurse', expect: 'deny'}]}", 2, 1, "no role is called 'nurse'"),
        ("{version: 1, tests: [\n{route: '/x/{y}', expect: 'deny'}]}", 2, 1, "no resource is called 'y'"),
        (
            "{version: 1, matrices: [{roles: ['doctor'], rows: [{route: '/x',\n permit: ['external']}]}]}",
            2,
            11,
            "no column",
        ),
        ("{version: 1, resources: {a: {parent: 'a'}}}", 1, 14, "the parent of 'a' must be a patient"),
        ("{version: 1, assertions: [\n 'never doctor']}", 2, 2, "is no assertion"),
        ("", 1, 1, "is no JSON5"),
        ('{version: 1, tests: [],\n "tests": []}', 2, 2, "is no JSON5: Duplicate key"),
        ("[]", 1, 1, "the file"),
    ],
)
def test_mistakes_have_a_place(text: str, line: int, column: int, words: str, policy: Policy, written) -> None:
    with pytest.raises(PolicyError) as error:
        run([read(written(text))], policy)
    assert (line, column) == (error.value.line, error.value.column)
    assert words in error.value.message


def test_coverage_names_what_is_not_touched(policy: Policy, written) -> None:
    text = """{version: 1, tests: [
        {route: "GET /studies/0", as: "doctor", expect: "permit"},
        {route: "/plugins", expect: "permit"}, {route: "/plugins", as: "doctor", expect: "permit"}]}"""
    rules, classes = coverage(policy, run([read(written(text))], policy).decisions)
    assert (2, 4) == (rules.touched, rules.all)
    assert ["DELETE", "GET"] == [words.split()[0] for words in rules.missing]
    assert 2 == classes.touched
    assert 0 < classes.percent < 100
    assert any(words.startswith("GET /system") for words in classes.missing)


def test_every_class_can_be_touched(policy: Policy, written) -> None:
    _, before = coverage(policy, [])
    decisions = [policy.decide(words.partition(" (")[0]) for words in before.missing]
    _, after = coverage(policy, decisions)
    assert (before.all, 100.0, ()) == (after.touched, after.percent, after.missing)


def test_snapshots_tell_what_changed(policy: Policy, written, tmp_path: Path) -> None:
    text = '{version: 1, snapshots: [{file: "all.json", routes: ["/system", "DELETE /studies/0", "/studies/0"]}]}'
    file = read(written(text))
    with pytest.raises(PolicyError, match="cannot be read"):
        run([file], policy)
    assert [] == list(run([file], policy, update_snapshots=True).failed)
    assert [True] == [result.passed for result in run([file], policy).results]
    kept = json.loads((tmp_path / "all.json").read_text("utf-8"))["matrix"]
    assert {"doctor": "permit", "external": "conditional", "anonymous": "deny"} == kept["/studies/0"]
    stricter = Policy.from_configuration(
        {**CONFIGURATION, "Authorization": {**CONFIGURATION["Authorization"], "UncheckedResources": []}},
        plugin="0.11.4",
        permissions=ROLES,
    )
    found = {(result.name, result.failure) for result in run([file], stricter).failed}
    assert {(f"/system as {who}", "was permit, is deny") for who in ("doctor", "external", "anonymous")} == found


def test_fixtures_are_one_tree() -> None:
    from policy.questions.cases import Resource

    fixtures = Fixtures(
        {
            "patient": Resource(level="patient", uid="P1"),
            "study": Resource(parent="patient", labels=("x",)),
            "other": Resource(id="00000000-11111111-22222222-33333333-44444444"),
        }
    )
    assert (fixtures.fill("/{patient}")[0], True) == (
        fixtures.fill("/{study.patient}")[0],
        fixtures.fill("/{study}")[1],
    )
    assert "/P1/00000000-11111111-22222222-33333333-44444444" == fixtures.fill("/{study.patient.uid}/{other}")[0]
    assert ("/a", False) == fixtures.fill("/a")


def test_the_schema_takes_what_the_reader_takes(written) -> None:
    import json5

    validator = Draft202012Validator(schema("policy-test"))
    Draft202012Validator.check_schema(schema("policy-test"))
    assert [] == list(validator.iter_errors(json5.loads(MATRIX)))
    assert [] != list(validator.iter_errors({"version": 1, "colour": 1}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orthanc.json").write_text(json.dumps(CONFIGURATION), "utf-8")
    (tmp_path / "permissions.json").write_text(json.dumps(ROLES), "utf-8")
    (tmp_path / "access.test.json5").write_text(MATRIX, "utf-8")
    return tmp_path


def test_the_command(folder: Path) -> None:
    runner = CliRunner()
    passed = runner.invoke(toolkit, ["test", str(folder)])
    assert (0, "31 passed, 0 failed\n") == (passed.exit_code, passed.output)
    low = runner.invoke(toolkit, ["test", str(folder), "--fail-under", "99"])
    assert (1, True) == (low.exit_code, "coverage of route classes" in low.output)
    wrong = folder / "wrong.json5"
    wrong.write_text('{version: 1, tests: [{route: "/x\x07<&", expect: "permit"}]}', "utf-8")
    report = runner.invoke(toolkit, ["test", str(wrong), str(folder), "--format", "junit"])
    assert 1 == report.exit_code
    suites = fromstring(report.output.encode())
    assert ("1", "1") == (suites.get("tests"), suites.get("failures"))
    failure = suites.find("testsuite/testcase/failure")
    assert failure is not None
    assert "expected permit, but the answer is deny" in str(failure.get("message"))
    plain = json.loads(runner.invoke(toolkit, ["test", str(folder), "--format", "json", "--coverage"]).output)
    assert ({"passed": 31, "failed": 0}, 4) == (plain["summary"], plain["coverage"]["rules"]["all"])
    assert 2 == runner.invoke(toolkit, ["test", str(folder / "orthanc.json")]).exit_code
    chosen = runner.invoke(toolkit, ["test", str(folder), "--filter", "as anonymous"])
    assert "8 passed, 0 failed\n" == chosen.output
