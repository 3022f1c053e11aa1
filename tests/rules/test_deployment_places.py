"""Where findings about a deployment point to, and what the views behind them make of ports, names and projects."""

from __future__ import annotations

import pytest

from policy.configuration.loading import load
from policy.lint.finding import Persona
from policy.lint.settings import Settings
from policy.lint.views.containers import includes, project_of, published

SETTINGS = Settings(persona=Persona.AUDITOR)


def place(finding) -> tuple[str, int, int, str]:
    location = finding.location
    text = location.source.document.text[location.span.start : location.span.end]
    return location.source.path, location.start.line, location.start.column, text


BLOCK = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    environment:
      ORTHANC_JSON: |
        {
          // who may log in
          "RegisteredUsers": {"alice": "orthanctest"}
        }
"""
QUOTED = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    environment:
      ORTHANC_JSON: "{\\"RegisteredUsers\\": {\\"alice\\": \\"orthanctest\\"}}"
"""
LISTED = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    environment:
      - VERBOSE_STARTUP=true
      - ORTHANC__AUTHENTICATION_ENABLED=no
"""


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        (BLOCK, "well-known-credentials", ("docker-compose.yml", 8, 40, '"orthanctest"')),
        (QUOTED, "well-known-credentials", ("docker-compose.yml", 5, 56, '\\"orthanctest\\"')),
        (LISTED, "verbose-startup", ("docker-compose.yml", 5, 9, "VERBOSE_STARTUP=true")),
        (LISTED, "boolean-spelling", ("docker-compose.yml", 6, 9, "ORTHANC__AUTHENTICATION_ENABLED=no")),
    ],
    ids=["block", "quoted", "list", "list-value"],
)
def test_findings_point_into_the_compose_file(text, rule, expected, lint) -> None:
    findings = [one for one in lint({"docker-compose.yml": text}, settings=SETTINGS).findings if one.rule == rule]
    assert [place(finding) for finding in findings] == [expected]


def test_a_later_file_and_a_file_of_variables_are_named(lint) -> None:
    files = {
        "docker-compose.yml": "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0\n    env_file: [house.env]\n",
        "docker-compose.prod.yml": "services:\n  orthanc:\n    environment:\n      ORTHANC__REMOTE_ACCESS_ALLOWED: 1\n",
        "house.env": "VERBOSE_STARTUP=true\n",
    }
    found = {finding.rule: place(finding)[:2] for finding in lint(files, settings=SETTINGS).findings}
    assert found["boolean-spelling"] == ("docker-compose.prod.yml", 4)
    assert found["verbose-startup"] == ("house.env", 1)


PORTS = """\
services:
  auth:
    image: orthancteam/orthanc-auth-service:25.9.0
    ports:
      - "8000:8000"
      - "127.0.0.1:8001:8000"
      - "[::1]:8002:8000"
      - "8000"
      - "9000-9010:7995-8005"
      - {target: 8000, published: "8003"}
      - "8004:8000/udp"
"""


def test_ports(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(PORTS, "utf-8")
    (container,) = load(["docker-compose.yml"], env={}).containers
    found = [(port.address, port.host, port.target, port.local) for port in published(container)]
    assert found == [
        ("", "8000", "8000", False),
        ("127.0.0.1", "8001", "8000", True),
        ("[::1]", "8002", "8000", True),
        ("", "", "8000", False),
        ("", "9000-9010", "7995-8005", False),
        ("", "8003", "8000", False),
    ]
    assert [includes(port.target, 8000) for port in published(container)] == [True] * 6
    assert [includes("8000", 8001), includes("x", 1), includes("80-", 80)] == [False, False, False]


def test_projects_of_one_folder(tmp_path, monkeypatch) -> None:
    """A name that comes a second time begins another project."""
    monkeypatch.chdir(tmp_path)
    image = "image: orthancteam/orthanc:25.9.0"
    (tmp_path / "a.yml").write_text(f"services:\n  one: {{{image}}}\n  two: {{{image}}}\n", "utf-8")
    (tmp_path / "b.yml").write_text(f"services:\n  one: {{{image}}}\n  three: {{{image}}}\n", "utf-8")
    deployment = load([tmp_path], env={})
    groups = {tuple(other.name for other in project_of(one, deployment)) for one in deployment.containers}
    assert groups == {("one", "two"), ("one", "three")}
