"""Whether Orthanc starts, as recorded on real servers: what stops it is an error, what starts is never said to stop."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policy.configuration.given import Given
from policy.configuration.loading import load
from policy.configuration.source import Kind
from policy.engine import Policy
from policy.errors import ServerRefuses
from policy.knowledge import plugin_options
from policy.lint.finding import Finding, Severity
from policy.lint.run import run
from policy.lint.settings import Settings
from policy.lint.views import options

RECORDED: list[dict[str, Any]] = json.loads(lzma.decompress((Path(__file__).parent / "startup.json.xz").read_bytes()))
ADDRESS = "http://auth:8000"
ABOUT_OPTIONS = ("authentication", "checked", "forum", "no-service", "option", "permissions", "startup", "unchecked")
"""How the scenarios begin that are about options; the others are about requests."""


def lint(configuration: Any, plugin: str) -> tuple[Finding, ...]:
    data = json.dumps(configuration, indent=1).replace("@AUTH@", ADDRESS).encode()
    deployment = load(["-"], stdin=data, stdin_kind=Kind.ORTHANC, given=Given.of(plugin=plugin), env={})
    return run(deployment, Settings(ignore=("RTE",))).findings


def stops(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in findings if finding.facts.get("outcome") == "no-start"]


def recorded(*, starts: bool) -> list[object]:
    return [
        pytest.param(row, id=f"{row['plugin']}-{row['name']}")
        for row in RECORDED
        if row["starts"] is starts and (not starts or row["name"].startswith(ABOUT_OPTIONS))
    ]


@pytest.mark.parametrize("row", recorded(starts=False))
def test_what_stops_the_server_is_an_error(row: dict[str, Any]) -> None:
    findings = lint(row["configuration"], row["plugin"])
    assert [finding.rule for finding in findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("row", recorded(starts=True))
def test_what_starts_is_not_said_to_stop(row: dict[str, Any]) -> None:
    assert stops(lint(row["configuration"], row["plugin"])) == []


def test_random_configurations_that_start() -> None:
    rows = [row for row in RECORDED if row["starts"] and row["name"].startswith("random")]
    assert len(rows) > 50
    wrong = [row["name"] for row in rows if stops(lint(row["configuration"], row["plugin"]))]
    assert wrong == []


def test_what_starts_open_is_said_to_be_open() -> None:
    """Each recorded server without a filter, by the name of its scenario."""
    open_ones = {
        "no-service",
        "startup-creation-only",
        "startup-decoder-only",
        "startup-invented-names",
        "startup-no-section",
        "startup-section-empty",
        "startup-section-list",
        "startup-section-null",
        "startup-section-number",
        "startup-section-string",
        "startup-url-misspelt",
    }
    said = {
        row["name"]
        for row in RECORDED
        if row["starts"]
        and row["name"].startswith(ABOUT_OPTIONS)
        and any(finding.facts.get("outcome") == "open" for finding in lint(row["configuration"], row["plugin"]))
    }
    # With the core's own authentication on, the server is open to its users alone.
    assert said - {"startup-authentication-no-url"} == open_ones


VALUES: tuple[Any, ...] = (None, True, 5, "", "study", [], ["study"], [5], {}, [["get", "^/x$", ""]])
STATES: tuple[dict[str, Any], ...] = (
    {"WebServiceRootUrl": f"{ADDRESS}/"},
    {"WebServiceUserProfileUrl": f"{ADDRESS}/user/get-profile"},
    {"WebService": f"{ADDRESS}/validate", "WebServiceUsername": "orthanc"},
    {},
)


def swapped() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each option with each value; in each state of the others where the option is not always read."""
    for option in plugin_options.options():
        sometimes = option.name.startswith("WebService") or option.name.endswith("Permissions")
        for state in STATES if sometimes else STATES[:1]:
            for value in VALUES:
                yield option.name, {**state, option.name: value}


@pytest.mark.parametrize("plugin", ["0.7.2", "0.11.4"])
def test_types_stop_the_server_as_the_engine_says(plugin: str) -> None:
    """Every wrong value of every option is an error exactly where the engine says that the server stops."""
    rules = ("option-wrong-type", "bad-level-name", "both-level-options", "bad-rule-shape", "server-refuses")
    wrong = []
    for name, section in swapped():
        configuration = {"AuthenticationEnabled": False, "Authorization": section}
        data = json.dumps(configuration).encode()
        deployment = load(["-"], stdin=data, stdin_kind=Kind.ORTHANC, given=Given.of(plugin=plugin), env={})
        try:
            Policy.from_configuration(configuration, plugin=plugin)
            refused = False
        except ServerRefuses:
            refused = True
        findings = run(deployment, Settings(select=rules)).findings
        errors = [finding.rule for finding in findings if finding.severity is Severity.ERROR]
        if (refused and not errors) or (not refused and stops(findings)):
            wrong.append((name, section, refused, errors))
    assert wrong == []


def test_views_read_the_options_as_the_engine_does() -> None:
    """The filter, the tokens in their order and the unchecked paths of each recorded server that starts."""
    wrong = []
    for row in RECORDED:
        if not row["starts"]:
            continue
        configuration = json.loads(json.dumps(row["configuration"]).replace("@AUTH@", ADDRESS))
        given = Given.of(plugin=row["plugin"])
        deployment = load(["-"], stdin=json.dumps(configuration).encode(), stdin_kind=Kind.ORTHANC, given=given, env={})
        (server,) = deployment.servers
        settings = Policy.from_configuration(configuration, plugin=row["plugin"]).settings
        seen = options.filter_of(server)
        tokens = [("header" if token.header else "argument", token.name) for token in options.token_names(server)]
        ours = (seen.on, seen.profiles, seen.shares, tokens if seen.on else [])
        theirs = (
            settings.off is None,
            settings.profiles,
            settings.shares,
            [(credential.kind, credential.name) for credential in settings.credentials] if seen.on else [],
        )
        if ours != theirs:
            wrong.append((row["plugin"], row["name"], ours, theirs))
    assert wrong == []
