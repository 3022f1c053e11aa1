"""Rules on the rows of Permissions and ExtraPermissions."""

from __future__ import annotations

import json

import pytest

from policy.lint.finding import Persona, Severity
from policy.lint.settings import Settings

AUDITOR = Settings(persona=Persona.AUDITOR)


def orthanc(rows: list[object], name: str = "Permissions", **section: object) -> str:
    authorization = {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        name: rows,
        **section,
    }
    return json.dumps({"AuthenticationEnabled": False, "Authorization": authorization})


def roles(**permissions: list[str]) -> str:
    return json.dumps(
        {"roles": {name: {"permissions": held, "authorized-labels": ["*"]} for name, held in permissions.items()}}
    )


def found(result, rule: str):
    return [finding for finding in result.findings if finding.rule == rule]


# -- bad-rule-shape --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["head", "^/x$", "view"], "method"),
        (["", "^/x$", "view"], "method"),
        (["ſet", "^/x$", "view"], "method"),
        (["get", "^/x$"], "shape"),
        ([], "shape"),
        ("get ^/x$ view", "shape"),
        ({"get": "^/x$"}, "shape"),
        (["get", "^/x$", ["view"]], "cell"),
        (["get", {"a": 1}, "view"], "cell"),
        (["get", "^/x**$", "view"], "pattern"),
        (["get", "^/(?P<n>x)$", "view"], "pattern"),
    ],
)
def test_rows_that_stop_the_server(row: object, kind: str, lint) -> None:
    result = lint({"orthanc.json": orthanc([["get", "^/a$", "view"], row])}, plugin="0.11.4")
    assert [finding.facts["kind"] for finding in found(result, "bad-rule-shape")] == [kind]


@pytest.mark.parametrize(
    "row",
    [
        ["GET", "^/x$", "view"],
        ["get", "^/x$", None],
        ["get", 5, "view"],
        ["get", "^/x$", True],
        ["get", "^/{id}$", "view", {"a": "comment"}],
        ["get", "SINGLE_RESOURCE_PATTERNS", "view"],
    ],
)
def test_rows_with_which_the_server_starts(row: object, lint) -> None:
    result = lint({"orthanc.json": orthanc([row])}, plugin="0.11.4")
    assert found(result, "bad-rule-shape") == []


@pytest.mark.parametrize(
    ("written", "character"),
    [
        ('"^/(x$"', "$"),
        ('"^/a**$"', "*"),
        (r'"^/\\d+\u002f**$"', "*"),
        ('"^/über/𝔘/a**b$"', "*"),
    ],
)
def test_the_place_in_the_pattern(written: str, character: str, lint) -> None:
    text = orthanc([["get", "HERE", "view"]]).replace('"HERE"', written)
    (finding,) = found(lint({"orthanc.json": text}, plugin="0.11.4"), "bad-rule-shape")
    span = finding.location.span
    pattern = json.loads(written)
    position = finding.facts["position"]
    at = text[span.start : span.end]
    assert at == (pattern[position] if position < len(pattern) else '"')
    start = text.index(written)
    assert start < span.start < start + len(written)
    if position < len(pattern):
        assert text[: span.start].count(character) == text[:start].count(character) + pattern[:position].count(
            character
        )


# -- spaces-in-permissions, empty-permission -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "severity", "meant"),
    [
        ("all | view", Severity.ERROR, "all|view"),
        ("all,view", Severity.ERROR, "all|view"),
        ("all; view", Severity.ERROR, "all|view"),
        (" view", Severity.ERROR, "view"),
        ("view\t", Severity.ERROR, "view"),
        ("all| view", Severity.WARNING, "all|view"),
    ],
)
def test_blanks_and_commas(asked: str, severity: Severity, meant: str, lint) -> None:
    result = lint({"orthanc.json": orthanc([["get", "^/x$", asked]])}, plugin="0.11.4")
    (finding,) = found(result, "spaces-in-permissions")
    assert (finding.severity, finding.facts["meant"]) == (severity, meant)
    assert found(result, "permission-not-grantable") == []


