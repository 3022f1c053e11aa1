"""Deployment rules are true by version: the same text with the tags on both sides of each change."""

from __future__ import annotations

import pytest

from policy.lint.finding import Persona
from policy.lint.settings import Settings

SETTINGS = Settings(persona=Persona.AUDITOR)


def service(image: str, *variables: str, more: str = "") -> str:
    lines = "".join(f"      {line}\n" for line in variables)
    return f"services:\n  it:\n    image: orthancteam/{image}:TAG\n{more}" + (
        f"    environment:\n{lines}" if lines else ""
    )


ORTHANC, AUTH, NGINX, KEYCLOAK = "orthanc", "orthanc-auth-service", "orthanc-nginx", "orthanc-keycloak"
SECRET = 'KEYCLOAK_CLIENT_SECRET: "a-long-secret"'
ADMIN_URI = '_ADMIN_URI: "http://login:8080/admin/realms/orthanc/"'
ROUTER = 'ORTHANC__OHIF__ROUTER_BASE_NAME: "/orthanc/ohif/"'
OHIF = 'OHIF_PLUGIN_ENABLED: "true"'
CONFIG = "    volumes: [./app.js:/usr/share/nginx/html/app-config.js]\n"

CASES = [
    ("legacy-authz-env", service(ORTHANC, 'AUTHZ_ENABLED: "false"'), {"26.6.1": "warning", "26.7.0": "error"}),
    ("no-user-refused", service(ORTHANC), {"26.6.1": None, "26.7.0": "error", "26.8.1": "error"}),
    ("default-orthanc-user", service(ORTHANC), {"24.1.2": "error", "26.6.1": "error", "26.7.0": None}),
    ("ohif-router-base-name", service(ORTHANC, OHIF, ROUTER), {"25.11.0": None, "25.11.2": "warning"}),
    ("users-missing", service(AUTH, 'SECRET_KEY: "a-key"'), {"24.1.0": None, "24.1.1": "error", "26.4.1": "error"}),
    (
        "kecloak-typo",
        service(AUTH, SECRET, "KEYCLOAK" + ADMIN_URI),
        {"24.1.1": None, "24.2.0": "warning", "24.7.2": "warning", "24.9.0": None},
    ),
    ("kecloak-typo", service(AUTH, SECRET, "KECLOAK" + ADMIN_URI), {"24.7.2": None, "24.9.0": "warning"}),
    (
        "keycloak-client-secret-name",
        service(AUTH, 'ENABLE_KEYCLOAK_API_KEYS: "true"'),
        {"24.1.1": None, "24.2.0": "error"},
    ),
    ("keycloak-old-variables", service(KEYCLOAK, 'KEYCLOAK_ADMIN: "a"'), {"24.11.0": None, "24.12.0": "error"}),
    (
        "keycloak-old-variables",
        service(KEYCLOAK, 'KC_BOOTSTRAP_ADMIN_USERNAME: "a"'),
        {"24.11.0": "error", "24.12.0": None},
    ),
    ("keycloak-old-variables", service(KEYCLOAK, 'KC_HOSTNAME_URL: "http://a"'), {"24.7.2": None, "24.9.0": "error"}),
    (
        "nginx-enable-orthanc-default",
        service(NGINX, 'ENABLE_OHIF: "false"') + "  orthanc:\n    image: orthancteam/orthanc:25.9.0\n",
        {"25.9.0": "warning", "25.12.0": None},
    ),
    (
        "client-certificate-renamed",
        service(NGINX, 'ENABLE_CLIENT_CERTIFICATE_VERIFICATION: "true"'),
        {"25.2.1": None, "25.3.0": "error"},
    ),
    ("ohif-config-path", service("ohif-v3", more=CONFIG), {"26.2.0": None, "26.4.0": "warning"}),
    (
        "ohif-config-path",
        service("ohif-v3", more=CONFIG.replace("html/", "html/ohif/")),
        {"26.2.0": "warning", "26.4.0": None},
    ),
    (
        "ohif-image-mismatch",
        service("ohif-v3")
        + '  nginx:\n    image: orthancteam/orthanc-nginx:26.2.0\n    environment: {ENABLE_OHIF: "true"}\n',
        {"26.2.0": None, "26.4.0": "warning"},
    ),
    ("tag-24-2-3", service(ORTHANC), {"24.2.2": None, "24.2.3": "warning"}),
]


