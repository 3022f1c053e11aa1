"""No finding about a deployment shows a password or a key, neither in its words nor in its facts."""

from __future__ import annotations

import pytest

from policy.configuration.secrets import secret_spans
from policy.lint.finding import Persona
from policy.lint.page import page_of
from policy.lint.rule import registry
from policy.lint.settings import Settings

SETTINGS = Settings(persona=Persona.AUDITOR, preview=True)
LEAKS = """
services:
  orthanc:
    image: orthancteam/orthanc:26.8.1
    environment:
      ORTHANC__AUTHENTICATION_ENABLED: "false"
      ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://plugin:hunter2222@auth/"
      ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: "plugin"
      ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: "77777777"
      ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
      ORTHANC__REGISTERED_USERS: '{"reader": "s3cr3t$$word", "orthanc": "orthanc"}'
      ORTHANC__POSTGRESQL__PASSWORD: "dollar$word1234"
      ORTHANC__POSTGRESQL__PASSWORD_SECRET: "the-secret-itself-by-mistake"
      KEYCLOAK_CLIENT_SECRET: "of-another-service-1234"
  auth:
    image: orthancteam/orthanc-auth-service:26.4.0
    environment:
      SECRET_KEY: "change-me-key"
      USERS: '{"plugin": "another-pw-99",}'
      ENABLE_KEYCLOAK_API_KEYS: "true"
      KEYCLOAK_ADMIN_SECRET: "wrong-name-4321"
      PUBLIC_ORTHANC_ROOT: "https://me:hunter3333@host/orthanc"
"""
HIDDEN = (
    "hunter2222",
    "77777777",
    "s3cr3t",
    "word1234",
    "the-secret-itself-by-mistake",
    "of-another-service-1234",
    "change-me-key",
    "another-pw-99",
    "wrong-name-4321",
    "hunter3333",
)


def words(finding) -> str:
    fix = finding.fix.title if finding.fix is not None else ""
    related = " ".join(other.note for other in finding.related)
    return f"{finding.message} {finding.help} {dict(finding.facts)} {fix} {related}"


def test_a_deployment_full_of_secrets(lint) -> None:
    findings = lint({"docker-compose.yml": LEAKS}, settings=SETTINGS).findings
    assert len(findings) > 8
    assert [(finding.rule, secret) for finding in findings for secret in HIDDEN if secret in words(finding)] == []


@pytest.mark.parametrize(
    "rule", [rule for rule in registry().values() if rule.code.startswith("DEP")], ids=lambda r: r.name
)
def test_samples(rule, lint) -> None:
    for sample in page_of(rule).samples:
        findings = lint(sample.files, settings=SETTINGS).findings
        for finding in findings:
            source = finding.location.source
            hidden = [source.document.text[span.start : span.end] for span in secret_spans(source)]
            assert [secret for secret in hidden if len(secret) > 7 and secret in words(finding)] == []