@pytest.mark.parametrize(
    ("plugin", "pattern", "asked", "kind"),
    [
        # Up to 0.9.4 visitors pass without a look at labels; later ones have the profile, which has no label here.
        ("0.9.4", "^/studies/(.*)$", "", "patients"),
        ("0.9.4", "^/studies/(.*)$", None, "patients"),
        ("0.11.4", "^/studies/(.*)$", "", "labels"),
        # The patient is no checked level.
        ("0.11.4", "^/patients/(.*)$", "", "patients"),
        ("0.11.4", "^/my-plugin$", "", "other"),
        ("0.11.4", "^/studies/(.*)$", "|", "closed"),
        ("0.11.4", "^/studies/(.*)$", "||", "closed"),
    ],
)
def test_empty_permissions(plugin: str, pattern: str, asked: str | None, kind: str, lint) -> None:
    result = lint({"orthanc.json": orthanc([["get", pattern, asked]])}, settings=AUDITOR, plugin=plugin)
    (finding,) = found(result, "empty-permission")
    assert finding.facts["kind"] == kind
    expected = {
        "patients": Severity.ERROR,
        "labels": Severity.WARNING,
        "other": Severity.INFO,
        "closed": Severity.WARNING,
    }
    assert finding.severity is expected[kind]
    assert (finding.witness is not None) == (kind == "patients")


@pytest.mark.parametrize("version", ["0.7.2", "0.9.4", "0.11.4"])
def test_open_rules_of_the_built_in_list_are_meant(version: str, lint) -> None:
    from policy.knowledge import plugin

    rows = [[rule.method, rule.pattern, rule.permissions] for rule in plugin.release(version).default_rules]
    assert any(not row[2] for row in rows)
    result = lint({"orthanc.json": orthanc(rows)}, settings=AUDITOR, plugin=version)
    assert found(result, "empty-permission") == []
    assert found(result, "permission-not-grantable") == []
    assert found(result, "spaces-in-permissions") == []


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "service", "expected"),
    [
        ("my-plugin", "26.4.1", ("my-plugin", Severity.WARNING, True)),
        ("View", "26.4.1", ("View", Severity.WARNING, True)),
        # The others still open the route: tidiness.
        ("all|my-plugin", "26.4.1", ("my-plugin", Severity.INFO, False)),
        # A slip is none.
        ("all|uplod", "26.4.1", ("uplod", Severity.WARNING, False)),
        ("worklists", "25.9.0", ("worklists", Severity.WARNING, True)),
        ("worklists", "25.12.0", None),
        ("all|view", "26.4.1", None),
    ],
)
def test_names_that_no_role_can_hold(asked: str, service: str, expected, lint) -> None:
    files = {"orthanc.json": orthanc([["get", "^/x$", asked]]), "permissions.json": roles(a=["view"])}
    result = lint(files, settings=AUDITOR, plugin="0.11.4", auth_service=service)
    findings = found(result, "permission-not-grantable")
    said = [(one.facts["subject"], one.severity, one.facts["refuses"]) for one in findings]
    assert said == ([expected] if expected else [])


def test_names_for_a_service_that_is_not_known(lint) -> None:
    text = orthanc([["get", "^/x$", "my-plugin"]], WebServiceRootUrl="http://own-service/")
    assert found(lint({"orthanc.json": text}, settings=AUDITOR), "permission-not-grantable") == []


def test_names_that_no_role_holds_are_told_once(lint) -> None:
    rows = [["get", "^/a$", "settings"], ["get", "^/b$", "settings"], ["get", "^/c$", "all|view"]]
    files = {"orthanc.json": orthanc(rows), "permissions.json": roles(a=["view"])}
    (finding,) = found(lint(files, settings=AUDITOR), "permission-unheld")
    assert (finding.facts["subject"], finding.facts["rules"]) == ("settings", 2)


