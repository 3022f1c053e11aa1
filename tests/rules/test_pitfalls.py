"""Every known pitfall of a deployment has a rule that reports it, or a reason why there is nothing to report.

A pitfall whose rule has another name, or that comes in a shape that the rule's own page does not show, has its samples
here; of the others the samples of the page are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from policy.lint.finding import Persona
from policy.lint.page import page_of
from policy.lint.rule import registry
from policy.lint.settings import Settings

COMPOSE = "docker-compose.yml"


def orthanc(*variables: str, tag: str = "25.9.0", files: str = "", more: str = "") -> str:
    """A Compose file with an Orthanc: lines of variables, files by their names in ``/etc/orthanc``, further services."""
    text = f"services:\n  orthanc:\n    image: orthancteam/orthanc:{tag}\n"
    if files:
        text += "    volumes:\n" + "".join(f"      - ./{name}:/etc/orthanc/{name}\n" for name in files.split())
    if variables:
        text += "    environment:\n" + "".join(f"      {line}\n" for line in variables)
    return text + more


def auth(*variables: str, tag: str = "25.9.0", volumes: str = "") -> str:
    """The service ``auth``, to be put behind other services."""
    text = f"  auth:\n    image: orthancteam/orthanc-auth-service:{tag}\n"
    if volumes:
        text += "    volumes:\n" + "".join(f"      - {line}\n" for line in volumes.split())
    if variables:
        text += "    environment:\n" + "".join(f"      {line}\n" for line in variables)
    return text


OPEN = 'ORTHANC__AUTHENTICATION_ENABLED: "false"'
ROOT = 'ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"'
LEVEL = 'ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"'
USER = 'ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: "plugin"'
WORD = 'ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: "a-long-password"'
FILTER = (OPEN, ROOT, LEVEL)
REGISTERED = '"RegisteredUsers": {"reader": "a-long-password"}'
ROLES = '{"roles": {"reader": {"permissions": ["view", "admin-permissions"], "authorized-labels": ["*"]}}}'
PROFILE = '{"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}'
SERVICE = "/orthanc_auth_service"


def users(text: str) -> str:
    """``text`` with a registered user for ``@users``."""
    return text.replace("@users", REGISTERED)


@dataclass(frozen=True)
class Reported:
    """The rule that reports a pitfall; ``files`` show it, none: the rule's page does."""

    rule: str
    files: dict[str, str] = field(default_factory=dict)


def by(rule: str, compose: str = "", **files: str) -> Reported:
    given = {COMPOSE: compose} if compose else {}
    return Reported(rule, given | {name.replace("_", ".", 1): text for name, text in files.items()})


def page(rule: str) -> Reported:
    return Reported(rule)


