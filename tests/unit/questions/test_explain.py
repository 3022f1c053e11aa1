"""Explanations: every change that is told turns the answer when it is made."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from policy.commands.main import toolkit
from policy.configuration.loading import Given, load
from policy.engine import Effect
from policy.engine.loading import choose_server, policy_of
from policy.questions.explain import explain

SAMPLE = Path(__file__).parents[3] / "samples" / "forum-thread"
EXPECTED = json.loads((SAMPLE / "expected.json").read_text("utf-8"))["decisions"]["cases"]
STUDY = "b6589fc6-ab0dc82c-f12099d1-c2d40ab9-94e8410c"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with the one change that lets the server start, and without rights for visitors."""
    folder = tmp_path_factory.mktemp("forum") / "case"
    shutil.copytree(SAMPLE, folder)
    file = folder / "orthanc.jsonc"
    file.write_text(re.sub(r'"UncheckedLevels": \[.*?\],', "", file.read_text("utf-8"), flags=re.DOTALL), "utf-8")
    profile = folder / "anonymous-profile.json"
    text = profile.read_text("utf-8").replace('"*"', "").replace('"upload", "view", "send", "download"', "")
    profile.write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def case(folder: Path):
    deployment = load([folder], given=Given(), env={})
    server = choose_server(deployment)
    return policy_of(server, deployment.proxies), server


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["request"][:60])
def test_decisions_of_the_forum_case(expected, case) -> None:
    policy, _ = case
    token = expected["token"]
    # A key that resolves to nothing is no profile at all.
    who = tuple(token) if isinstance(token, list) else ()
    decision = policy.decide(expected["request"], who)
    if expected["permit"] is None:
        assert (decision.reason, decision.status) == ("proxy", 302)
    else:
        assert bool(decision) is expected["permit"]


@pytest.mark.parametrize(
    ("route", "token", "resource", "kind"),
    [
        ("GET /dicom-web/studies/1.2.3/series", "doctor-role", None, "rule"),
        ("PUT /modalities/x", "admin-role", None, "rule"),
        (f"DELETE /studies/{STUDY}", "doctor-role", None, "permission"),
        (f"GET /studies/{STUDY}", "external-role", {"study": ["internal"]}, "label"),
        ("https://pacs.example.org/modalities", "admin-role", None, "path"),
    ],
)
def test_a_refusal_has_a_way_out(route: str, token: str, resource, kind: str, case) -> None:
    policy, server = case
    told = explain(policy, server, route, token, resource=resource)
    assert told.decision.effect is Effect.DENY
    assert kind in {change.kind for change in told.changes}
    assert Effect.DENY not in {change.result for change in told.changes}


def test_a_permit_can_be_taken_away(case) -> None:
    policy, server = case
    told = explain(policy, server, f"GET /studies/{STUDY}", "doctor-role")
    assert [(change.kind, change.result) for change in told.changes] == [("permission", Effect.DENY)]


def test_labels_that_are_not_known_are_a_condition(case) -> None:
    policy, server = case
    told = explain(policy, server, f"GET /studies/{STUDY}", "external-role")
    assert told.decision.effect is Effect.CONDITIONAL
    assert [condition.labels for condition in told.decision.conditions] == [frozenset({"external"})]


def test_needs_name_the_viewer_that_breaks(case) -> None:
    policy, server = case
    told = explain(policy, server, "GET /dicom-web/studies/1.2.3/series", "doctor-role")
    assert {need.client for need in told.needs if need.essential} >= {"ohif", "3d-slicer"}


def test_the_command(folder: Path) -> None:
    result = CliRunner().invoke(
        toolkit, ["explain", "get", "/dicom-web/studies/1.2.3/series", "--as", "doctor-role", str(folder)]
    )
    assert result.exit_code == 0, result.output
    assert result.output.startswith("GET /dicom-web/studies/1.2.3/series: deny (no-rule)\n")
    assert '["get", "SINGLE_RESOURCE_PATTERNS", "all|view"]' in result.output


def test_the_command_in_json(folder: Path) -> None:
    words = ["explain", "https://pacs.example.org/modalities?expand", "--as", "admin-role", "--format", "json"]
    result = CliRunner().invoke(toolkit, [*words, str(folder)])
    told = json.loads(result.output)
    assert (told["effect"], told["reason"], told["status"]) == ("deny", "proxy", 302)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["explain", "/studies", "--as", "doctor"], "doctor-role"),
        (["explain", "/studies", "--as", "doctor-role", "--anonymous"], "exclude each other"),
        (["explain", "studies"], "is no route"),
    ],
)
def test_wrong_usage_is_told(words: list[str], said: str, folder: Path) -> None:
    result = CliRunner().invoke(toolkit, [*words, str(folder)])
    assert result.exit_code == 2
    assert said in result.output
