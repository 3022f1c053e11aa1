"""Rules on permissions.json, by version of the auth service, beside what the service itself makes of the files."""

from __future__ import annotations

import json
from itertools import product

import pytest

from policy.auth_service import FileRefused, Roles
from policy.configuration.given import Given
from policy.configuration.loading import load
from policy.configuration.source import Kind
from policy.knowledge import service as tags
from policy.lint.finding import Persona, Severity
from policy.lint.run import run
from policy.lint.settings import Settings

AUDITOR = Settings(persona=Persona.AUDITOR)
VERSIONS = ("23.6.1", "24.5.1", "24.6.0", "25.9.0", "26.4.1")


def found(result, rule: str):
    return [finding for finding in result.findings if finding.rule == rule]


def roles(version: str = "26.4.1", **entries: object) -> dict[str, str]:
    return {"permissions.json": json.dumps({"roles": entries})}


# -- does it start: the rules against the service --------------------------------------------------------------------

LABELS: tuple[object, ...] = (..., ["*"], [], ["a", 5], "a", None)
PERMISSIONS: tuple[object, ...] = (..., ["view"], [], ["nonsense"], ["worklists"], "view", {"view": 1}, 5)


def entries() -> list[object]:
    found: list[object] = [["view"], ["nonsense"], [], "view", 5, None, {}]
    for key, labels, permissions in product(("authorized-labels", "authorized_labels"), LABELS, PERMISSIONS):
        role = {name: value for name, value in ((key, labels), ("permissions", permissions)) if value is not ...}
        if role not in found:
            found.append(role)
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_an_error_where_the_service_does_not_start_and_only_there(version: str, lint) -> None:
    wrong = []
    for entry in entries():
        text = json.dumps({"roles": {"a": entry}})
        try:
            read = Roles.from_bytes(text, auth_service=version)
            refused, fails = False, bool(read["a"].fails)
        except FileRefused:
            refused, fails = True, False
        findings = lint({"permissions.json": text}, auth_service=version).findings
        worst = max((finding.severity for finding in findings), default=Severity.INFO)
        if refused != (worst is Severity.ERROR) and not (fails and worst is Severity.ERROR):
            wrong.append((entry, refused, [(finding.rule, str(finding.severity)) for finding in findings]))
        if fails and worst < Severity.WARNING:
            wrong.append((entry, "fails", []))
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        "5",
        '"x"',
        '{"roles": []}',
        '{"roles": null}',
        '{"Roles": {}}',
        '{"roles": {}, "available-labels": 5}',
    ],
)
@pytest.mark.parametrize("version", ["24.5.1", "26.4.1"])
def test_other_shapes(text: str, version: str, lint) -> None:
    try:
        Roles.from_bytes(text, auth_service=version)
        refused = False
    except FileRefused:
        refused = True
    given = Given.of(auth_service=version)
    deployment = load(["-"], stdin=text.encode(), stdin_kind=Kind.PERMISSIONS, given=given, env={})
    errors = [finding.rule for finding in run(deployment).findings if finding.severity is Severity.ERROR]
    assert bool(errors) == refused
    assert len(errors) <= 1


@pytest.mark.parametrize("tag", tags.tags(), ids=lambda tag: str(tag.version))
def test_each_name_of_each_tag(tag, lint) -> None:
    """Every name that any version knows is reported exactly where this one does not know it."""
    if tag.version < tags.FIRST_WITH_PROFILES:
        return
    every = tags.newest().permissions
    role: object = {"permissions": list(every), "authorized_labels": ["*"]}
    if str(tag.version) < "23.9.0":
        role = list(every)
    findings = found(lint(roles(a=role), auth_service=str(tag.version)), "unknown-permission")
    assert {finding.facts["subject"] for finding in findings} == set(every) - set(tag.permissions)


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("authorised-labels", "authorized-labels"),
        ("authorised_labels", "authorized_labels"),
        ("authorized-label", "authorized-labels"),
        ("authorizedLabels", "authorized-labels"),
        ("Authorized-Labels", "authorized-labels"),
        ("autorized-lables", "authorized-labels"),
        ("labels", "authorized-labels"),
        ("permission", "permissions"),
        ("Permissions", "permissions"),
        ("permisions", "permissions"),
        ("permissions ", "permissions"),
    ],
)
def test_misspelt_keys(key: str, meant: str, lint) -> None:
    other = "permissions" if "label" in meant else "authorized-labels"
    value = {"permissions": ["view"], "authorized-labels": ["*"]}
    entry = {other: value[other], key: value[meant.replace("_", "-")]}
    (finding,) = lint(roles(a=entry)).findings
    assert (finding.rule, finding.severity, finding.facts["meant"]) == ("role-key-misspelt", Severity.ERROR, meant)


