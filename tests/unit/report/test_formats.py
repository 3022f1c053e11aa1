"""The formats for machines: shapes, escapes, masks."""

from __future__ import annotations

import json
import lzma
import re
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest

from policy.configuration.source import Kind, Source
from policy.lint.finding import Confidence, Fix, Persona, Related, Severity, Witness
from policy.lint.rule import registry
from policy.report import FORMATS, Options, render
from policy.report.formats import sarif
from policy.text import edits as edit
from policy.text import embedded, parse_yaml
from policy.text.edits import Edit

TEXT = '{\n  "CheckedLevel": "studies",\n  "UncheckedLevels": ["series"],\n  "Password": "«hunter2hunter2»"\n}\n'
HOSTILE = '{"a\x1b]8;;x\x07\n::error::b%0A,:\x9b\u202e\udc80\x00]]>&<": 1}'
HOSTILE_NAME = "or\x1bthanc\udcff a%b:c,d\n.jsonc"


@pytest.fixture
def full(build):
    """A finding with all parts and a secret in each of them."""
    where = build.source(TEXT)
    other = build.source('{\n  "roles": {}\n}', "sub folder/permissions.json")
    removed = Edit(build.at(where, '"UncheckedLevels": ["series"],').span, "")
    added = Edit(build.at(where, '"studies"').span, '"study"')
    primary = build.finding(
        build.at(where, '"CheckedLevel"'),
        message="It stops; hunter2hunter2.",
        help="Keep one; hunter2hunter2.",
        related=[
            Related(build.at(where, '"UncheckedLevels"'), "the other one; hunter2hunter2"),
            Related(build.at(other, '"roles"'), "elsewhere"),
        ],
        witness=Witness(
            "GET", "/patients/hunter2hunter2", "a user with the role external-role", "permit", sampled=True
        ),
        references=("cwe:862", "owasp:API1:2023"),
        fix=Fix("Remove hunter2hunter2", safe=True, operations=((where, (removed, added)),)),
        facts=MappingProxyType({"subject": "hunter2hunter2", "lines": (2, 3)}),
    )
    password = build.finding(
        build.at(where, '"«hunter2hunter2»"'),
        rule="some-password",
        code="CFG004",
        severity=Severity.WARNING,
        confidence=Confidence.LIKELY,
    )
    info = build.finding(build.at(other, '"roles"'), rule="no-roles", severity=Severity.INFO, persona=Persona.PEDANTIC)
    silenced = build.finding(build.at(other, "{"), rule="silenced")
    return build.result([primary, password, info], silenced=[silenced])


@pytest.fixture
def hostile(build):
    """A finding in which everything that a file can bring along is meant to do harm."""
    where = build.source(HOSTILE, HOSTILE_NAME)
    return build.result(
        [
            build.finding(
                build.at(where, where.document.text[1:-4]),
                message=HOSTILE,
                help=HOSTILE,
                related=[Related(build.at(where, "1"), HOSTILE)],
                witness=Witness("GET", HOSTILE, HOSTILE, "deny"),
                facts=MappingProxyType({"subject": HOSTILE}),
            )
        ]
    )


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_in_any_format(full, name):
    report = render(full, name, Options(color=True, links=True, statistics=True))
    assert "hunter2" not in report
    assert report.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_in_a_file_acts_on_a_terminal(hostile, name):
    report = render(hostile, name, Options())
    assert [] == re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", report)
    assert report.encode()


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found(build, name):
    report = render(build.result([], more=[build.source(TEXT)]), name, Options(quiet=True))
    if name in ("json", "sarif", "gitlab"):
        json.loads(report)
    elif name == "junit":
        assert "0" == ElementTree.fromstring(report).get("failures")
    elif name == "html":
        assert "Nothing was found." in report
    else:
        assert "" == report


def test_an_unknown_format_is_a_key_error(build):
    with pytest.raises(KeyError):
        render(build.result([]), "festive")


def test_concise(full):
    assert [
        "orthanc.jsonc:2:3: error both-level-options It stops; ********.",
        "orthanc.jsonc:4:15: warning some-password The server stops at start.",
        "sub folder/permissions.json:2:3: info no-roles The server stops at start.",
    ] == render(full, "concise").splitlines()