def test_names_that_a_list_has_lost(lint) -> None:
    rows = [["get", "^/studies/(.*)$", "all|view"]]
    files = {"orthanc.json": orthanc(rows), "permissions.json": roles(a=["view", "upload"], b=["upload", "api-view"])}
    findings = found(lint(files, plugin="0.11.4"), "permission-unasked")
    assert [(one.facts["subject"], one.facts["holders"]) for one in findings] == [("upload", 2)]
    assert findings[0].facts["lost"] > 0


def test_names_of_the_built_in_list_are_asked_for(lint) -> None:
    held = ["all", "view", "upload", "settings", "admin-permissions", "worklists", "audit-logs", "share"]
    files = {"orthanc.json": orthanc([], "ExtraPermissions"), "permissions.json": roles(a=held)}
    assert found(lint(files, settings=AUDITOR, plugin="0.11.4"), "permission-unasked") == []


# -- all-is-not-all, duplicate-rule ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "plugin", "service", "expected"),
    [
        ({"admin": ["all"]}, "0.11.4", "26.4.1", ["admin"]),
        ({"admin": ["all"], "root": ["admin-permissions"]}, "0.11.4", "26.4.1", ["admin"]),
        ({"boss": ["all"], "root": ["admin-permissions"]}, "0.11.4", "26.4.1", []),
        ({"boss": ["all"], "other": ["view"]}, "0.11.4", "26.4.1", ["boss"]),
        ({"admin": ["all", "admin-permissions"]}, "0.11.4", "26.4.1", []),
        ({"admin": ["view"]}, "0.11.4", "26.4.1", []),
        # No rule asks for it alone; or the service does not know it.
        ({"admin": ["all"]}, "0.7.2", "26.4.1", []),
        ({"admin": ["all"]}, "0.11.4", "24.5.1", []),
    ],
)
def test_all_is_not_all(held: dict[str, list[str]], plugin: str, service: str, expected: list[str], lint) -> None:
    files = {"orthanc.json": orthanc([], "ExtraPermissions"), "permissions.json": roles(**held)}
    findings = found(lint(files, plugin=plugin, auth_service=service), "all-is-not-all")
    assert [one.facts["subject"] for one in findings] == expected
    for one in findings:
        assert one.witness is not None
        assert one.witness.answer == "deny"
        assert one.facts["routes"] > 0


@pytest.mark.parametrize(
    ("rows", "name", "expected"),
    [
        ([["get", "^/a$", "view"], ["get", "^/a$", "view"]], "Permissions", [("GET ^/a$", True)]),
        ([["get", "^/a$", "view"], ["GET", "^/a$", "all"]], "Permissions", [("GET ^/a$", False)]),
        ([["get", "^/a$", "view"], ["put", "^/a$", "view"]], "Permissions", []),
        # The built-in list has this rule for all and view.
        ([["get", "^/statistics$", "settings"]], "ExtraPermissions", [("GET ^/statistics$", False)]),
        ([["get", "SINGLE_RESOURCE_PATTERNS", "view"]], "ExtraPermissions", [("GET SINGLE_RESOURCE_PATTERNS", False)]),
        ([["get", "^/my-own$", "settings"]], "ExtraPermissions", []),
    ],
)
def test_rules_that_stand_there_twice(rows: list[object], name: str, expected, lint) -> None:
    result = lint({"orthanc.json": orthanc(rows, name)}, settings=AUDITOR, plugin="0.11.4")
    findings = found(result, "duplicate-rule")
    assert [(one.facts["subject"], one.facts["same"]) for one in findings] == expected


def test_extra_permissions_of_an_old_plugin_are_not_looked_at(lint) -> None:
    text = orthanc([["patch", "^/x$", "a b"]], "ExtraPermissions")
    result = lint({"orthanc.json": text}, settings=AUDITOR, plugin="0.9.4")
    assert [finding.code for finding in result.findings if finding.code.startswith("RUL")] == []
