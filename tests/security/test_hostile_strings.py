"""Texts that want to be more than text, in every place of every file: no output lets them."""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

import pytest
from jsonschema import Draft7Validator

from policy.commands.main import lint, toolkit
from policy.lint.run import Result

from .everything import Output, call, commands, linted, reports

HOSTILE = {
    "colour and screen": "\x1b[2J\x1b[31mpwned",
    "title and hyperlink": "\x1b]0;pwned\x07\x1b]8;;http://pwned\x1b\\x",
    "eight-bit controls": "\x9b31mpwned\x9d0;pwned\x9c",
    "workflow command": "x\n::error file=pwned::pwned",
    "workflow command, escaped": "%0A::error::pwned%0D",
    "other line ends": "x\r::error::pwned\u2028::pwned\u2029\x85\x0b\x0c::pwned",
    "markup": "<script>pwned()</script><img src=x onerror=pwned()>\"'&lt;",
    "end of CDATA": "]]></failure><pwned/><!--",
    "link": "[x](javascript:pwned) ![](http://pwned) <http://pwned>",
    "turned direction": "a\u202eb\u2066c\u200b\ufeff",
    "formula": "=cmd|' /C pwned'!A0",
    "backspaces": "abc\b\b\bpwned\x7f",
    "surrogate": "\ud800pwned",
    "template": "{{7*7}}${7*7}#{7*7}%(pwned)s{0.__class__}",
}

_OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b]8;;(?:file://[!-~]*)?\x1b\\")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_COMMAND = re.compile(r"::(error|warning|notice) file=[^:,]*,line=\d+,endLine=\d+(,col=\d+,endColumn=\d+)?,"
                      r"title=[\w-]+ \([A-Z]{3}\d+\)::[^\r\n]*")  # fmt: skip


def files(hostile: str) -> dict[str, str]:
    """Files with ``hostile`` in every place that can hold it."""
    text = json.dumps(hostile)
    roles = {hostile: {"permissions": [hostile, f"{hostile}|b"], "authorized_labels": [hostile], hostile: hostile}}
    section = {
        hostile: hostile,
        "WebServiceRootUrl": f"http://{hostile}/",
        "CheckedLevel": hostile,
        "TokenHttpHeaders": [hostile],
        "UncheckedFolders": [f"/{hostile}", hostile],
        "UncheckedResources": [f"/{hostile}/"],
        "StandardConfigurations": [hostile],
        "Permissions": [
            ["get", f"^/{re.escape(hostile)}$", hostile],
            ["get", f"^/({hostile}", hostile],
            [hostile, hostile, hostile],
            ["get", "^/studies/([a-f0-9-]+)$", hostile],
        ],
        "ExtraPermissions": [[hostile]],
    }
    return {
        "orthanc.json": json.dumps({hostile: 1, "Name": hostile, "Authorization": section}, indent=1)
        + f"\n// policy-lint: ignore[{hostile}] {hostile}\n",
        "permissions.json": json.dumps({"roles": roles, hostile: hostile}, ensure_ascii=False),
        "anonymous-profile.json": json.dumps({"permissions": [hostile, 5], "authorized_labels": [hostile], hostile: 1}),
        "docker-compose.yml": f"""services:
  {text}:
    image: {text}
  orthanc:
    image: {json.dumps("orthancteam/orthanc:" + hostile)}
    {text}: {text}
    ports: [{text}]
    volumes: [{json.dumps("./" + hostile + ":/etc/orthanc/x.json")}, {text}]
    environment:
      {text}: {text}
      ORTHANC__NAEM: {text}
      ORTHANC_JSON: {json.dumps(text)}
      DICOM_WEB_PLUGIN_ENABLED: {text}
    secrets: [{text}]
  auth:
    image: orthancteam/orthanc-auth-service:25.9.0
    environment: [{text}, {json.dumps("USERS=" + hostile)}, {json.dumps("ENABLE_KEYCLOAK=" + hostile)}]
  nginx:
    image: orthancteam/orthanc-nginx:25.9.0
    environment: {{ENABLE_ORTHANC: {text}, {text}: x}}
""",
        ".env": f"{hostile}\nNAEM={text}\n",
        "nginx.conf": f"server {{ listen 80; server_name {text}; location /{hostile} {{ proxy_pass http://{hostile}; }} }}",
        "realm.json": json.dumps({"realm": hostile, "enabled": True, "clients": [{"clientId": hostile, "secret": "x"}],
                                  "roles": {"realm": [{"name": hostile}]}, "users": []}),
        "a.test.json5": json.dumps({"profiles": {hostile: {"permissions": [hostile]}}, "matrix": {hostile: [hostile]},
                                    "tests": [{"name": hostile, "route": hostile, "as": hostile}], hostile: hostile}),
    }  # fmt: skip