def test_json_is_the_contract(full):
    report = json.loads(render(full, "json"))
    first = report["findings"][0]
    assert {
        "rule": "both-level-options",
        "code": "CFG003",
        "severity": "error",
        "confidence": "sure",
        "persona": "regular",
        "message": "It stops; ********.",
        "help": "Keep one; ********.",
        "file": "orthanc.jsonc",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 17,
        "witness": {
            "method": "GET",
            "path": "/patients/********",
            "who": "a user with the role external-role",
            "answer": "permit",
            "sampled": True,
            "text": "GET /patients/******** as a user with the role external-role → permitted (sampled)",
        },
        "related": [
            {"note": "the other one; ********", "file": "orthanc.jsonc"}
            | {"line": 3, "column": 3, "end_line": 3, "end_column": 20},
            {"note": "elsewhere", "file": "sub folder/permissions.json"}
            | {"line": 2, "column": 3, "end_line": 2, "end_column": 10},
        ],
        "fix": {
            "title": "Remove ********",
            "safe": True,
            "edits": [
                {"file": "orthanc.jsonc", "line": 2, "column": 19, "end_line": 2, "end_column": 28, "text": '"study"'},
                {"file": "orthanc.jsonc", "line": 3, "column": 3, "end_line": 3, "end_column": 33, "text": ""},
            ],
        },
        "references": ["cwe:862", "owasp:API1:2023"],
        "facts": {"subject": "********", "lines": [2, 3]},
        "fingerprint": full.findings[0].fingerprint,
    } == first
    assert {
        "error": 1,
        "warning": 1,
        "info": 1,
        "files": 2,
        "silenced": 1,
        "rules": {"both-level-options": 1, "no-roles": 1, "some-password": 1},
        "versions": [],
    } == report["summary"]
    assert 1 == report["version"]


def test_github(full, hostile):
    first, second, third = render(full, "github").splitlines()
    assert first == (
        "::error file=orthanc.jsonc,line=2,endLine=2,col=3,endColumn=17,title=both-level-options (CFG003)::"
        "It stops; ********.%0Aorthanc.jsonc:3:3: the other one; ********"
        "%0Asub folder/permissions.json:2:3: elsewhere"
        "%0AReplay: GET /patients/******** as a user with the role external-role → permitted (sampled)"
        "%0AHelp: Keep one; ********."
    )
    assert ["::warning", "::notice"] == [line.split()[0] for line in (second, third)]
    [line] = render(hostile, "github").splitlines()
    head, _, data = line.removeprefix("::").partition("::")
    assert "file=or␛thanc� a%25b%3Ac%2Cd␊.jsonc" == head.split(",")[0].removeprefix("error ")
    assert "%250A" in data


def test_github_gives_no_columns_for_several_lines(build):
    where = build.source("{\n}")
    report = render(build.result([build.finding(build.at(where, "{\n}"))]), "github")
    assert "line=1,endLine=2,title=" in report


def test_gitlab(full):
    issues = json.loads(render(full, "gitlab"))
    assert ["critical", "major", "info"] == [issue["severity"] for issue in issues]
    assert {"path": "orthanc.jsonc", "lines": {"begin": 2, "end": 2}} == issues[0]["location"]
    assert {"description", "check_name", "fingerprint", "severity", "location"} <= set(issues[0])


def test_gitlab_fingerprints_differ(build):
    where = build.source("aa")
    twice = build.result([build.finding(build.at(where, "a")), build.finding(build.at(where, "a", nth=1))])
    first, second = json.loads(render(twice, "gitlab"))
    assert first["fingerprint"] != second["fingerprint"]


def test_fingerprints_hold_no_secret(build):
    sources = [build.source(f'{{"Password": "«{secret}»"}}') for secret in ("hunter2", "hunter3")]
    one, other = (build.finding(build.at(where, '"Password": ')) for where in sources)
    assert one.fingerprint == other.fingerprint
    one, other = (build.finding(build.at(where, where.document.text)) for where in sources)
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != build.finding(build.at(sources[0], '"Password"')).fingerprint


def test_junit(full, hostile):
    root = ElementTree.fromstring(render(full, "junit"))
    assert ("3", "2") == (root.get("tests"), root.get("failures"))
    assert ["orthanc.jsonc", "sub folder/permissions.json"] == [suite.get("name") for suite in root]
    failures = root.findall("testsuite/testcase/failure")
    assert ["error", "warning"] == [failure.get("type") for failure in failures]
    assert "It stops; ********." == failures[0].get("message")
    assert "both-level-options at 2:3" == root.find("testsuite/testcase").get("name")
    ElementTree.fromstring(render(hostile, "junit"))


@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(lzma.decompress(Path(__file__).with_name("sarif-2.1.0.schema.json.xz").read_bytes()))
    checker = jsonschema.FormatChecker(())

    @checker.checks("uri")
    def absolute(value: object) -> bool:
        return not isinstance(value, str) or (is_uri(value) and bool(urlsplit(value).scheme))

    @checker.checks("uri-reference")
    def reference(value: object) -> bool:
        return not isinstance(value, str) or is_uri(value)

    return jsonschema.Draft4Validator(schema, format_checker=checker)