@pytest.mark.parametrize(
    ("key", "kind", "persona"),
    [
        ("forbidden-labels", "denies", Persona.REGULAR),
        ("denied_permissions", "denies", Persona.REGULAR),
        ("unauthorized-labels", "denies", Persona.REGULAR),
        ("inherits", "inherits", Persona.REGULAR),
        ("roles", "inherits", Persona.REGULAR),
        ("validity", "profile", Persona.PEDANTIC),
        ("groups", "profile", Persona.PEDANTIC),
        ("colour", "other", Persona.PEDANTIC),
        ("description", None, None),
        ("_comment", None, None),
        ("//", None, None),
    ],
)
def test_keys_that_nothing_reads(key: str, kind: str | None, persona: Persona | None, lint) -> None:
    entry = {"permissions": ["view"], "authorized-labels": ["*"], key: ["x"]}
    findings = [one for one in lint(roles(a=entry), settings=AUDITOR).findings if one.rule.startswith("role-key")]
    assert [(one.facts["kind"], one.persona) for one in findings] == ([(kind, persona)] if kind else [])


@pytest.mark.parametrize("version", ["24.5.1", "24.6.0", "26.4.1"])
def test_both_spellings_say_which_counts(version: str, lint) -> None:
    entry = {"permissions": ["view"], "authorized_labels": ["under"], "authorized-labels": ["hyphen"]}
    files = roles(a=entry)
    (finding,) = found(lint(files, auth_service=version), "labels-key-spelling")
    counts = Roles.from_bytes(files["permissions.json"], auth_service=version)["a"].labels
    assert entry[finding.facts["counts"]] == list(counts)


# -- labels and permissions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"permissions": ["view"]}, ["no-labels"]),
        ({"permissions": ["view"], "authorized-labels": []}, ["no-labels"]),
        ({"permissions": ["upload"], "authorized-labels": []}, []),
        ({"permissions": ["view"], "authorized-labels": ["x"]}, []),
        ({"permissions": ["view"], "labels": ["x"]}, []),
    ],
)
def test_roles_that_see_no_study(entry: dict[str, object], expected: list[str], lint) -> None:
    findings = found(lint(roles(a=entry), settings=AUDITOR), "empty-profile-find")
    assert [finding.facts["kind"] for finding in findings] == expected


def test_roles_that_are_given_together(lint) -> None:
    """One sort gives permissions, the other labels: the service unites them, and nothing has to be mended."""
    files = roles(viewer={"permissions": ["view"]}, ward={"authorized-labels": ["ward-1"]})
    assert lint(files).findings == ()
    assert len(found(lint(files, settings=AUDITOR), "empty-profile-find")) == 1


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("", "label-unknown"),
        ("a b", "label-unknown"),
        ("external,internal", "label-unknown"),
        ("${LABEL}", "label-unknown"),
        ("é", "label-unknown"),
        ("x" * 65, "label-unknown"),
        ("x" * 64, None),
        ("Ward_7-B", None),
        (" *", "star-beside-others"),
        ("**", "star-beside-others"),
        ("ext*", "star-beside-others"),
        ("*", None),
    ],
)
def test_labels_that_no_study_has(label: str, rule: str | None, lint) -> None:
    findings = lint(roles(a={"permissions": ["view"], "authorized-labels": [label]})).findings
    assert [finding.rule for finding in findings] == ([rule] if rule else [])


def test_labels_of_the_profile_are_looked_at(lint) -> None:
    text = json.dumps({"name": "A", "validity": 60, "permissions": ["view"], "authorized-labels": ["a b", " *"]})
    result = lint({"anonymous-profile.json": text})
    assert [finding.rule for finding in result.findings] == ["label-unknown", "star-beside-others"]


# -- unions ----------------------------------------------------------------------------------------------------------

ADMIN = {"permissions": ["all"], "authorized-labels": ["*"]}
VIEW_ALL = {"permissions": ["view"], "authorized-labels": ["*"]}
DELETE_TRIAL = {"permissions": ["view", "delete"], "authorized-labels": ["trial"]}
VIEW_WARD = {"permissions": ["view"], "authorized-labels": ["ward"]}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (VIEW_ALL, DELETE_TRIAL, [("b", ("delete",), ("*",))]),
        (VIEW_WARD, DELETE_TRIAL, [("b", ("delete",), ("ward",))]),
        # What the other may do everywhere anyway is no gain.
        (ADMIN, DELETE_TRIAL, []),
        (VIEW_ALL, VIEW_WARD, []),
        (VIEW_ALL, VIEW_ALL, []),
        # Uploading concerns no study that is there.
        (VIEW_ALL, {"permissions": ["upload"], "authorized-labels": ["trial"]}, []),
        # Permissions without labels gain all labels of the other.
        (VIEW_WARD, {"permissions": ["delete"], "authorized-labels": []}, [("b", ("delete",), ("ward",))]),
    ],
)
def test_unions(first: object, second: object, expected: list[object], lint) -> None:
    result = lint(roles(a=first, b=second), settings=AUDITOR)
    findings = found(result, "role-union")
    assert [(one.facts["subject"], one.facts["permissions"], one.facts["labels"]) for one in findings] == expected
    together = Roles.from_bytes(roles(a=first, b=second)["permissions.json"]).profile(["a", "b"])
    for one in findings:
        assert set(one.facts["permissions"]) <= set(together.permissions)
        assert set(one.facts["labels"]) <= set(together.labels)


