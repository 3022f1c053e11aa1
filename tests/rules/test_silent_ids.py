"""Files that the real auth service takes without a word and with another effect than meant: each gets a finding.

The texts are those of the recordings in ``tests/conformance``.
"""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policy.configuration.loading import Given, load
from policy.configuration.source import Kind
from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Persona, Severity
from policy.lint.run import run
from policy.lint.settings import Settings

RECORDINGS = Path(__file__).parents[1] / "conformance" / "recordings" / "observed.json.xz"
VERSION = "26.4.1"

FOUND_BY = {
    "p03-both-spellings": ("labels-key-spelling", Persona.REGULAR),
    "p04-both-spellings-reversed-order": ("labels-key-spelling", Persona.REGULAR),
    "p10-lone-comma-array": ("empty-profile-find", Persona.REGULAR),
    "p12-missing-labels": ("empty-profile-find", Persona.REGULAR),
    # The editor of roles writes empty entries, and roles of labels alone may be meant: for the pedantic.
    "p13-missing-permissions": ("role-without-permissions", Persona.PEDANTIC),
    "p14-role-empty-object": ("role-without-permissions", Persona.PEDANTIC),
    "p15-role-empty-lists": ("role-without-permissions", Persona.PEDANTIC),
    "p25-roles-empty": ("empty-profile-find", Persona.REGULAR),
    "p29-unknown-key-in-role": ("role-key-ignored", Persona.REGULAR),
    "p31-misspelled-permissions": ("role-key-misspelt", Persona.REGULAR),
    "p32-capital-permissions": ("role-key-misspelt", Persona.REGULAR),
    "p33-labels-key": ("role-key-misspelt", Persona.REGULAR),
    "p34-camelcase-labels": ("role-key-misspelt", Persona.REGULAR),
    "p35-british-labels": ("role-key-misspelt", Persona.REGULAR),
    "p36-singular-label": ("role-key-misspelt", Persona.REGULAR),
    "p37-duplicate-role": ("duplicate-key", Persona.REGULAR),
    "p40-role-trailing-space": ("role-name-mismatch", Persona.REGULAR),
    "p41-duplicate-key-in-role": ("duplicate-key", Persona.REGULAR),
    "p43-available-underscore": ("available-labels-underscore", Persona.REGULAR),
    "p45-label-not-available": ("label-unknown", Persona.REGULAR),
    "p49-star-blank": ("star-beside-others", Persona.REGULAR),
    "p50-label-empty": ("label-unknown", Persona.REGULAR),
    "p53-label-glob": ("star-beside-others", Persona.REGULAR),
    "p80-env-placeholder": ("label-unknown", Persona.REGULAR),
    # Whether anybody has both roles is not in the files: every way in is for auditors.
    "p83-two-roles-union": ("role-union", Persona.AUDITOR),
    "p84-two-roles-one-without-labels": ("role-union", Persona.AUDITOR),
    "p85-two-roles-one-star": ("role-union", Persona.AUDITOR),
    "p92-role-name-empty": ("role-name-mismatch", Persona.REGULAR),
    # Superfluous keys take nothing away.
    "p95-nested-profile-keys": ("role-key-ignored", Persona.PEDANTIC),
    "p96-anonymous-role": ("role-name-special", Persona.REGULAR),
    "p97-default-role-name": ("role-name-special", Persona.REGULAR),
    "p99-labels-comma-list": ("label-unknown", Persona.REGULAR),
    "a03-both-spellings": ("labels-key-spelling", Persona.REGULAR),
    "a12-userId": ("profile-wire-names", Persona.REGULAR),
    "a15-validity-negative": ("validity-zero", Persona.REGULAR),
    "a16-validity-zero": ("validity-zero", Persona.REGULAR),
    "a20-validity-true": ("validity-zero", Persona.REGULAR),
    "a22-validity-huge": ("validity-zero", Persona.REGULAR),
    "a23-permissions-missing": ("anonymous-gives-nothing", Persona.REGULAR),
    "a24-labels-missing": ("anonymous-gives-nothing", Persona.REGULAR),
    "a32-labels-key": ("profile-wire-names", Persona.REGULAR),
    "a33-extra-keys": ("profile-wire-names", Persona.REGULAR),
    "a34-role-reference": ("profile-wire-names", Persona.REGULAR),
    "a47-all-permission": ("anonymous-star", Persona.REGULAR),
    "a48-duplicate-keys": ("duplicate-key", Persona.REGULAR),
    "a50-capital-optional-keys": ("profile-wire-names", Persona.REGULAR),
}

WITH_REALM = {
    "p39-role-case-mismatch": ("role-name-mismatch", Persona.REGULAR, "doctor-role"),
    "p86-unknown-role-only": ("role-name-mismatch", Persona.PEDANTIC, "nurse-role"),
}
"""Seen only beside an export of the realm, which has the role that the user holds."""

