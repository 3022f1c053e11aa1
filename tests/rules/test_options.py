"""Options of the plugin: one mistake is told by one rule, in whatever way the option arrives, and only where it counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from policy.lint.finding import Confidence, Persona, Severity
from policy.lint.settings import Settings

GOOD: dict[str, Any] = {
    "AuthenticationEnabled": False,
    "Authorization": {
        "WebServiceRootUrl": "http://own-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
    },
}
MISSING = object()


def changed(section: Mapping[str, Any] | None = None, **top: Any) -> str:
    """The good configuration with options put in, or taken out where the value is MISSING."""
    configuration = {**GOOD, **top}
    options = {**GOOD["Authorization"], **(section or {})}
    configuration["Authorization"] = {key: value for key, value in options.items() if value is not MISSING}
    return json.dumps({key: value for key, value in configuration.items() if value is not MISSING}, indent=1)


def test_the_good_configuration_is_good(lint) -> None:
    assert lint({"orthanc.json": changed()}).findings == ()


ONE_RULE: dict[str, tuple[str, str]] = {
    "level-list": (changed({"CheckedLevel": ["studies"]}), "option-wrong-type"),
    "level-name": (changed({"CheckedLevel": "exams"}), "bad-level-name"),
    "level-system": (changed({"CheckedLevel": "system"}), "bad-level-name"),
    "both-levels": (changed({"UncheckedLevels": ["patients"]}), "both-level-options"),
    "no-level": (changed({"CheckedLevel": MISSING}), "no-level-option"),
    "system-checked": (changed({"CheckedLevel": MISSING, "UncheckedLevels": ["patients"]}), "no-level-option"),
    "folders-text": (changed({"UncheckedFolders": "/app/"}), "option-wrong-type"),
    "folders-all": (changed({"UncheckedFolders": ["/"]}), "unchecked-get-only"),
    "folders-empty": (changed({"UncheckedFolders": [""]}), "unchecked-get-only"),
    "folders-relative": (changed({"UncheckedFolders": ["ui/app/"]}), "unchecked-relative-path"),
    "folders-data": (changed({"UncheckedFolders": ["/dicom-web/studies"]}), "dicomweb-studies-unchecked"),
    "folders-prefix": (changed({"UncheckedFolders": ["/plugins"]}), "folder-as-prefix"),
    "folders-post": (changed({"UncheckedFolders": ["/tools/bulk-"]}), "unchecked-get-only"),
    "resource-data": (changed({"UncheckedResources": ["/studies/"]}), "dicomweb-studies-unchecked"),
    "resource-folder": (changed({"UncheckedResources": ["/ui/app/"]}), "resource-as-folder"),
    "resource-query": (changed({"UncheckedResources": ["/modalities?expand"]}), "resource-as-folder"),
    "standard": (changed({"StandardConfigurations": ["OHIF"]}), "standard-unknown"),
    "standard-null": (changed({"StandardConfigurations": None}), "option-wrong-type"),
    "case": (changed({"uncheckedFolders": ["/app/"]}), "invented-option-names"),
    "other-section": (changed({"RegisteredUsers": {}}), "invented-option-names"),
    "outside": (changed(UncheckedFolders=["/app/"]), "invented-option-names"),
    "misspelt-core": (changed(AuthentificationEnabled=True), "invented-option-names"),
    "shadowed": (changed({"WebServiceUserProfileUrl": "http://x/"}), "root-url-shadows"),
    "old-beside": (changed({"WebService": "http://x/"}), "root-url-incomplete-service"),
    "empty-root": (changed({"WebServiceRootUrl": ""}), "web-service-url-empty"),
    "user-only": (changed({"WebServiceUsername": "a"}), "web-service-credentials-incomplete"),
    "password-number": (changed({"WebServiceUsername": "a", "WebServicePassword": 1}), "option-wrong-type"),
    "users": (changed(RegisteredUsers={"a": "a-password-of-9"}), "basic-auth-as-token"),
    "authentication": (changed(AuthenticationEnabled=True), "auth-enabled-with-plugin"),
    "authentication-text": (changed(AuthenticationEnabled="false"), "option-wrong-type"),
    "no-address": (changed({"WebServiceRootUrl": MISSING}), "filter-off-open-server"),
    "section-null": ('{"AuthenticationEnabled": false, "Authorization": null}', "auth-section-not-object"),
    "section-name": ('{"AuthenticationEnabled": false, "Authorisation": {}}', "invented-option-names"),
    "token-twice": (changed({"TokenHttpHeaders": ["token", "Token"]}), "several-tokens"),
    "argument": (changed({"TokenGetArguments": ["Token"]}), "get-argument-case"),
    "viewer": (changed(OHIF={}), "ohif-standard-missing"),
    "transfers": (changed(Transfers={}), "peers-refused"),
    "level-spelling": (changed({"StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "study"}), "checked-level-oe2"),
    "key-twice": (changed().replace('"CheckedLevel"', '"CheckedLevel": "series", "CheckedLevel"'), "duplicate-key"),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_RULE)
def test_one_mistake_is_told_once(name: str, lint) -> None:
    text, rule = ONE_RULE[name]
    assert [finding.rule for finding in lint({"orthanc.json": text}).findings] == [rule]


COMPOSE = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    restart: unless-stopped
    environment:
      ORTHANC__AUTHENTICATION_ENABLED: "false"
      ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://own-service:8000/"
      ORTHANC__AUTHORIZATION__CHECKED_LEVEL: {level}
      ORTHANC__AUTHORIZATION__TOKEN_HTTP_HEADERS: {headers}
"""


