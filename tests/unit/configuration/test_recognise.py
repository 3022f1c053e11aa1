"""Files are told by what they hold, also when they are broken, misspelt or half empty."""

from __future__ import annotations

import pytest

from policy.configuration.recognise import recognise
from policy.configuration.source import Kind

ROLE = '{"permissions": ["view"], "authorized-labels": ["*"]}'

KNOWN = {
    '{"Name": "A"}': Kind.ORTHANC,
    '{"Authorization": {}}': Kind.ORTHANC,
    '// comment\n/* b */ {"DicomWeb": {"Enable": true},}': Kind.ORTHANC,
    '{"HttpPort": 8042': Kind.ORTHANC,
    '"HttpPort": 8042, "Name": "x" }': Kind.ORTHANC,
    '{"authorization": {}}': Kind.ORTHANC,
    '{"Authorisation": {"WebServiceRootUrl": "x"}}': Kind.ORTHANC,
    '{"StoneWebViewer": {}, "roles": 1}': Kind.ORTHANC,
    '{"WebServiceRootUrl": "x", "CheckedLevel": "studies"}': Kind.ORTHANC,
    '{"Permissions": [["get", "^/x$", "view"]]}': Kind.ORTHANC,
    f'{{"roles": {{"admin": {ROLE}}}}}': Kind.PERMISSIONS,
    '{"roles": {"admin": ["all"]}}': Kind.PERMISSIONS,
    '{"roles": {}, "available-labels": []}': Kind.PERMISSIONS,
    f'{{"Roles": {{"admin": {ROLE}}}}}': Kind.PERMISSIONS,
    f'{{"rôles": {{"admin": {ROLE}}}}}': Kind.PERMISSIONS,
    '{"roles": {\n<<<<<<< HEAD\n"a": {"permissions": []\n=======\n': Kind.PERMISSIONS,
    '{"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}': Kind.ANONYMOUS,
    '{"permissions": ["view"], "authorized_labels": ["*"]}': Kind.ANONYMOUS,
    '{"name": "A", "permisions": ["view"], "validity": 60}': Kind.ANONYMOUS,
    '{"realm": "orthanc", "clients": [], "roles": {"realm": []}, "enabled": true}': Kind.REALM,
    '{"services": {"orthanc": {"image": "orthancteam/orthanc"}}}': Kind.COMPOSE,
    "services:\n  a: {image: b}\n": Kind.COMPOSE,
    "servces:\n  a: {image: orthancteam/orthanc}\n": Kind.COMPOSE,
    "version: '3'\nservices:\n": Kind.COMPOSE,
    "orthanc:\n  image: orthancteam/orthanc\n": Kind.COMPOSE,
    "apiVersion: v1\nkind: ConfigMap\n": Kind.KUBERNETES,
    "image:\n  repository: orthancteam/orthanc\n  tag: 26.4.0\n": Kind.HELM,
    "A=b\nC=d\n": Kind.ENVIRONMENT,
    "# comment\nexport ORTHANC__NAME=x\n": Kind.ENVIRONMENT,
    "server {\n  listen 80;\n}\n": Kind.NGINX,
    "location /orthanc/ {\n  proxy_pass http://orthanc:8042/;\n}\n": Kind.NGINX,
    "\ufeff{\"Name\": \"A\"}": Kind.ORTHANC,
}  # fmt: skip

UNKNOWN = [
    "",
    " \n",
    "{}",
    "[]",
    "null",
    '{"X": 1}',
    "hello world",
    "a: b\n",
    '{"compilerOptions": {}}',
    "<html></html>",
    "\x00\x01",
]

FOUND_IN_FOLDERS_BUT_NOT_OURS = [
    '{"name": "package", "version": "1.0.0", "dependencies": {}}',
    '{"compilerOptions": {}, "include": ["src"]}',
    '{"about": "x", "requests": [{"CheckedLevel": "x"}]}',
    "include:\n  - project: x\nstages: [a]\n",
    "name: CI\non: [push]\njobs: {}\n",
    '{"plugins": ["a"], "locale": "en"}',
]


@pytest.mark.parametrize("content", KNOWN)
def test_known(content: str) -> None:
    found = recognise(content.encode())
    assert found is not None
    assert KNOWN[content] == found.kind


@pytest.mark.parametrize("content", UNKNOWN)
def test_unknown(content: str) -> None:
    assert recognise(content.encode()) is None


@pytest.mark.parametrize("content", FOUND_IN_FOLDERS_BUT_NOT_OURS)
def test_files_of_others_in_a_folder(content: str) -> None:
    assert recognise(content.encode(), found=True) is None


@pytest.mark.parametrize(
    ("content", "bare"),
    [
        ('{"WebServiceRootUrl": "x", "CheckedLevel": "studies"}', True),
        ('{"Authorization": {"CheckedLevel": "studies"}}', False),
        ('{"Name": "x", "CheckedLevel": "studies"}', False),
    ],
)
def test_a_section_without_its_name(content: str, bare: bool) -> None:
    found = recognise(content.encode())
    assert found is not None
    assert bare == found.bare_section


@pytest.mark.parametrize("cut", range(1, 70))
def test_a_file_that_breaks_off_anywhere_gives_no_error(cut: int) -> None:
    content = '{"Authorization": {"CheckedLevel": "studies", "Permissions": [["a", "b"]]}}'
    found = recognise(content.encode()[:cut])
    assert found is None or found.kind is Kind.ORTHANC


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xfe{\x00}\x00", None),
        (b"\xff\xff\xff", None),
        (b'{"Name": "\xe9"}', Kind.ORTHANC),
        ('{"Name": 1}'.encode("utf-16"), None),
    ],
)
def test_other_encodings(data: bytes, kind: Kind | None) -> None:
    found = recognise(data)
    assert kind is (found.kind if found is not None else None)