PITFALLS: dict[str, tuple[Reported, ...] | str] = {
    "auth-section-not-object": (
        by("auth-section-not-object", orthanc(OPEN, """ORTHANC__AUTHORIZATION: '{"CheckedLevel": "studies",}'""")),
    ),
    "auth-enabled-without-section": (page("auth-enabled-without-section"),),
    "auth-disabled-by-variable": (by("plugin-not-loaded", orthanc(*FILTER, 'AUTHORIZATION_PLUGIN_ENABLED: "false"')),),
    "auth-no-urls": (by("filter-off-open-server", orthanc(OPEN, LEVEL)),),
    "broken-file-ignored": (
        by(
            "orthanc-json-syntax",
            orthanc(files="a.json b.json"),
            a_json=users("{@users}"),
            b_json='{"Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies",}}',
        ),
    ),
    "jsonc-suffix-ignored": (page("config-file-not-read"),),
    "env-and-file": (page("env-and-file"),),
    "two-files-same-key": (page("two-files-same-key"),),
    "native-two-files-same-section": (page("native-two-files-same-section"),),
    "orthanc-json-vs-variable": (page("orthanc-json-vs-variable"),),
    "object-over-scalar": (page("object-over-scalar"),),
    "malformed-variable-name": (
        page("malformed-variable-name"),
        by("malformed-variable-name", orthanc('ORTHANC___NAME: "A"')),
        by("malformed-variable-name", orthanc('ORTHANC__: "A"')),
    ),
    "variable-not-upper-case": (page("variable-not-upper-case"),),
    "numeric-secret": (
        page("numeric-password-env"),
        by(
            "numeric-password-env",
            orthanc(*FILTER, USER, more="    secrets: [ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD]\n")
            + "secrets:\n  ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD:\n    file: ./word.txt\n",
            word_txt="123456\n",
        ),
        by("numeric-password-env", orthanc(*FILTER, WORD, USER.replace('"plugin"', '"true"'))),
    ),
    "boolean-spelling": (
        page("boolean-spelling"),
        by("boolean-spelling", orthanc('ORTHANC__AUTHENTICATION_ENABLED: ""')),
    ),
    "enabling-variable-spelling": (
        page("enabling-variable-spelling"),
        by("enabling-variable-spelling", orthanc('OHIF_PLUGIN_ENABLED: ""')),
        by("enabling-variable-spelling", orthanc("OHIF_PLUGIN_ENABLED: 0")),
    ),
    "legacy-variable": (page("legacy-authz-env"), by("legacy-authz-env", orthanc('NAME: "A"', tag="26.7.0"))),
    "oe2-enabled-confusion": (page("oe2-enabled-confusion"),),
    "oe2-legacy-link-alias": (page("oe2-legacy-link-alias"),),
    "oe2-is-default-ui": (page("oe2-is-default-ui"),),
    "ohif-router-base-name": (page("ohif-router-base-name"),),
    "authn-true-old-plugin": (by("auth-enabled-with-plugin", orthanc(ROOT, LEVEL, tag="25.1.1")),),
    "authn-true-with-plugin": (
        by(
            "auth-enabled-with-plugin",
            orthanc(ROOT, LEVEL, "ORTHANC__ORTHANC_EXPLORER_2__KEYCLOAK__ENABLE: true", more=auth()),
        ),
    ),
    "authn-false-no-filter": (by("filter-off-open-server", orthanc(OPEN, more=auth())),),
    "default-orthanc-user": (page("default-orthanc-user"),),
    "no-user-refused": (
        page("no-user-refused"),
        by("no-user-refused", orthanc("ORTHANC__REGISTERED_USERS: '{}'", tag="26.7.0")),
    ),
    "well-known-credentials": (
        page("well-known-credentials"),
        by("well-known-credentials", orthanc('ORTHANC_PASSWORD: "orthanc"', tag="26.8.1")),
    ),
    "command-override": (
        page("command-override"),
        by("command-override", orthanc(more='    command: ["/etc/orthanc/orthanc.json", "--verbose"]\n')),
        by("command-override", orthanc(more='    entrypoint: ["Orthanc", "/etc/orthanc/orthanc.json"]\n')),
    ),
    "plugins-key-defined": (page("plugins-key-defined"),),
    "defaults-not-in-etc": "the image keeps its defaults elsewhere, so mounting over /etc/orthanc loses none",
    "trailing-comma-native-only": (
        by("orthanc-json-syntax", orthanc(files="orthanc.json"), orthanc_json=users("{@users,}")),
        by("orthanc-json-syntax", orthanc(users("ORTHANC_JSON: '{@users,}'"))),
    ),
    "image-only-comment-places": (
        by(
            "orthanc-json-syntax",
            orthanc_json=users('{"Authorization" /* here */ : {"CheckedLevel": "studies"}, @users}'),
        ),
    ),
    "nan-through-script": (
        page("nan-through-script"),
        by("value-lost", orthanc(files="orthanc.json"), orthanc_json=users('{"DicomPort": NaN, @users}')),
    ),
    "duplicate-section": (
        by(
            "duplicate-key",
            orthanc(OPEN, files="orthanc.json"),
            orthanc_json='{"Authorization": {"WebServiceRootUrl": "http://auth:8000/"},\n"Authorization": {"CheckedLevel": "studies"}}',
        ),
    ),
    "wrong-case-section": (
        by(
            "invented-option-names",
            orthanc(OPEN, files="orthanc.json"),
            orthanc_json='{"authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}}',
        ),
        by(
            "invented-option-names",
            orthanc(files="orthanc.json"),
            orthanc_json=users('{"dicomWeb": {"Enable": true}, @users}'),
        ),
    ),
    "dollar-in-file": (page("dollar-in-file"),),
    "dollar-in-compose": (page("dollar-in-compose"),),
    "substitution-default-syntax": (page("substitution-default-syntax"),),
    "unset-variable-empty": (page("unset-variable-empty"),),
    "empty-braces": (page("empty-braces"),),
    "secret-suffix-capture": (page("secret-suffix-capture"),),
    "secret-file-missing": (page("secret-file-missing"),),
    "plugin-variable-as-secret": (page("plugin-variable-as-secret"),),
    "verbose-startup": (page("verbose-startup"), by("verbose-startup", orthanc('VERBOSE_STARTUP: ""'))),
    "standardconfiguration-without-plugin": (page("standardconfiguration-without-plugin"),),
    "ohif-section-does-not-enable": (page("ohif-section-does-not-enable"),),
    "stone-section-does-not-enable": (page("stone-section-does-not-enable"),),
    "stone-without-dicomweb": (page("stone-without-dicomweb"),),
    "ohif-dicomweb-source": (page("ohif-dicomweb-source"),),
    "oe2-root-changed": (page("oe2-root-changed"),),
    "dicomweb-publicroot-vs-root": (page("dicomweb-publicroot-vs-root"),),
    "dicomweb-root-raw": (page("dicomweb-root-raw"),),
    "public-port-lost": (page("public-port-lost"),),
    "chained-proxy-forwarded": (page("chained-proxy-forwarded"),),
    "webservice-url-wrong-port": (page("webservice-url-wrong-port"),),
    "webservice-root-hides-urls": (
        by(
            "root-url-shadows",
            orthanc(
                *FILTER, 'ORTHANC__AUTHORIZATION__WEB_SERVICE_USER_PROFILE_URL: "http://auth:8000/user/get-profile"'
            ),
        ),
    ),
    "webservice-credentials": (
        by(
            "service-credentials-mismatch",
            orthanc(*FILTER, USER, WORD, more=auth("""USERS: '{"somebody": "a-long-password"}'""")),
        ),
        by("web-service-credentials-incomplete", orthanc(*FILTER, USER)),
    ),
    "users-missing": (page("users-missing"), by("users-missing", "services:\n" + auth("USERS: '{}'"))),
    "secret-key-missing": (page("secret-key-missing"),),
    "sample-secret": (
        by("demo-secrets", orthanc(*FILTER, USER, WORD.replace("a-long-password", "share-password"))),
        page("demo-secrets"),
    ),
    "auth-service-published": (page("auth-service-published"),),
    "auth-service-through-nginx": (page("auth-service-through-nginx"),),
    "orthanc-port-published": (page("orthanc-port-published"),),
    "unprotected-sibling": (page("unprotected-sibling"),),
    "permissions-path": (page("permissions-path"),),
    "anonymous-profile-path": (
        page("builtin-anonymous-upload"),
        by(
            "anonymous-not-mounted",
            "services:\n" + auth('ANONYMOUS_PROFILE_FILE_PATH: "/profiles/anonymous.json"'),
        ),
    ),
    "anonymous-profile-old-service": (
        by(
            "anonymous-not-mounted",
            "services:\n" + auth(f'ANONYMOUS_PROFILE_FILE_PATH: "{SERVICE}/anonymous-profile.json"', tag="25.6.0"),
        ),
    ),
    "anonymous-profile-invalid": (
        by(
            "anonymous-incomplete",
            "services:\n" + auth(volumes=f"./profile.json:{SERVICE}/anonymous-profile.json"),
            profile_json='{"permissions": ["upload"]}',
        ),
    ),
    "unknown-permission": (
        by(
            "unknown-permission",
            "services:\n" + auth(tag="25.7.0", volumes=f"./roles.json:{SERVICE}/permissions.json"),
            roles_json=ROLES.replace("admin-permissions", "audit-logs"),
        ),
    ),
    "permission-not-grantable": (page("permission-not-grantable"),),
    "available-labels-underscore": (page("available-labels-underscore"),),
    "permissions-pre-23.9": (page("roles-old-format"),),
    "permissions-read-only": (page("roles-file-readonly"),),
    "public-root-slash": (
        page("public-root-slash"),
        by("public-root-slash", "services:\n" + auth('PUBLIC_OHIF_ROOT: "https://host/ohif"')),
    ),
    "keycloak-uri-slash": (page("keycloak-uri-no-slash"),),
    "meddream-root-slash": (page("meddream-root-slash"),),
    "public-root-mismatch": (page("public-roots-mismatch"),),
    "ohif-two-ways": (page("ohif-two-ways"),),
    "ohif-config-path": (page("ohif-config-path"),),
    "ohif-image-mismatch": (page("ohif-image-mismatch"),),
    "nginx-service-name": (page("nginx-service-name"),),
    "nginx-enable-orthanc-default": (page("nginx-enable-orthanc-default"),),
    "nginx-true-spelling": (page("nginx-true-spelling"),),
    "client-certificate-without-https": (page("client-certificate-without-https"),),
    "client-certificate-renamed": (page("client-certificate-renamed"),),
    "keycloak-url-mismatch": (page("keycloak-url-mismatch"),),
    "keycloak-old-variables": (
        page("keycloak-old-variables"),
        by(
            "keycloak-old-variables",
            "services:\n  keycloak:\n    image: orthancteam/orthanc-keycloak:24.9.0\n    environment:\n"
            '      KC_HOSTNAME_URL: "https://host/keycloak"\n',
        ),
    ),
    "keycloak-client-secret-name": (page("keycloak-client-secret-name"),),
    "keycloak-client-secret-default": (
        page("keycloak-client-secret-default"),
        by(
            "keycloak-client-secret-default",
            "services:\n" + auth('ENABLE_KEYCLOAK: "true"', 'KEYCLOAK_CLIENT_SECRET: "known-to-everybody"'),
            realm_json='{"realm": "orthanc", "users": [], "roles": {"realm": []}, "clients": [\n'
            '{"clientId": "admin-cli", "secret": "known-to-everybody"}]}',
        ),
    ),
    "kecloak-typo": (page("kecloak-typo"),),
    "api-key-header": (
        by(
            "api-key-header-missing",
            orthanc(*FILTER, more=auth('ENABLE_KEYCLOAK: "true"', 'KEYCLOAK_CLIENT_SECRET: "a-long-secret"')),
        ),
        page("api-keys-not-enabled"),
    ),
    "keycloak-disabled-all-anonymous": (
        by(
            "keycloak-off-roles",
            orthanc(*FILTER, "ORTHANC__ORTHANC_EXPLORER_2__KEYCLOAK__ENABLE: true", more=auth('ENABLE_KEYCLOAK: "1"')),
        ),
        by(
            "keycloak-off-roles",
            orthanc(*FILTER, "ORTHANC__ORTHANC_EXPLORER_2__KEYCLOAK__ENABLE: true", more=auth('SECRET_KEY: "a-key"')),
        ),
    ),
    "keycloak-open-client": (page("keycloak-open-client"),),
    "auth-service-start-order": (page("auth-service-start-order"),),
    "server-id-mismatch": (page("server-id-mismatch"),),
    "image-plugin-version-mismatch": (
        by(
            "standard-unknown",
            orthanc(*FILTER, """ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["stl"]'""", tag="25.9.0"),
        ),
        by("option-too-new", orthanc(*FILTER, "ORTHANC__AUTHORIZATION__ENABLE_AUDIT_LOGS: true", tag="25.1.1")),
    ),
    "unpinned-image": (page("version-mix"),),
    "tag-24.2.3": (page("tag-24-2-3"),),
}


