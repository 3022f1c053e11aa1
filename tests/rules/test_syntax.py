"""What readers do with texts, as recorded, against the findings; and what becomes of one mistake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from policy.configuration.given import Given
from policy.configuration.loading import load
from policy.configuration.source import Kind
from policy.lint.finding import Finding, Severity
from policy.lint.run import run
from policy.lint.settings import Settings

RECORDINGS = Path(__file__).parents[1] / "conformance" / "recordings" / "dialect"
DEEP = "1001 opening brackets"


def rows(name: str) -> list[object]:
    found: list[Mapping[str, Any]] = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))["rows"]
    return [pytest.param(row, id=row["case"]) for row in found if "${" not in (row.get("text") or "")]


def data_of(row: Mapping[str, Any]) -> bytes:
    for key in ("hex", "bytes_hex"):
        if row.get(key):
            return bytes.fromhex(row[key])
    encoding = row.get("encoding") or "utf-8"
    if encoding.startswith("UTF-16"):
        return str(row["text"]).encode("utf-16")
    return b"[" * 1001 if row["text"] == DEEP else row["text"].encode(encoding, "surrogatepass")


def syntax(data: bytes, kind: Kind, **versions: str) -> tuple[Finding, ...]:
    deployment = load(["-"], stdin=data, stdin_kind=kind, given=Given.of(**versions))
    return run(deployment, Settings(select=("SYN",))).findings


def stops(findings: tuple[Finding, ...]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


@pytest.mark.parametrize("row", rows("server"))
def test_what_a_real_orthanc_did(row: Mapping[str, Any]) -> None:
    assert stops(syntax(data_of(row), Kind.ORTHANC, orthanc="1.12.11")) is not row["starts"]


@pytest.mark.parametrize("row", rows("readers"))
def test_what_the_image_does(row: Mapping[str, Any]) -> None:
    expected = row["image_then_core"] == "accepted"
    assert stops(syntax(data_of(row), Kind.ORTHANC, image="26.8.1")) is not expected


@pytest.mark.parametrize("row", rows("auth-service"))
def test_what_the_auth_service_did(row: Mapping[str, Any]) -> None:
    permissions = row["case"].startswith("p")
    kind = Kind.PERMISSIONS if permissions else Kind.ANONYMOUS
    least = Severity.ERROR if permissions else Severity.WARNING
    for version in row["versions"]:
        findings = syntax(data_of(row), kind, auth_service=version)
        refused = [finding for finding in findings if finding.facts.get("refused-by") and finding.severity >= least]
        assert bool(refused) is row["syntax_error"]


ONE_MISTAKE = {
    "comma": '{"Name": "A", "StableAge": 60 "Authorization": {"CheckedLevel": "studies"}}',
    "brace": '{"Authorization": {"CheckedLevel": "studies", "Name": "A"}',
    "quote": '{"Authorization": {"CheckedLevel": "studies}, "Name": "A"}',
    "single quotes": "{'Authorization': {'CheckedLevel': 'studies', 'TokenHttpHeaders': ['a', 'b']}}",
    "markers": '{\n<<<<<<< HEAD\n"Name": "A"\n=======\n"Name": "B"\n>>>>>>> b\n}',
    "hash": '{\n# a\n"Name": "A", # b\n# c\n"StableAge": 60\n}',
    "value": '{"Name": , "StableAge": 60}',
}


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_one_mistake_is_one_finding(name: str) -> None:
    findings = syntax(ONE_MISTAKE[name].encode(), Kind.ORTHANC, image="25.9.0")
    assert len(findings) == 1, [finding.message for finding in findings]


def test_two_commas_in_one_line_are_two_mistakes() -> None:
    findings = syntax(b'{"Plugins": ["a",], "Name": "A",}', Kind.ORTHANC, image="25.9.0")
    assert [finding.location.start.column for finding in findings] == [17, 32]


def test_a_variable_may_stand_for_a_value() -> None:
    text = b'{"HttpPort": ${PORT}, "Name": "${NAME} of $SITE"}'
    assert syntax(text, Kind.ORTHANC, image="25.9.0") == ()
    assert syntax(text, Kind.ORTHANC, orthanc="1.12.11") == ()


def test_a_variable_between_two_texts_is_a_mistake() -> None:
    text = b'{"Name": "a"${NAME}"b"}'
    assert [finding.rule for finding in syntax(text, Kind.ORTHANC, image="25.9.0")] == ["orthanc-json-syntax"]


def test_no_secret_is_shown() -> None:
    secret = "hunter2hunter2"
    for text in (
        f'{{"Authorization": {{"WebServicePassword": {secret}, "CheckedLevel": "studies"}}}}',
        f'{{"RegisteredUsers": {{"a": \'{secret}\'}}}}',
        f'{{"WebServicePassword": "{secret}" "{secret}"}}',
        f'{{"SECRET_KEY" = "{secret}\\{secret}"}}',
    ):
        for finding in syntax(text.encode(), Kind.ORTHANC, image="25.9.0"):
            assert secret[:8] not in finding.message + finding.help


JSON5_TEXT = b"{Name: 'A', StableAge: 0x10, Authorization: {CheckedLevel: 'studies',},}"


def test_json5_is_called_by_its_name() -> None:
    assert any("JSON5" in finding.help for finding in syntax(JSON5_TEXT, Kind.ORTHANC, orthanc="1.12.11"))


def several(tmp_path: Path, broken: str) -> tuple[Finding, ...]:
    (tmp_path / "a.json").write_text('{"Name": "A"}', "utf-8")
    (tmp_path / "b.json").write_text(broken, "utf-8")
    (tmp_path / "docker-compose.yml").write_text(
        "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0\n    volumes:\n"
        "      - ./a.json:/etc/orthanc/a.json\n      - ./b.json:/etc/orthanc/b.json\n",
        "utf-8",
    )
    return run(load([tmp_path], here=tmp_path, env={}), Settings(select=("SYN",))).findings


def test_a_broken_file_beside_others_may_be_left_out_in_silence(tmp_path: Path) -> None:
    (finding,) = several(tmp_path, '{"Authorization": {"CheckedLevel": "studies",}}')
    assert finding.location.source.path == "b.json"
    assert "starts without this file" in finding.message


def test_markers_in_a_compose_file_are_told_once() -> None:
    text = b"services:\n<<<<<<< HEAD\n  a:\n    image: a\n=======\n  b:\n    image: b\n>>>>>>> b\n"
    (finding,) = syntax(text, Kind.COMPOSE)
    assert (finding.rule, finding.location.start.line) == ("merge-markers", 2)


def test_a_profile_that_nobody_reads_has_no_reader() -> None:
    (finding,) = syntax(b'{"name": "A", "validity": 60,}', Kind.ANONYMOUS, auth_service="23.6.1")
    assert finding.severity is Severity.INFO
