"""The forum case from ``policy-lint --fix`` to a clean run: what is mended, and what a person has to decide."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import policy
from policy.commands.main import toolkit
from policy.lint.rule import registry

Lint = Callable[..., Result]

SAFE = {"labels-key-spelling": 1, "permissions-trailing-comma": 1, "verbose-startup": 1}
"""The findings that ``--fix`` mends, by rule."""

UNSAFE = {
    "auth-service-through-nginx": 1,
    "both-level-options": 1,
    "keycloak-uri-no-slash": 1,
    "old-permissions-copy": 1,
    "stone-section-does-not-enable": 1,
}
"""Those that ``--unsafe-fixes`` mends beside them."""

WITH_THE_OLD_LIST = {
    "client-uncovered": 1,
    "dicomweb-uncovered": 1,
    "permission-unasked": 1,
    "qido-200-proves-nothing": 1,
    "stow-with-get": 1,
}
"""Those that go when the old copy of the built-in list goes."""

TO_DECIDE = {
    "anonymous-star": "what visitors are to see is not known",
    "compose-secret-names": "whether the name or the definition is wrong is not known",
    "keycloak-uri-no-slash": "unsafe",
    "patient-level-bypass": "patients must be labelled too, or rules written",
}
"""Those that remain, and why no fix is offered.

A missing slash has a fix; KEYCLOAK_ADMIN_URI names another realm besides, and which one is meant is not known.
"""

STUDY = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
ROLES = ("admin-role", "doctor-role", "upload", "external-role")
ARCHIVE = f"GET /studies/{STUDY}/archive"
WHOLE_PATIENT = f"GET /patients/{STUDY}/archive"
SERIES = "GET /dicom-web/studies/1.2.840.113619.2.1/series"
AFTER = {
    "GET /statistics": {"admin-role", "doctor-role", "external-role"},
    "POST /instances": {"admin-role", "upload"},
    "PUT /auth/settings/roles": {"admin-role"},
    "POST /dicom-web/servers/remote/stow": {"admin-role", "doctor-role"},
    f"DELETE /studies/{STUDY}": {"admin-role"},
    WHOLE_PATIENT: {"admin-role", "doctor-role"},
}
"""Who may call a route in the end, whatever the labels of the study."""


def findings(lint: Lint, *arguments: str, code: int = 1) -> list[dict[str, object]]:
    result = lint(".", "--format", "json", *arguments)
    assert code == result.exit_code, result.output
    return json.loads(result.stdout)["findings"]


def by_rule(found: list[dict[str, object]]) -> dict[str, int]:
    return dict(Counter(str(finding["rule"]) for finding in found))


def decide(file: Path, old: str, new: str) -> None:
    """A person's edit: ``old`` stands there once."""
    text = file.read_text("utf-8")
    assert 1 == text.count(old)
    file.write_text(text.replace(old, new), "utf-8")


def permitted(who: policy.Policy, route: str, **resource: object) -> set[str]:
    """The roles, and ``nobody`` for a request without a token, that pass."""
    decisions = {"nobody": who.decide(route, **resource)}
    decisions |= {role: who.decide(route, [role], **resource) for role in ROLES}
    assert not any(decision.effect is policy.Effect.CONDITIONAL for decision in decisions.values())
    return {name for name, decision in decisions.items() if decision}


@pytest.fixture
def fixed(lint: Lint, forum: Path) -> Path:
    """The folder after all fixes, safe and unsafe."""
    assert 1 == lint("--fix", "--unsafe-fixes", ".").exit_code
    return forum


@pytest.fixture
def decided(fixed: Path) -> Path:
    """The folder after the decisions of a person, each as the help of its finding has it."""
    profile, compose = fixed / "anonymous-profile.json", fixed / "docker-compose.yml"
    decide(profile, '[\n        "*"\n    ]', "[]")
    decide(profile, '"upload", "view", "send", "download"', "")
    decide(compose, "/keycloak/realms/master", "/keycloak/admin/realms/orthanc/")
    decide(compose, "  KEYCLOAK_ADMIN_PASSWORD:\n", "  KC_BOOTSTRAP_ADMIN_PASSWORD:\n")
    result = CliRunner().invoke(toolkit, ["suggest", "close", "patient-level-bypass", ".", "--format", "json"])
    assert 0 == result.exit_code, result.output
    first = json.loads(result.stdout)["suggestions"][0]
    assert (True, True) == (first["nothing_else"], first["proved"])
    subprocess.run(["git", "apply", "-"], input=first["patch"].encode(), cwd=fixed, check=True, capture_output=True)
    return fixed


def test_at_first(lint: Lint, forum: Path) -> None:
    expected = Counter(SAFE) + Counter(UNSAFE) + Counter(WITH_THE_OLD_LIST) + Counter(dict.fromkeys(TO_DECIDE, 1))
    assert dict(expected) == by_rule(findings(lint))
    with pytest.raises(policy.ServerRefuses, match="CheckedLevel"):
        policy.load(forum)


def test_safe_fixes(lint: Lint, forum: Path) -> None:
    result = lint("--fix", ".")
    assert (
        "Fixed 3 findings: docker-compose.yml (1), permissions.json (2).\n"
        "14 findings remain: 6 of them can be fixed by --unsafe-fixes, which needs eyes, 8 need a decision of yours.\n"
    ) == result.stderr
    assert not set(SAFE) & set(by_rule(findings(lint)))


def test_unsafe_fixes(lint: Lint, forum: Path) -> None:
    lint("--fix", ".")
    result = lint("--fix", "--unsafe-fixes", ".")
    told = [line.rpartition("[")[2].rstrip("]") for line in result.stderr.splitlines() if line.startswith("  ")]
    assert sorted(UNSAFE) == sorted(told)
    assert result.stderr.endswith("\n4 findings remain and need a decision of yours.\n")


def test_what_a_person_has_to_decide(lint: Lint, fixed: Path) -> None:
    remaining = findings(lint)
    assert dict.fromkeys(TO_DECIDE, 1) == by_rule(remaining)
    assert TO_DECIDE == {str(finding["rule"]): registry()[str(finding["rule"])].fixable for finding in remaining}
    assert [None] * 4 == [finding["fix"] for finding in remaining]
    assert all(finding["help"] for finding in remaining)
    admin = next(finding for finding in remaining if finding["rule"] == "keycloak-uri-no-slash")
    assert "KEYCLOAK_ADMIN_URI" == admin["facts"]["subject"]  # type: ignore[index]


def test_after_the_fixes_alone_the_server_starts_and_is_open(fixed: Path) -> None:
    mended = policy.load(fixed)
    assert {"nobody", *ROLES} - {"upload"} == permitted(mended, WHOLE_PATIENT)
    assert {"nobody", "admin-role", "doctor-role"} == permitted(mended, ARCHIVE, resource={"study": ["internal"]})


def test_clean_after_the_decisions(lint: Lint, decided: Path) -> None:
    assert [] == findings(lint, code=0)
    assert "Nothing found in 4 files.\n" in lint(".").output
    assert 1 == lint(".", "--persona", "auditor").exit_code


def test_who_may_what_in_the_end(decided: Path) -> None:
    who = policy.load(decided)
    assert AFTER == {route: permitted(who, route, resource={"study": ["internal"]}) for route in AFTER}
    for route in (ARCHIVE, SERIES):
        assert {"admin-role", "doctor-role"} == permitted(who, route, resource={"study": ["internal"]})
        labelled = permitted(who, route, resource={"study": ["external"]})
        assert {"admin-role", "doctor-role", "external-role"} == labelled