def reported() -> Iterator[object]:
    for pitfall, found in PITFALLS.items():
        for index, one in enumerate(found if not isinstance(found, str) else ()):
            yield pytest.param(one, id=f"{pitfall}-{index}")


def test_every_pitfall_is_mapped() -> None:
    rules = registry()
    assert len(PITFALLS) == 98
    assert [p for p, found in PITFALLS.items() if not isinstance(found, str) and not found] == []
    assert [
        one.rule for found in PITFALLS.values() if not isinstance(found, str) for one in found if one.rule not in rules
    ] == []


@pytest.mark.parametrize("case", list(reported()))
def test_pitfall_is_reported(case: Reported, lint) -> None:
    settings = Settings(persona=Persona.AUDITOR, preview=True)
    if case.files:
        secrets = {name: text for name, text in case.files.items() if name.endswith(".txt")}
        for name, text in secrets.items():
            Path(name).write_text(text, "utf-8")
        found = [
            finding
            for finding in lint(
                {name: text for name, text in case.files.items() if name not in secrets}, settings=settings
            ).findings
            if finding.rule == case.rule
        ]
        assert len(found) == 1
    else:
        sample = page_of(registry()[case.rule]).samples[0]
        versions = {
            key.replace("-", "_"): value for key, value in sample.keys.items() if key not in ("severity", "persona")
        }
        found = [
            finding
            for finding in lint(sample.files, settings=settings, **versions).findings
            if finding.rule == case.rule
        ]
        assert found


def test_nothing_to_report_where_a_file_is_mounted_over_the_folder(lint) -> None:
    files = {COMPOSE: orthanc(files="orthanc.json"), "orthanc.json": users('{@users, "Name": "A"}')}
    assert [finding.rule for finding in lint(files).findings] == []
