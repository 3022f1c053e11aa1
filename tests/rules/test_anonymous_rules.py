"""Who is a visitor, and what a visitor may do, by version and level option."""

from __future__ import annotations

import json

import pytest

from policy.knowledge.versions import Version
from policy.lint.finding import Persona, Severity
from policy.lint.settings import Settings

COMPOSE = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
  orthanc-auth-service:
    image: orthancteam/orthanc-auth-service:{service}
    environment: {environment}
"""


def orthanc(**section: object) -> str:
    authorization = {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", **section}
    return json.dumps({"AuthenticationEnabled": False, "Authorization": authorization})


def compose(section: dict[str, object], service: str = "25.9.0", **environment: str) -> dict[str, str]:
    return {
        "docker-compose.yml": COMPOSE.format(service=service, environment=json.dumps(environment)),
        "orthanc.json": orthanc(**section),
    }


def found(result, rule: str):
    return [finding for finding in result.findings if finding.rule == rule]


STUDIES = {"CheckedLevel": "studies"}
HEADER = {"TokenHttpHeaders": ["token"]}


@pytest.mark.parametrize(
    ("plugin", "section", "expected"),
    [
        ("0.10.1", STUDIES, ("open", "anybody without a token")),
        ("0.10.1", {"UncheckedLevels": ["system"]}, ("open", "anybody without a token")),
        # The level system is checked, and the profile of the image has no label.
        ("0.10.1", {}, ("withheld", "anybody without a token")),
        ("0.10.1", {"UncheckedLevels": ["studies"]}, ("withheld", "anybody without a token")),
        # Before 0.10.0 nobody asks for the profile of a request without a token; a bad token brings it all the same.
        ("0.9.4", STUDIES, None),
        ("0.9.4", {**STUDIES, **HEADER}, ("open", "anybody with a token that is no good")),
        ("0.9.4", HEADER, ("withheld", "anybody with a token that is no good")),
        # Arguments exist on GET only.
        ("0.9.4", {**STUDIES, "TokenGetArguments": ["token"]}, None),
        # No rule names upload.
        ("0.10.1", {**STUDIES, "Permissions": [["post", "^/instances$", "all"]]}, None),
    ],
)
def test_upload_by_the_profile_of_the_image(plugin: str, section: dict[str, object], expected, lint) -> None:
    result = lint(compose(section), settings=Settings(persona=Persona.AUDITOR), plugin=plugin)
    findings = found(result, "builtin-anonymous-upload")
    assert [(finding.facts["kind"], finding.facts["who"]) for finding in findings] == ([expected] if expected else [])
    for finding in findings:
        open_ = finding.facts["kind"] == "open"
        assert finding.severity is (Severity.WARNING if open_ else Severity.INFO)
        assert finding.persona is (Persona.REGULAR if open_ else Persona.AUDITOR)


@pytest.mark.parametrize(
    ("service", "environment", "expected"),
    [
        ("25.9.0", {}, 1),
        ("25.8.0", {}, 1),
        ("25.7.0", {}, 0),
        ("25.9.0", {"ANONYMOUS_PROFILE_FILE_PATH": ""}, 0),
        ("25.9.0", {"ANONYMOUS_PROFILE_FILE_PATH": "/orthanc_auth_service/anonymous-profile.json"}, 1),
        ("25.9.0", {"ANONYMOUS_PROFILE_FILE_PATH": "/nowhere.json"}, 0),
    ],
)
def test_when_the_profile_of_the_image_counts(service: str, environment: dict[str, str], expected: int, lint) -> None:
    result = lint(compose(STUDIES, service, **environment))
    assert len(found(result, "builtin-anonymous-upload")) == expected


def test_a_bad_api_key_brings_no_profile(lint) -> None:
    """With its admin client the service answers nothing for a key that nobody has."""
    section = {**STUDIES, "TokenHttpHeaders": ["api-key"]}
    with_client = compose(section, KEYCLOAK_CLIENT_SECRET="not-a-real-secret")
    assert found(lint(with_client, plugin="0.9.4"), "builtin-anonymous-upload") == []
    assert len(found(lint(compose(section), plugin="0.9.4"), "builtin-anonymous-upload")) == 1


def profile(**keys: object) -> str:
    return json.dumps({"name": "Anonymous", "validity": 60, **keys})


def star(result):
    return [(finding.severity, finding.persona, finding.facts["who"]) for finding in found(result, "anonymous-star")]


@pytest.mark.parametrize(
    ("keys", "plugin", "section", "expected"),
    [
        (
            {"permissions": ["view"], "authorized-labels": ["*"]},
            "0.10.1",
            STUDIES,
            [(Severity.ERROR, Persona.REGULAR, "anybody without a token")],
        ),
        (
            {"permissions": ["view"], "authorized-labels": ["*"]},
            "0.9.4",
            {**STUDIES, **HEADER},
            [(Severity.ERROR, Persona.REGULAR, "anybody with a token that is no good")],
        ),
        ({"permissions": ["view"], "authorized-labels": ["*"]}, "0.9.4", STUDIES, []),
        # Labels limit studies, and the patient is not checked.
        (
            {"permissions": ["view"], "authorized-labels": ["public"]},
            "0.10.1",
            STUDIES,
            [(Severity.WARNING, Persona.REGULAR, "anybody without a token")],
        ),
        # Each level is checked: only what has the label.
        (
            {"permissions": ["view"], "authorized-labels": ["public"]},
            "0.10.1",
            {},
            [(Severity.INFO, Persona.AUDITOR, "anybody without a token")],
        ),
        (
            {"permissions": ["upload"], "authorized-labels": []},
            "0.10.1",
            STUDIES,
            [(Severity.INFO, Persona.AUDITOR, "anybody without a token")],
        ),
        ({"permissions": ["settings"], "authorized-labels": ["*"]}, "0.10.1", STUDIES, []),
        ({"permissions": [], "authorized-labels": ["*"]}, "0.10.1", STUDIES, []),
    ],
)
def test_what_visitors_reach(keys: dict[str, object], plugin: str, section: dict[str, object], expected, lint) -> None:
    files = {"orthanc.json": orthanc(**section), "anonymous-profile.json": profile(**keys)}
    result = lint(files, settings=Settings(persona=Persona.AUDITOR), plugin=plugin)
    assert star(result) == expected


def test_the_opened_routes_are_decided_one_by_one(lint) -> None:
    files = {
        "orthanc.json": orthanc(
            CheckedLevel="studies",
            Permissions=[["get", "^/studies/([a-f0-9-]+)/archive$", "all|view"], ["get", "^/changes$", "all|view"]],
        ),
        "anonymous-profile.json": profile(permissions=["view"], **{"authorized-labels": ["*"]}),
    }
    (finding,) = found(lint(files, plugin="0.11.4"), "anonymous-star")
    study = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
    assert finding.facts["opened"] == ("GET /changes", f"GET /studies/{study}/archive")
    assert finding.facts["routes"] == 2
    assert finding.witness is not None
    assert (finding.witness.method, finding.witness.path) == ("GET", f"/studies/{study}/archive")


def test_a_server_that_does_not_start_is_judged_all_the_same(lint) -> None:
    section = {
        "CheckedLevel": "studies",
        "UncheckedLevels": ["patients"],
        "ExtraPermissions": [["get", "^/(x$", "view"]],
    }
    files = {
        "orthanc.json": orthanc(**section),
        "anonymous-profile.json": profile(permissions=["view"], **{"authorized-labels": ["*"]}),
    }
    assert star(lint(files, plugin="0.11.4")) == [(Severity.ERROR, Persona.REGULAR, "anybody without a token")]


@pytest.mark.parametrize("service", ["24.5.1", "25.7.0"])
def test_old_services_read_no_profile(service: str, lint) -> None:
    text = profile(permissions=["view", "nonsense"], roles=["x"], **{"authorized-labels": ["*"]})
    result = lint({"anonymous-profile.json": text}, auth_service=Version.parse(service))
    assert [finding.rule for finding in result.findings] == ["anonymous-not-mounted"]


def test_services_of_ones_own_are_not_judged(lint) -> None:
    files = {
        "docker-compose.yml": (
            "services:\n"
            "  orthanc-auth-service:\n"
            "    image: registry.example.org/own-service:1\n"
            '    volumes: ["./permissions.json:/orthanc_auth_service/permissions.json"]\n'
        ),
        "permissions.json": '{"roles": {"x": {"permissions": ["my-own"], "labels": ["a b"]}}}',
    }
    result = lint(files, settings=Settings(persona=Persona.AUDITOR))
    assert [finding.code for finding in result.findings if finding.code.startswith(("ROL", "ANO"))] == []


@pytest.mark.parametrize(
    ("section", "conditional"),
    [
        # GET /dicom-web/studies and POST /tools/find; the search for series names no study and is refused.
        (HEADER, 2),
        # Behind the filter the profile is asked for by the name of a configured token: without one there is none.
        ({}, 0),
    ],
)
def test_searches_are_narrowed_or_refused(section: dict[str, object], conditional: int, lint) -> None:
    """The filter lets a search through; behind it only what has the label is found, or the search is refused."""
    rows = [
        ["get", "^/dicom-web/studies$", "view"],
        ["get", "^/dicom-web/series$", "view"],
        ["post", "^/tools/find$", "view"],
        ["get", "^/patients/([a-f0-9-]+)$", "view"],
    ]
    files = {
        "orthanc.json": orthanc(CheckedLevel="studies", Permissions=rows, **section),
        "anonymous-profile.json": profile(permissions=["view"], **{"authorized-labels": ["public"]}),
    }
    (finding,) = found(lint(files, plugin="0.11.4"), "anonymous-star")
    assert finding.facts["opened"] == ("GET /patients/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715",)
    assert finding.facts["conditional"] == conditional


@pytest.mark.parametrize(
    ("section", "expected"), [(HEADER, ("POST /tools/find", "GET /changes")), ({}, ("GET /changes",))]
)
def test_a_search_needs_a_profile_behind_the_filter(
    section: dict[str, object], expected: tuple[str, ...], lint
) -> None:
    rows = [["post", "^/tools/find$", "view"], ["get", "^/changes$", "view"]]
    files = {
        "orthanc.json": orthanc(CheckedLevel="studies", Permissions=rows, **section),
        "anonymous-profile.json": profile(permissions=["view"], **{"authorized-labels": ["*"]}),
    }
    (finding,) = found(lint(files, plugin="0.11.4"), "anonymous-star")
    assert set(finding.facts["opened"]) == set(expected)
