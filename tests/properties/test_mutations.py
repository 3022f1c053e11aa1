"""Small changes of files that are right: each is found where it is, and none of them breaks the tool."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from policy import text
from policy.configuration.loading import load
from policy.errors import PolicyError
from policy.lint.finding import Finding, Severity
from policy.lint.run import run
from policy.lint.settings import Settings

GOOD = {path.name: path.read_bytes() for path in sorted((Path(__file__).parent / "good").iterdir())}
HOST = {
    "SECRET_KEY": "not-a-real-secret-2-not-a-real-secret",
    "KEYCLOAK_CLIENT_SECRET": "not-a-real-secret-3",
    "USERS": '{"orthanc": "not-a-real-secret-1"}',
}
JSON = [name for name in GOOD if name.endswith(("json", "jsonc"))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in GOOD.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def lint(folder: Path, settings: Settings | None = None) -> tuple[Finding, ...]:
    return run(load([folder], env=HOST, here=folder), settings).findings


def lint_with(folder: Path, name: str, data: bytes) -> tuple[Finding, ...]:
    """The findings with ``data`` in place of one file; it is put back."""
    (folder / name).write_bytes(data)
    try:
        return lint(folder)
    finally:
        (folder / name).write_bytes(GOOD[name])


def survives(folder: Path, name: str, data: bytes) -> None:
    """Findings, or an error of ours; anything else fails the test."""
    try:
        lint_with(folder, name, data)
    except PolicyError as error:
        assert str(error)  # noqa: PT017 - any error of ours will do


def test_the_good_files_are_good(folder: Path) -> None:
    found = [f"{finding.location} {finding.rule}: {finding.message}" for finding in lint(folder)]
    assert found == []


# -- commas ----------------------------------------------------------------------------------------------------------


def commas(name: str) -> Iterator[int]:
    """The places of the commas that are signs of JSON, not of a text."""
    data = GOOD[name].decode()
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|//[^\n]*|,', data):
        if match[0] == ",":
            yield match.start()


@pytest.mark.parametrize("name", JSON)
def test_a_dropped_comma_is_found(folder: Path, name: str, *, every_mutation: bool) -> None:
    data = GOOD[name].decode()
    for at in list(commas(name))[:: 1 if every_mutation else 2]:
        line = data.count("\n", 0, at) + 1
        findings = lint_with(folder, name, (data[:at] + data[at + 1 :]).encode())
        syntax = [finding for finding in findings if finding.code.startswith("SYN")]
        assert [finding.location.source.path for finding in syntax] == [name], f"comma in line {line}"
        assert line <= syntax[0].location.start.line <= line + 1
        assert syntax[0].severity >= (Severity.WARNING if name == "anonymous-profile.json" else Severity.ERROR)


@pytest.mark.parametrize("name", JSON)
def test_a_second_comma_is_found(folder: Path, name: str, *, every_mutation: bool) -> None:
    data = GOOD[name].decode()
    for at in list(commas(name))[:: 1 if every_mutation else 4]:
        findings = lint_with(folder, name, f"{data[:at]},{data[at:]}".encode())
        syntax = [finding for finding in findings if finding.code.startswith("SYN")]
        assert len(syntax) == 1, f"comma at {at}"


# -- keys ------------------------------------------------------------------------------------------------------------


def keys(name: str) -> list[tuple[str, text.Span]]:
    """Each key with its place, names that people choose themselves (roles) left out."""
    document = text.parse(GOOD[name])
    assert document.root is not None
    roles = document.root.get("roles")
    chosen = {id(member) for member in roles.members} if roles is not None and name == "permissions.json" else set()
    return [
        (member.key, member.key_span)
        for node in document.root.walk()
        for member in node.members
        if id(member) not in chosen
    ]


def misspelt(key: str) -> Iterator[str]:
    """Ways in which people misspell a key."""
    middle = len(key) // 2
    yield key[:middle] + key[middle + 1 :]
    yield key[: middle + 1] + key[middle:]
    yield key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]
    yield key.swapcase() if "-" not in key else key.upper()
    yield key + "s"


def some(wrongs: Iterator[str], key: str, turn: int, *, every: bool) -> list[str]:
    """Of the ways to misspell ``key`` one, another one each turn; or all."""
    chosen = [wrong for wrong in wrongs if wrong != key]
    return chosen if every else [chosen[turn % len(chosen)]]


def named(findings: Iterable[Finding], key: str, wrong: str) -> bool:
    """Whether a finding says what is wrong and what was meant."""
    return any(wrong in finding.message and key in finding.message + finding.help for finding in findings)


@pytest.mark.parametrize("name", JSON)
def test_a_misspelt_key_is_found_by_name(folder: Path, name: str, *, every_mutation: bool) -> None:
    data = GOOD[name].decode()
    lost = []
    for turn, (key, span) in enumerate(keys(name)):
        for wrong in some(misspelt(key), key, turn, every=every_mutation):
            findings = lint_with(folder, name, f"{data[: span.start]}{json.dumps(wrong)}{data[span.end :]}".encode())
            here = [finding for finding in findings if finding.location.span.start == span.start]
            if not named(here, key, wrong):
                lost.append(wrong)
    assert lost == []


def test_a_misspelt_key_of_compose_is_found_by_name(folder: Path, *, every_mutation: bool) -> None:
    data = GOOD["docker-compose.yml"].decode()
    lost = []
    for turn, match in enumerate(re.finditer(r"^ *([A-Za-z_]+):", data, re.MULTILINE)):
        if match[1] == "orthanc":
            continue  # a name that people choose
        for wrong in some(misspelt(match[1]), match[1], turn, every=every_mutation):
            text_ = f"{data[: match.start(1)]}{wrong}{data[match.end(1) :]}"
            if not named(lint_with(folder, "docker-compose.yml", text_.encode()), match[1], wrong):
                lost.append(wrong)
    assert lost == []


# -- values ----------------------------------------------------------------------------------------------------------

OTHERS = ("null", "true", "5", '"text"', "[]", "{}", "NaN", "[[]]", "-")


@pytest.mark.parametrize("name", JSON)
def test_any_value_of_any_type_is_survived(folder: Path, name: str, *, every_mutation: bool) -> None:
    document = text.parse(GOOD[name])
    assert document.root is not None
    data = GOOD[name].decode()
    nodes = [node for node in document.root.walk() if node is not document.root]
    for i, node in enumerate(nodes):
        for j, other in enumerate(OTHERS):
            if every_mutation or (5 * i + j) % 13 == 0:
                survives(folder, name, f"{data[: node.span.start]}{other}{data[node.span.end :]}".encode())


# -- bytes -----------------------------------------------------------------------------------------------------------


SIGNS = b"\x00\t\n \"#',/:0[\\]aT{}\x80\xc3\xff"
"""Bytes that mean something to a reader, and some that never do."""


def places(name: str, *, every: bool) -> Iterator[int]:
    step = 1 if every else 1 + len(GOOD[name]) // 12
    yield from range(0, len(GOOD[name]) + 1, step)


@pytest.mark.parametrize("name", list(GOOD))
def test_a_file_may_end_anywhere(folder: Path, name: str, *, every_mutation: bool) -> None:
    for end in places(name, every=every_mutation):
        survives(folder, name, GOOD[name][:end])


@pytest.mark.parametrize("name", list(GOOD))
def test_any_byte_may_come_in_between(folder: Path, name: str, *, every_mutation: bool) -> None:
    data = GOOD[name]
    for i, at in enumerate(places(name, every=every_mutation)):
        for byte in SIGNS if every_mutation else (i * 37 % 128, 255 - i * 37 % 128):
            survives(folder, name, data[:at] + bytes([byte]) + data[at:])