def test_unions_of_users_that_are_known(lint) -> None:
    realm = {
        "realm": "orthanc",
        "clients": [],
        "roles": {"realm": [{"name": "a"}, {"name": "b"}]},
        "users": [{"username": "house", "realmRoles": ["a", "b"]}, {"username": "wilson", "realmRoles": ["a"]}],
    }
    files = {**roles(a=VIEW_ALL, b=DELETE_TRIAL), "realm.json": json.dumps(realm)}
    (finding,) = found(lint(files), "role-union")
    assert finding.persona is Persona.REGULAR
    assert "house" in finding.message


@pytest.mark.parametrize("version", ["23.6.1", "24.5.1"])
def test_no_union_with_an_old_service(version: str, lint) -> None:
    files = roles(
        a={"permissions": ["view"], "authorized_labels": ["*"]},
        b={"permissions": ["delete"], "authorized_labels": ["x"]},
    )
    assert found(lint(files, settings=AUDITOR, auth_service=version), "role-union") == []


# -- names -----------------------------------------------------------------------------------------------------------


def realm(*names: str, client: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> str:
    return json.dumps(
        {
            "realm": "orthanc",
            "clients": [{"clientId": "orthanc"}],
            "roles": {
                "realm": [{"name": name} for name in (*names, "offline_access", "default-roles-orthanc")],
                "client": {"orthanc": [{"name": name} for name in client]},
            },
            "groups": [{"name": name} for name in groups],
        }
    )


@pytest.mark.parametrize(
    ("name", "export", "near"),
    [
        ("doctor", realm("doctor-role"), ("doctor-role",)),
        ("Doctor-Role", realm("doctor-role"), ("doctor-role",)),
        ("scientic-officer", realm("scientific-officer"), ("scientific-officer",)),
        ("doctor", realm("other", client=("doctor",)), ()),
        ("doctor", realm("other", groups=("doctor",)), ()),
        ("doctor", realm("doctor"), None),
    ],
)
def test_names_beside_the_realm(name: str, export: str, near: tuple[str, ...] | None, lint) -> None:
    files = {**roles(**{name: VIEW_ALL}), "realm.json": export}
    findings = found(lint(files), "role-name-mismatch")
    assert [one.facts["near"] for one in findings] == ([near] if near is not None else [])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["doctor-role", "Doctor_Role"], [("Doctor_Role", "alike")]),
        (["a-role", "b-role", "upload"], [("upload", "pattern")]),
        (["a-role", "upload"], [("upload", "permission")]),
        (["a-role", "guest"], []),
        (["doctor"], [("doctor", "shipped")]),
        (["ward-1", "ward-2"], []),
        (["", "b"], [("", "empty")]),
        ([" b"], [(" b", "blank")]),
    ],
)
def test_names_alone(names: list[str], expected: list[tuple[str, str]], lint) -> None:
    files = roles(**dict.fromkeys(names, VIEW_ALL))
    findings = found(lint(files, settings=AUDITOR), "role-name-mismatch")
    assert [(one.facts["subject"], one.facts["kind"]) for one in findings] == expected


# -- the editor of roles ---------------------------------------------------------------------------------------------

COMPOSE = """\
services:
  orthanc-auth-service:
    image: orthancteam/orthanc-auth-service:{version}
    volumes: ["./permissions.json:/orthanc_auth_service/permissions.json{mode}"]
    environment: {environment}
"""
SECRET = {"KEYCLOAK_CLIENT_SECRET": "not-a-real-secret"}
EDITOR = '{"roles": {"admin-role": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]}}}'


@pytest.mark.parametrize(
    ("version", "mode", "environment", "text", "expected"),
    [
        ("25.9.0", ":ro", SECRET, EDITOR, "/orthanc_auth_service/permissions.json"),
        ("25.9.0", "", SECRET, EDITOR, None),
        ("25.9.0", "", SECRET, f"// mine\n{EDITOR}", "comments"),
        ("25.9.0", ":ro", {}, EDITOR, None),
        ("25.9.0", ":ro", SECRET, EDITOR.replace(', "admin-permissions"', ""), None),
        ("24.6.1", ":ro", SECRET, EDITOR, None),
        (
            "24.6.1",
            ":ro",
            {**SECRET, "ENABLE_KEYCLOAK_API_KEYS": "true"},
            EDITOR,
            "/orthanc_auth_service/permissions.json",
        ),
    ],
)
def test_the_editor_of_roles(
    version: str, mode: str, environment: dict[str, str], text: str, expected: str | None, lint
) -> None:
    compose = COMPOSE.format(version=version, mode=mode, environment=json.dumps(environment))
    findings = found(
        lint({"docker-compose.yml": compose, "permissions.json": text}, settings=AUDITOR), "roles-file-readonly"
    )
    assert [one.facts["subject"] for one in findings] == ([expected] if expected else [])