@pytest.fixture(params=list(HOSTILE))
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with hostile files, and one whose name is hostile too."""
    hostile = HOSTILE[request.param]
    name = hostile.replace("/", "").replace("\ud800", "\udc80")
    inner = tmp_path / name
    inner.mkdir()
    for file, content in files(hostile).items():
        for place in (tmp_path, inner):
            (place / file).write_bytes(content.encode("utf-8", "surrogatepass"))
    (inner / f"{name}.json").write_bytes(b'{"Authorization": {"Enabled": 1}}')
    return tmp_path


def test_reports(folder: Path, sarif_schema: Draft7Validator) -> None:
    result = linted(folder)
    assert isinstance(result, Result), str(result)
    told = {output.call: output.text for output in reports(result)}
    assert len(result.findings) > 20
    for form, text in told.items():
        assert (form, []) == (form, _CONTROLS.findall(_OURS.sub("", text))[:5])
        text.encode("utf-8")
    for form in ("text", "concise", "text, coloured"):
        assert [] == [line for line in told[form].splitlines() if line.lstrip().startswith("::")]
    lines = told["github"].splitlines()
    assert [] == [line for line in lines if not _COMMAND.fullmatch(line)]
    assert len(result.findings) == len(lines)
    assert len(result.findings) == len(json.loads(told["json"])["findings"]) == len(json.loads(told["gitlab"]))
    sarif = json.loads(told["sarif"])
    assert [] == [error.message[:200] for error in sarif_schema.iter_errors(sarif)]
    assert [] == [uri for uri in _uris(sarif) if not _is_plain(uri)]
    tags = {element.tag for element in fromstring(told["junit"]).iter()}
    assert tags <= {"testsuites", "testsuite", "testcase", "failure", "system-out"}


def _uris(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "uri":
                yield item
            else:
                yield from _uris(item)
    elif isinstance(value, list):
        for item in value:
            yield from _uris(item)


def _is_plain(uri: str) -> bool:
    """Whether it is a URI of a file and of nothing else."""
    return re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri) is not None and urlsplit(uri).scheme in ("", "file")


def safe(output: Output) -> list[str]:
    """What is wrong with the output of a command."""
    found = [f"exit code {output.exit_code}: {output.text[:300]!r}"] if output.exit_code not in (0, 1, 2) else []
    found += [f"a control: {bad!r}" for bad in _CONTROLS.findall(_OURS.sub("", output.text))[:5]]
    found += [f"a line: {line}" for line in output.text.splitlines() if line.lstrip().startswith("::")]
    return found


EVERY_COMMAND = ("colour and screen", "workflow command", "other line ends", "turned direction", "surrogate")
"""Texts that every command meets; others meet the next three commands."""


def test_commands(folder: Path, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["folder"]
    turns = [None] if name in EVERY_COMMAND else [3 * list(HOSTILE).index(name) + step for step in range(3)]
    outputs = [output for turn in turns for output in commands(folder, turn=turn)]
    assert [] == [(output.call[:60], wrong) for output in outputs for wrong in safe(output)]


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
def test_arguments(hostile: str, tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text('{"Authorization": {"WebServiceRootUrl": "http://a/"}}')
    deployment = str(tmp_path)
    outputs = [
        call(lint, hostile),
        call(lint, deployment, "--select", hostile),
        call(lint, deployment, "--client", hostile),
        call(lint, deployment, "--image-tag", hostile),
        call(lint, deployment, "--format", hostile),
        call(lint, f"--{hostile}"),
        call(lint, "explain", hostile),
        call(toolkit, hostile),
        call(toolkit, "explain", f"/{hostile}", deployment),
        call(toolkit, "explain", f"http://{hostile}/x", deployment),
        call(toolkit, "explain", hostile, "/x", deployment),
        call(toolkit, "explain", "/x", deployment, "--as", hostile),
        call(toolkit, "explain", "/x", deployment, "--label", hostile),
        call(toolkit, "effective", deployment, "--server", hostile),
        call(toolkit, "diff", f"{hostile}:", deployment),
        call(toolkit, "schema", hostile),
    ]
    assert [] == [(output.call[:60], wrong) for output in outputs for wrong in safe(output)]


class Page(HTMLParser):
    """What an HTML page is made of."""

    KNOWN_TAGS = frozenset(
        ["html", "head", "meta", "title", "style", "body", "h1", "table", "thead", "tr", "th", "tbody", "td", "p"]
    )
    KNOWN_ATTRIBUTES = frozenset(
        ["lang", "charset", "http-equiv", "content", "name", "scope", "class", "title", "colspan"]
    )

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
def test_tables(hostile: str, tmp_path: Path) -> None:
    """Pages and tables that other programs open."""
    text = json.dumps(hostile)
    rules = f'["get", "^/studies$", {text}], ["get", "^/a$", {json.dumps("a|" + hostile)}]'
    (tmp_path / "orthanc.json").write_text(
        '{"AuthenticationEnabled": false, "Authorization": {"WebServiceRootUrl": "http://a/", "CheckedLevel": "studies",'
        f' "Permissions": [{rules}]}}}}'
    )
    role = f'{{"permissions": ["view"], "authorized_labels": [{text}]}}'
    (tmp_path / "permissions.json").write_text(f'{{"roles": {{{text}: {role}, "other": {role}}}}}')
    told = {
        form: call(toolkit, "matrix", "--format", form, "--by", "permissions", str(tmp_path))
        for form in ("html", "csv", "markdown", "text", "json")
    }
    if "\ud800" in hostile:  # no program reads such a file
        assert {2} == {output.exit_code for output in told.values()}
        return
    assert dict.fromkeys(told, 0) == {form: output.exit_code for form, output in told.items()}
    page = Page()
    page.feed(told["html"].text)
    assert set() == page.tags - Page.KNOWN_TAGS | page.attributes - Page.KNOWN_ATTRIBUTES
    cells = [cell for row in csv.reader(io.StringIO(told["csv"].text)) for cell in row]
    assert [] == [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t", "\r")]
    assert [] == re.findall(r"(?<!\\)[<\[]\w*(?:x|script|img|http)", told["markdown"].text)
    del told["csv"]  # its lines end with a carriage return
    assert [] == [wrong for output in told.values() for wrong in safe(output)]


@pytest.fixture(scope="module")
def sarif_schema() -> Draft7Validator:
    packed = Path(__file__).parents[1] / "unit" / "report" / "sarif-2.1.0.schema.json.xz"
    return Draft7Validator(json.loads(lzma.open(packed).read()))