def is_uri(text: str) -> bool:
    """Whether ``text`` has only characters of RFC 3986, and a colon in its first segment only behind a scheme."""
    allowed = re.fullmatch(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", text) is not None
    first = text.split("/")[0]
    return allowed and (":" not in first or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*:", first) is not None)


def test_the_validator_refuses(validator):
    assert not validator.is_valid({"version": "2.1.0"})
    log = {"version": "2.1.0", "runs": [], "$schema": "not a uri"}
    assert not validator.is_valid(log)


@pytest.mark.parametrize("which", ["full", "hostile"])
def test_sarif_is_valid(which, validator, request):
    log = json.loads(render(request.getfixturevalue(which), "sarif"))
    assert [] == [error.message for error in validator.iter_errors(log)]


def test_sarif_of_every_rule(build, validator):
    where = build.source(TEXT)
    rules = list(registry().values())
    findings = [
        build.finding(build.at(where, "CheckedLevel"), rule=rule.name, code=rule.code, references=rule.tags)
        for rule in rules
    ]
    log = json.loads(render(build.result(findings, rules=rules), "sarif"))
    assert [] == [error.message for error in validator.iter_errors(log)]
    described = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule.name for rule in rules] == [rule["id"] for rule in described]
    for rule, told in zip(rules, described, strict=True):
        assert rule.title == told["shortDescription"]["text"]
        assert "## What it checks" in told["help"]["markdown"]
        assert [f"external/cwe/cwe-{tag[4:]}" for tag in rule.tags if tag.startswith("cwe:")] == [
            tag for tag in told["properties"]["tags"] if tag.startswith("external/cwe/")
        ]
    assert list(range(len(rules))) == [found["ruleIndex"] for found in log["runs"][0]["results"]]


def test_sarif(full):
    [run] = json.loads(render(full, "sarif"))["runs"]
    assert "unicodeCodePoints" == run["columnKind"]
    first, *_, silenced = run["results"]
    assert ("both-level-options", "error") == (first["ruleId"], first["level"])
    physical = first["locations"][0]["physicalLocation"]
    assert {"uri": "orthanc.jsonc", "uriBaseId": "%SRCROOT%"} == physical["artifactLocation"]
    assert {
        "startLine": 2,
        "startColumn": 3,
        "endLine": 2,
        "endColumn": 17,
        "snippet": {"text": '"CheckedLevel"'},
    } == physical["region"]
    assert (
        "sub%20folder/permissions.json" == (first["relatedLocations"][1]["physicalLocation"]["artifactLocation"]["uri"])
    )
    assert {"policyLint/v1": full.findings[0].fingerprint} == first["partialFingerprints"]
    assert "suppressions" not in first
    [fix] = first["fixes"]
    [change] = fix["artifactChanges"]
    assert physical["artifactLocation"] == change["artifactLocation"]
    assert ['"study"', ""] == [one["insertedContent"]["text"] for one in change["replacements"]]
    assert {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 33} == change["replacements"][1][
        "deletedRegion"
    ]
    assert [{"kind": "inSource"}] == silenced["suppressions"]


def test_a_fix_that_would_write_a_secret_is_not_shown(build):
    where = build.source(TEXT)
    edits = (
        Edit(build.at(where, '"studies"').span, '"hunter2hunter2"'),
        Edit(build.at(where, "CheckedLevel").span, "x"),
    )
    change = Fix("Move it", safe=False, operations=((where, edits),))
    report = render(build.result([build.finding(build.at(where, "CheckedLevel"), fix=change)]), "json")
    assert {"title": "Move it", "safe": False, "edits": []} == json.loads(report)["findings"][0]["fix"]


def test_a_fix_in_json_that_stands_in_another_file(build):
    outer = build.source(
        'services:\n  a:\n    environment:\n      X: |\n        {"a": 1}\n', "compose.yml", kind=Kind.COMPOSE
    )
    document = parse_yaml(outer.document.data)
    node = document.root.get("services").get("a").get("environment").get("X")
    inner = Source("compose.yml", Kind.ORTHANC, embedded(document, node), "", "X")
    edits = edit.replace(inner.document, ("a",), 2)
    change = Fix("Two", safe=True, operations=((inner, tuple(edits)),))
    result = build.result([build.finding(build.at(outer, '"a"'), fix=change)], more=[inner])
    [only] = json.loads(render(result, "json"))["findings"][0]["fix"]["edits"]
    lines = document.text.splitlines(keepends=True)
    start = sum(map(len, lines[: only["line"] - 1])) + only["column"] - 1
    end = sum(map(len, lines[: only["end_line"] - 1])) + only["end_column"] - 1
    assert document.text.replace("1", "2") == document.text[:start] + only["text"] + document.text[end:]


def test_no_results_are_an_empty_list(build):
    [run] = json.loads(render(build.result([]), "sarif"))["runs"]
    assert [] == run["results"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.json", "a/b.json"),
        ("./a.json", "a.json"),
        ("../a.json", "../a.json"),
        ("/etc/a b.json", "file:///etc/a%20b.json"),
        ("C:/x/ü.json", "file:///C:/x/%C3%BC.json"),
        ("C:\\x\\a.json", "file:///C:/x/a.json"),
        ("a:b.json", "a%3Ab.json"),
        ("<stdin>", "%3Cstdin%3E"),
        ("a\udcff.json", "a%FF.json"),
        ("100%.json", "100%25.json"),
    ],
)
def test_uris(path, expected):
    assert expected == sarif.uri(path)
    assert is_uri(expected)
    assert unquote(expected).endswith(".json") or path == "<stdin>"