@pytest.mark.parametrize(
    ("values", "rule", "line"),
    [
        ({"level": "exams"}, "bad-level-name", 8),
        ({"level": "studys"}, "bad-level-name", 8),
        ({"headers": """'["token",]'"""}, None, 0),
        ({"headers": """'["token", 5]'"""}, "option-wrong-type", 9),
        ({"level": """'["studies"]'"""}, "option-wrong-type", 8),
    ],
)
def test_options_in_variables(values: dict[str, str], rule: str | None, line: int, lint) -> None:
    text = COMPOSE.format(**{"level": "studies", "headers": """'["token"]'""", **values})
    findings = lint({"docker-compose.yml": text}).findings
    told = [
        (finding.rule, finding.location.start.line) for finding in findings if finding.code.startswith(("SYN", "CFG"))
    ]
    assert told == ([] if rule is None else [(rule, line)])


def test_what_is_not_given_is_no_evidence(lint) -> None:
    text = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    environment:
      ORTHANC__AUTHENTICATION_ENABLED: "false"
      ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
    volumes: ["./elsewhere.json:/etc/orthanc/orthanc.json"]
"""
    regular = lint({"docker-compose.yml": text}).findings
    assert [finding.rule for finding in regular if finding.rule == "filter-off-open-server"] == []
    auditor = lint({"docker-compose.yml": text}, settings=Settings(persona=Persona.AUDITOR)).findings
    (finding,) = [finding for finding in auditor if finding.rule == "filter-off-open-server"]
    assert finding.confidence is Confidence.LIKELY


def test_a_client_secret_alone_is_weak_evidence_of_api_keys(lint) -> None:
    text = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
  own-service:
    image: orthancteam/orthanc-auth-service:25.9.0
    environment: {ENABLE_KEYCLOAK: "true", KEYCLOAK_CLIENT_SECRET: "not-a-real-secret"}
"""
    findings = lint({"docker-compose.yml": text, "orthanc.json": changed()}).findings
    (finding,) = [finding for finding in findings if finding.rule == "api-key-header-missing"]
    assert finding.severity is Severity.INFO


def test_limited_roles_are_named_where_the_system_is_checked(lint) -> None:
    roles = {
        "roles": {
            "all-seeing": {"permissions": ["view"], "authorized_labels": ["*"]},
            "guest": {"permissions": ["view"], "authorized_labels": ["shared"]},
        }
    }
    files = {"orthanc.json": changed({"CheckedLevel": MISSING}), "permissions.json": json.dumps(roles)}
    (finding,) = [finding for finding in lint(files).findings if finding.rule == "no-level-option"]
    assert finding.facts["roles"] == ("guest",)
    assert finding.severity is Severity.ERROR
    roles["roles"].pop("guest")
    files["permissions.json"] = json.dumps(roles)
    (finding,) = [finding for finding in lint(files).findings if finding.rule == "no-level-option"]
    assert finding.severity is Severity.WARNING


def test_a_peer_that_the_files_describe(lint) -> None:
    text = """\
services:
  sender:
    image: orthancteam/orthanc:25.9.0
    environment:
      ORTHANC_JSON: |
        {"RegisteredUsers": {"a": "not-a-real-secret"}, "OrthancPeers": {"archive": ["http://receiver:8042/", "a", "not-a-real-secret"]}}
  receiver:
    image: orthancteam/orthanc:25.9.0
    volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
"""
    findings = lint({"docker-compose.yml": text, "orthanc.json": changed()}).findings
    assert [finding.facts["target"] for finding in findings if finding.rule == "peers-refused"] == ["receiver"]


def test_no_secret_in_messages_about_wrong_types(lint) -> None:
    secret = 987654321
    text = changed({"WebServiceUsername": "a", "WebServicePassword": secret})
    for finding in lint({"orthanc.json": text}).findings:
        assert str(secret) not in f"{finding.message} {finding.help} {finding.facts}"