WITH_COMPOSE = {"a44-env-empty": ("anonymous-not-mounted", Persona.REGULAR)}
"""Seen only beside the Compose file that sets the variable."""

NOT_IN_FILES = {
    "p82-label-case": "how the label is spelt in the archive",
    "p87-no-role": "a user without any role",
}
"""What no file shows, and what would have to be known."""


@cache
def recordings() -> dict[str, Any]:
    return json.loads(lzma.decompress(RECORDINGS.read_bytes()))


@cache
def variants() -> dict[str, dict[str, Any]]:
    return {variant["id"]: variant for variant in recordings()["variants"]}


def findings(variant: dict[str, Any], persona: Persona) -> tuple[Finding, ...]:
    kind = Kind.PERMISSIONS if variant["file"] == "permissions.json" else Kind.ANONYMOUS
    given = Given(auth_service=Version.parse(VERSION))
    data = variant["input"].encode("utf-16" if "UTF-16" in variant.get("encoding", "") else "utf-8")
    deployment = load(["-"], stdin=data, stdin_kind=kind, given=given, env={})
    return run(deployment, Settings(persona=persona)).findings


def test_every_silent_file_has_its_rule() -> None:
    expected = sorted(recordings()["silent_ids"])
    assert sorted([*FOUND_BY, *WITH_REALM, *WITH_COMPOSE, *NOT_IN_FILES]) == expected


@pytest.mark.parametrize("identifier", FOUND_BY)
def test_silent_file_is_found(identifier: str) -> None:
    rule, persona = FOUND_BY[identifier]
    found = {(finding.rule, finding.persona) for finding in findings(variants()[identifier], Persona.AUDITOR)}
    assert (rule, persona) in found
    assert rule in {finding.rule for finding in findings(variants()[identifier], persona)}


@pytest.mark.parametrize("identifier", WITH_REALM)
def test_silent_file_is_found_beside_the_realm(identifier: str, lint) -> None:
    rule, persona, role = WITH_REALM[identifier]
    realm = {"realm": "orthanc", "clients": [], "roles": {"realm": [{"name": role}]}}
    files = {"permissions.json": variants()[identifier]["input"], "realm.json": json.dumps(realm)}
    result = lint(files, settings=Settings(persona=persona), auth_service=Version.parse(VERSION))
    assert rule in {finding.rule for finding in result.findings}


@pytest.mark.parametrize("identifier", WITH_COMPOSE)
def test_silent_file_is_found_beside_the_compose_file(identifier: str, lint) -> None:
    rule, persona = WITH_COMPOSE[identifier]
    compose = f"""\
services:
  orthanc-auth-service:
    image: orthancteam/orthanc-auth-service:{VERSION}
    environment:
      ANONYMOUS_PROFILE_FILE_PATH: ""
    volumes:
      - ./anonymous-profile.json:/orthanc_auth_service/anonymous-profile.json
"""
    files = {"anonymous-profile.json": variants()[identifier]["input"], "docker-compose.yml": compose}
    result = lint(files, settings=Settings(persona=persona))
    assert rule in {finding.rule for finding in result.findings}


TRUE_ALL_THE_SAME = {
    # The service hands these labels on as they are written, and Orthanc takes none of them.
    "p79-slashes-in-label": {"label-unknown", "star-beside-others"},
    # Python's reader alone takes this word.
    "p91-nan": {"value-lost"},
}


def fine() -> list[str]:
    """Files of which the service makes what the writer expects, so that nothing in them has to be mended."""
    silent = set(recordings()["silent_ids"])
    return [
        name
        for name, variant in variants().items()
        if variant["outcome"] == "starts_as_written" and name not in silent and variant["input"] is not None
    ]


@pytest.mark.parametrize("identifier", fine())
def test_fine_file_has_no_warning(identifier: str) -> None:
    found = findings(variants()[identifier], Persona.PEDANTIC)
    rules = {finding.rule for finding in found if finding.severity > Severity.INFO}
    assert rules - TRUE_ALL_THE_SAME.get(identifier, set()) == set()


REFUSED = ("refuses_to_start", "starts_logs_error_and_uses_built_in_anonymous_profile")
NOT_A_TEXT = {"a45-env-unset", "a46-env-misspelled"}
"""What is wrong is a variable, which stands in no file of this kind."""


def refused() -> list[str]:
    return [
        name
        for name, variant in variants().items()
        if variant["outcome"] in REFUSED and variant["input"] is not None and name not in NOT_A_TEXT
    ]


@pytest.mark.parametrize("identifier", refused())
def test_refused_file_has_a_warning(identifier: str) -> None:
    found = findings(variants()[identifier], Persona.REGULAR)
    assert [finding for finding in found if finding.severity > Severity.INFO] != []
