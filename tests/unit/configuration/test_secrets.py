"""What is hidden: in files of every kind, in broken ones, and in the rows of the effective configuration."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import text
from policy.configuration.effective import effective
from policy.configuration.recognise import recognise
from policy.configuration.secrets import (
    MASK,
    is_secret_name,
    is_secret_option,
    is_secret_variable,
    mask_line,
    masked,
    secret_spans,
)
from policy.configuration.setting import Means
from policy.configuration.source import Kind, Source

from .conftest import Deploy

ORTHANC = """{
  "Name": "shown",
  // "WebServicePassword": "HIDDEN-0"
  "RegisteredUsers": {"alice": "HIDDEN-1", "shown": "HIDDEN-2"},
  "DicomTlsPrivateKey": "/shown/key.pem",
  "HttpProxy": "http://shown:HIDDEN-3@proxy:3128/",
  "OrthancPeers": {"p": ["http://shown/", "shown", "HIDDEN-4"], "q": {"Url": "shown", "Password": "HIDDEN-5",
    "HttpHeaders": {"Authorization": "Basic HIDDEN6aGlkZGVu"}}},
  "DicomWeb": {"Servers": {"s": ["http://shown/", "shown", "HIDDEN-7"]}},
  "PostgreSQL": {"Password": "HIDDEN-8", "ConnectionUri": "postgres://u:HIDDEN-9@db/x"},
  "AwsS3Storage": {"AccessKey": "HIDDEN-A", "SecretKey": "HIDDEN-B"},
  "OrthancExplorer2": {"Emails": {"Server": {"Password": "HIDDEN-C"}}, "Tokens": {"ShareType": "shown"}},
  "Authorization": {"WebServiceUsername": "shown", "WebServicePassword": "HIDDEN-D",
    "TokenHttpHeaders": ["shown"], "TokenGetArguments": ["shown"], "WebServiceTokenValidationUrl": "http://shown/"}
}
"""

COMPOSE = """services:
  orthanc:
    image: shown
    environment:
      ORTHANC__NAME: "shown"
      ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: "HIDDEN-1"
      ORTHANC__REGISTERED_USERS: |
        {"shown": "HIDDEN-2"}
      ORTHANC_JSON: |
        {
          "Name": "shown",
          "Authorization": {"WebServicePassword": "HIDDEN-3", "WebServiceUsername": "shown"}
        }
      STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"
  auth:
    command: ["--pwd=HIDDEN-8"]
    environment:
      - SECRET_KEY=HIDDEN-4
      - "KEYCLOAK_CLIENT_SECRET=HIDDEN-5"
      - ENABLE_KEYCLOAK_API_KEYS=shown
      - KEYCLOAK_URI=http://shown/
  other:
    environment:
      USERS: |
        {"shown": "HIDDEN-6"}
      POSTGRES_PASSWORD: HIDDEN-7
    secrets: [SECRET_KEY]
secrets:
  SECRET_KEY:
    file: ./shown
