"""What people read."""

from __future__ import annotations

import re
from types import MappingProxyType

import pytest

from policy.lint.finding import Fix, Related, Severity, Witness
from policy.lint.run import Result
from policy.report import Options, render

TEXT = """\
{
\t"Name": "病院 «secret of the house»",
  "Authorization": {
    "CheckedLevel": "studies",
    "Permissions": [
      ["get", "^/patients/", "view"]
    ],
    "UncheckedLevels": ["series"]
  }
}
"""


@pytest.fixture
def result(build) -> Result:
    where = build.source(TEXT, folder="/srv/pacs")
    roles = build.source('{"roles": {"external-role": {}}}', "auth/permissions.json", folder="/srv/pacs/auth")
    findings = [
        build.finding(
            build.at(where, '"Name": "病院 «secret of the house»"'),
            rule="some-name",
            severity=Severity.INFO,
            message="The name is shown to everybody.",
        ),
        build.finding(
            build.at(where, '"CheckedLevel"'),
            message="Orthanc stops at start: CheckedLevel and UncheckedLevels exclude each other.",
            related=[Related(build.at(where, '"UncheckedLevels"'), "the other option")],
            fix=Fix("Remove UncheckedLevels", safe=False, operations=()),
        ),
        build.finding(
            build.at(where, '[\n      ["get", "^/patients/", "view"]\n    ]'),
            rule="patient-level-bypass",
            severity=Severity.WARNING,
            message="A user with the role external-role sees the patient's other studies.",
            help="Ask for all-permission on /patients.",
            related=[Related(build.at(roles, '"external-role"'), "the role is limited by labels here")],
            witness=Witness("GET", "/patients/6816cb19-844d5aee", "a user with the role external-role", "permit"),
            facts=MappingProxyType({}),
        ),
    ]
    return Result(build.deployed([where, roles]), tuple(findings), (findings[0],), ())


def test_plain(result, snapshot):
    assert render(result, "text") == snapshot


def test_narrow(result, snapshot):
    assert render(result, "text", Options(width=60)) == snapshot


def test_colored(result, snapshot):
    assert render(result, "text", Options(color=True, links=True)) == snapshot


def test_quiet_with_statistics(result, snapshot):
    assert render(result, "text", Options(quiet=True, statistics=True)) == snapshot


def test_colours_and_links_add_nothing_but_escapes(result):
    colored = render(result, "text", Options(color=True, links=True))
    bare = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\", "", colored)
    assert render(result, "text") == bare
    assert "\x1b]8;;file:///srv/pacs/auth/permissions.json\x1b\\" in colored


def test_lines_fit_the_width(result):
    lines = render(result, "text", Options(width=60)).splitlines()
    assert [] == [line for line in lines if len(line) > 60]


def test_nothing_found(build):
    empty = build.result([], more=[build.source(TEXT)])
    assert "Nothing found in 1 file.\n" == render(empty, "text")