def cases() -> list[object]:
    return [
        pytest.param(rule, text.replace("TAG", tag), severity, id=f"{rule}-{tag}")
        for rule, text, tags in CASES
        for tag, severity in tags.items()
    ]


@pytest.mark.parametrize(("rule", "text", "severity"), cases())
def test_by_version(rule, text, severity, lint) -> None:
    findings = [one for one in lint({"docker-compose.yml": text}, settings=SETTINGS).findings if one.rule == rule]
    assert [str(finding.severity) for finding in findings] == ([severity] if severity else [])


KEYS = """\
services:
  orthanc:
    image: orthancteam/orthanc:24.6.1
    environment:
      ORTHANC__AUTHENTICATION_ENABLED: "false"
      ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
      ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      ORTHANC__AUTHORIZATION__TOKEN_HTTP_HEADERS: '["api-key"]'
  auth:
    image: orthancteam/orthanc-auth-service:TAG
    environment:
      ENABLE_KEYCLOAK: "true"
"""


@pytest.mark.parametrize(
    ("tag", "variable", "told"),
    [
        ("24.1.1", 'ENABLE_KEYCLOAK_API_KEYS: "true"', True),
        ("24.6.1", 'KEYCLOAK_CLIENT_SECRET: "a-long-secret"', True),
        ("24.6.1", 'ENABLE_KEYCLOAK_API_KEYS: "true"', False),
        ("24.7.0", 'KEYCLOAK_CLIENT_SECRET: "a-long-secret"', False),
        ("24.7.0", 'SERVER_ID: "none of them"', True),
    ],
)
def test_api_keys(tag, variable, told, lint) -> None:
    text = KEYS.replace("TAG", tag) + f"      {variable}\n"
    findings = lint({"docker-compose.yml": text}, settings=SETTINGS).findings
    assert [finding.rule for finding in findings if finding.rule == "api-keys-not-enabled"] == [
        "api-keys-not-enabled"
    ] * told


@pytest.mark.parametrize(
    ("tag", "flag", "told"),
    [
        ("24.6.1", "false", False),
        ("24.7.0", "false", True),
        ("26.4.1", "Off", True),
        ("26.4.1", "true", False),
        ("26.4.1", "True", False),
        ("26.4.1", "", False),
        ("26.4.1", "${SAID_ELSEWHERE}", False),
    ],
)
def test_api_keys_whose_switch_says_no(tag, flag, told, lint) -> None:
    text = KEYS.replace("TAG", tag) + (
        f'      KEYCLOAK_CLIENT_SECRET: "a-long-secret"\n      ENABLE_KEYCLOAK_API_KEYS: "{flag}"\n'
    )
    findings = lint({"docker-compose.yml": text}, settings=SETTINGS).findings
    assert [finding.rule for finding in findings if finding.rule == "api-keys-not-off"] == ["api-keys-not-off"] * told


@pytest.mark.parametrize(("tag", "told"), [("24.7.0", False), ("24.7.1", True)])
def test_api_keys_by_a_secret_of_the_container(tag, told, lint) -> None:
    text = KEYS.replace("TAG", tag) + (
        '      ENABLE_KEYCLOAK_API_KEYS: "false"\n    secrets: [KEYCLOAK_CLIENT_SECRET]\n'
        "secrets:\n  KEYCLOAK_CLIENT_SECRET:\n    file: ./client-secret.txt\n"
    )
    findings = lint({"docker-compose.yml": text}, settings=SETTINGS).findings
    assert [finding.rule for finding in findings if finding.rule == "api-keys-not-off"] == ["api-keys-not-off"] * told