"""

OTHERS = {
    "SECRET_KEY=HIDDEN-1\nNAME=shown\nPOSTGRES_PASSWORD='HIDDEN-2'\nUSERS={\"a\": \"HIDDEN-3\"}\n": Kind.ENVIRONMENT,
    "server { listen 80;\n location / { proxy_set_header Authorization \"Basic HIDDEN1aGlkZGVu\"; } }": Kind.NGINX,
    'apiVersion: v1\nkind: Secret\ndata: {a: HIDDEN-1}\nstringData:\n  b: "HIDDEN-2"\n': Kind.KUBERNETES,
    '{"realm": "shown", "clients": [{"clientId": "shown", "secret": "HIDDEN-1"}], "users": [{"username": "shown", '
    '"credentials": [{"type": "password", "value": "HIDDEN-2"}]}]}': Kind.REALM,
}  # fmt: skip


def hide(source: Source) -> str:
    content = source.document.text
    return mask_line(source, 0, content)


def source_of(content: str) -> Source:
    found = recognise(content.encode())
    assert found is not None
    return Source("x", found.kind, found.document)


@pytest.mark.parametrize("content", [ORTHANC, COMPOSE, *OTHERS])
def test_a_file_without_its_secrets(content: str) -> None:
    source = source_of(content)
    assert OTHERS.get(content, source.kind) == source.kind
    hidden = hide(source)
    assert ("HIDDEN" in hidden, len(content)) == (False, len(hidden))
    assert content.count("shown") == hidden.count("shown")


@pytest.mark.parametrize("cut", range(40, len(ORTHANC), 37))
def test_a_broken_file_without_its_secrets(cut: int) -> None:
    content = ORTHANC[:cut] + "," + ORTHANC[cut:]
    source = Source("x", Kind.ORTHANC, text.parse(content))
    shown = hide(source)
    assert [] == [f"HIDDEN-{sign}" for sign in "58BCD" if f"HIDDEN-{sign}" in shown]


def test_spans_are_sorted_and_apart() -> None:
    spans = secret_spans(source_of(ORTHANC))
    assert all(left.end < right.start for left, right in pairwise(spans))


@given(st.text(max_size=60))
@settings(max_examples=settings.default.max_examples * 3 // 5)
def test_any_text_has_spans(content: str) -> None:
    for kind, document in (
        (Kind.ORTHANC, text.parse(content)),
        (Kind.ENVIRONMENT, text.parse(content)),
        (Kind.COMPOSE, text.parse_yaml(content)),
    ):
        assert all(0 <= s.start < s.end <= len(document.text) for s in secret_spans(Source("x", kind, document)))


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Password", True),
        ("WebServicePassword", True),
        ("api_key", True),
        ("ApiKey", True),
        ("SecretKey", True),
        ("access_token", True),
        ("clientSecret", True),
        ("TokenHttpHeaders", False),
        ("Tokens", False),
        ("WebServiceTokenValidationUrl", False),
        ("DicomTlsPrivateKey", False),
        ("PermissionsFile", False),
        ("Name", False),
        ("Monkey", False),
        ("PatientID", False),
    ],
)
def test_names(name: str, secret: bool) -> None:
    assert secret == is_secret_name(name)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("SECRET_KEY", True),
        ("ORTHANC_PASSWORD", True),
        ("ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD", True),
        ("ORTHANC__POSTGRESQL__PASSWORD", True),
        ("EMAILS_SMTP_SERVER_PWD", True),
        ("KC_DB_PASSWORD", True),
        ("ORTHANC_JSON", False),
        ("ENABLE_KEYCLOAK_API_KEYS", False),
        ("SKIP_CLIENT_SECRET_UPDATE_FOR_TESTS", False),
        ("PERMISSIONS_FILE_PATH", False),
        ("KEYCLOAK_URI", False),
    ],
)
def test_variables(name: str, secret: bool) -> None:
    assert secret == is_secret_variable(name)


def test_options() -> None:
    assert is_secret_option(("OrthancPeers", "p", "2"))
    assert not is_secret_option(("OrthancPeers", "p", "1"))
    assert not is_secret_option(("RegisteredUsers",))


def test_masked() -> None:
    assert f"https://u:{MASK}@h/ Bearer {MASK}" == masked("https://u:p4ss@h/ Bearer abcdefghijkl")


def test_rows_of_the_effective_configuration(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": "services:\n  o:\n    image: orthancteam/orthanc:26.4.0\n"
            "    volumes: ['./o.json:/etc/orthanc/o.json']\n    environment:\n"
            "      ORTHANC__HTTP_PORT: 1\n      ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: '12345'\n",
            "o.json": ORTHANC.replace('"Name"', '"HttpPort": 8042, "Name"'),
        },
        "compose.yml",
    )
    rows = {row.dotted: row for row in effective(made.servers[0])}
    assert "HIDDEN" not in "".join(str(row.value) for row in rows.values())
    assert "12345" not in "".join(str(row.value) for row in rows.values())
    assert (1, ["o.json:2:15"], False) == (
        rows["HttpPort"].value,
        [str(origin) for origin in rows["HttpPort"].replaced],
        rows["HttpPort"].undetermined,
    )
    assert "compose.yml:6:27 (variable ORTHANC__HTTP_PORT)" == str(rows["HttpPort"].origin)
    assert (MASK, MASK, "shown") == (
        rows["Authorization.WebServicePassword"].value,
        rows["RegisteredUsers.alice"].value,
        rows["Authorization.WebServiceUsername"].value,
    )
    assert ["http://shown/", "shown", MASK] == rows["OrthancPeers.p"].value
    assert Means.IMAGE_DEFAULT == rows["RemoteAccessAllowed"].origin.means


def test_rows_of_defaults(deploy: Deploy) -> None:
    made = deploy({"o.json": '{"Name": "A", "Authorization": {"CheckedLevel": "studies"}}'})
    rows = {row.dotted: (row.value, str(row.origin)) for row in effective(made.servers[0], defaults=True)}
    assert ("A", "o.json:1:10") == rows["Name"]
    assert (False, "core default") == rows["RemoteAccessAllowed"]
    assert (False, "plugin default") == rows["Authorization.EnableAuditLogs"]
    assert "DicomWeb.Root" not in rows
