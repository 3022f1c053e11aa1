"""An input that is a folder: files one after the other, each under a line ``### name``."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from . import trees
from .target import ROOT, Target

NAMES = (
    "docker-compose.yml", "docker-compose.override.yml", "base.yml", ".env", "more.env", "orthanc.json", "orthanc.jsonc",
    "second.json", "permissions.json", "anonymous-profile.json", "values.yaml", "deployment.yaml", "nginx.conf", "locations.conf", "realm.json",
)  # fmt: skip
"""Files that an input may hold; others are left out, so that nothing is written elsewhere."""
HOST = "host"
"""The part that holds the variables of the host."""
_HEAD = re.compile(rb"^### ([a-z0-9.\-]+)\n", re.MULTILINE)


def unpacked(data: bytes) -> dict[str, bytes]:
    """The parts by name; what stands before the first head is the first file's."""
    found: dict[str, bytes] = {}
    heads = list(_HEAD.finditer(data))
    for head, following in zip_longest(heads, heads[1:]):
        name = head[1].decode()
        if name in NAMES or name == HOST:
            found[name] = data[head.end() : following.start() if following is not None else len(data)]
    return found


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The input of these parts."""
    return b"".join(b"### " + name.encode() + b"\n" + data.rstrip(b"\n") + b"\n" for name, data in parts.items())


def host(parts: Mapping[str, bytes]) -> dict[str, str] | None:
    """The variables of the host; None where the input says nothing of it."""
    if HOST not in parts:
        return None
    lines = parts[HOST].decode("utf-8", "replace").replace("\0", "").splitlines()
    return {name: value for line in lines for name, sign, value in [line.partition("=")] if sign and name}


@contextmanager
def written(parts: Mapping[str, bytes]) -> Iterator[Path]:
    """The files in a folder of their own, in memory where the machine has that."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="fuzzing-", dir=memory if memory.is_dir() else None) as made:
        folder = Path(made).resolve()
        for name, data in parts.items():
            if name != HOST:
                (folder / name).write_bytes(data)
        yield folder


def change(chance: random.Random, data: bytes) -> bytes:
    """A change of one part that keeps its tree, or of which parts there are."""
    parts = unpacked(data)
    if not parts:
        return data
    name = chance.choice(list(parts))
    what = chance.random()
    if what < 0.05 and len(parts) > 1:
        del parts[name]
    elif what < 0.15:
        other = chance.choice(NAMES)
        parts[other] = parts.pop(name)
    elif name.endswith((".env", ".conf")) or name == HOST:
        lines = parts[name].split(b"\n")
        at = chance.randrange(len(lines))
        lines[at:at] = [chance.choice(lines)] if chance.random() < 0.5 else [chance.choice(LINES).encode()]
        parts[name] = b"\n".join(lines)
    else:
        yaml = name.endswith((".yml", ".yaml"))
        parts[name] = trees.changed(chance, parts[name], yaml=yaml, donors=YAML if yaml else JSON)
    return packed(parts)


def samples() -> Iterator[bytes]:
    """The project's own folders, and a few that have what these have not."""
    for folder in (
        ROOT / "samples" / "clinic",
        ROOT / "samples" / "forum-thread",
        ROOT / "tests" / "properties" / "good",
    ):
        parts = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name in NAMES}
        yield packed(parts)
        for left_out in parts:
            yield packed({name: data for name, data in parts.items() if name != left_out})
    for parts in _MORE:
        yield packed({name: data.encode() for name, data in parts.items()})


def words(*groups: Iterable[str]) -> tuple[str, ...]:
    """Words for the fuzzer, each once."""
    return tuple(dict.fromkeys(word for group in groups for word in group))


OPTIONS = (
    "Authorization", "WebServiceRootUrl", "WebServiceUserProfileUrl", "WebServiceTokenValidationUrl", "WebServiceUsername",
    "WebServicePassword", "Permissions", "ExtraPermissions", "StandardConfigurations", "CheckedLevel", "UncheckedLevels",
    "UncheckedResources", "UncheckedFolders", "TokenHttpHeaders", "TokenGetArguments", "EnableAuditLogs", "DicomWeb", "Root",
    "PublicRoot", "Enable", "AuthenticationEnabled", "RegisteredUsers", "RemoteAccessAllowed", "OrthancExplorer2", "Plugins",
    "UiOptions", "EnableShares", "Keycloak", "ClientId", "Tokens", "PostgreSQL", "roles", "permissions", "authorized_labels",
    "authorized-labels", "validity", "name", "available-labels", "stone-webviewer", "orthanc-explorer-2", "ohif", "volview",
)  # fmt: skip
JSON = (
    *(f'"{option}"' for option in OPTIONS), '["get", "^/studies/(.*)$", "view|all"]', '[["post", "/x", ""]]', '"studies"',
    '["patients", "system"]', '"http://orthanc-auth-service:8000/"', '{"a": {"permissions": ["view"], "authorized_labels": ["*"]}}',
    '"${NAME}"', '"${NAME:-x}"', '["*"]', '{"admin": "secret"}', '"/dicom-web/"', '"^/(a|b)*$"', '"all"', '"view|download"',
)  # fmt: skip
"""Snippets for JSON files."""
YAML = (
    "${NAME}", "${NAME:-x}", "${NAME:?no}", "${NAME-${OTHER}}", "$NAME", "$$", '"${NAME}"', "&a", "*a", "[]", "{}", "{a: b}",
    "orthancteam/orthanc:25.9.0", "orthancteam/orthanc", "jodogne/orthanc-plugins:1.12.4", "orthancteam/orthanc-auth-service:25.9.0",
    "nginx:1.27", '"./orthanc.jsonc:/etc/orthanc/orthanc.json:ro"', '"./permissions.json:/orthanc_auth_service/permissions.json"',
    '\'{"Name": "X", "Authorization": {"CheckedLevel": "studies"}}\'', '"ORTHANC__AUTHORIZATION__CHECKED_LEVEL=studies"',
    "ORTHANC__AUTHORIZATION__PERMISSIONS", "ORTHANC_JSON", "ORTHANC__NAME", "VERBOSE_ENABLED", "{file: base.yml, service: base}",
    "{service: orthanc}", "!reset null", "!override []", "[base.yml]", "more.env", "{path: more.env, required: false}", "true", "null",
)  # fmt: skip
"""Snippets for YAML files."""
LINES = (
    "NAME=x", 'NAME="a\\n${OTHER}"', "NAME='x", "export NAME = y # no", "NAME", "NAME:", "OTHER=${NAME:-${NAME}}", "A=${",
    "SECRET_KEY=k", 'USERS={"a": "b"}', "location ~ ^/x(.*)$ { return 403; }", "location = /y { proxy_pass http://orthanc:8042; }",
    "rewrite ^/z(.*)$ $1 break;", "location ^~ /w/ { proxy_pass http://orthanc:8042/; }", "}", "{", "server {", "include x;", "include locations.conf;", "include *.conf;", "if ($http_x) { return 403; }",
    "set $a http://orthanc:8042; proxy_pass $a;", "listen 443 ssl;", "server_name pacs.example.org;", "ssl_verify_client on;",
)  # fmt: skip
"""Lines for files of variables and for nginx."""

_MORE = (
    {
        "docker-compose.yml": "include: [base.yml]\nx-a: &a\n  VERBOSE_ENABLED: 'true'\nservices:\n  orthanc:\n    extends: {service: base}\n"
        "    image: orthancteam/orthanc:${TAG:-25.9.0}\n    environment:\n      <<: *a\n      ORTHANC__NAME: ${NAME}\n"
        "      ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies\n      ORTHANC_JSON: |\n        {\n          \"Authorization\": {\n"
        "            \"WebServiceRootUrl\": \"http://${HOST:-auth}:8000/\"\n          }\n        }\n    env_file: [more.env]\n"
        "    secrets: [s]\n  base:\n    ports: ['8042:8042']\nsecrets:\n  s: {file: ./second.json}\n",
        "base.yml": "services:\n  other:\n    image: jodogne/orthanc-plugins:1.12.4\n    configs:\n      - source: c\n"
        "        target: /etc/orthanc/orthanc.json\nconfigs:\n  c:\n    content: '{\"Name\": \"$NAME\"}'\n",
        "docker-compose.override.yml": "services:\n  orthanc:\n    environment:\n      - ORTHANC__NAME=B\n    ports: !override []\n",
        ".env": "TAG=26.4.1\nNAME=\"a $HOST\"\n",
        "more.env": "ORTHANC__DICOM_WEB__ENABLE=true\nexport X='y'\n",
        "second.json": '{"Authorization": {"WebServicePassword": "p"}}',
        "host": "HOST=h\n",
    },
    {
        "deployment.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  orthanc.json: |\n    {\"Name\": \"K\", "
        "\"Authorization\": {\"WebServiceRootUrl\": \"http://a/\"}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: o}\n"
        "spec:\n  template:\n    spec:\n      containers:\n        - name: orthanc\n          image: orthancteam/orthanc:25.9.0\n"
        "          env: [{name: ORTHANC__NAME, value: X}]\n          envFrom: [{configMapRef: {name: c}}]\n          volumeMounts:\n"
        "            - {name: v, mountPath: /etc/orthanc/}\n      volumes:\n        - name: v\n          configMap: {name: c}\n",
    },
    {
        "values.yaml": "orthanc:\n  image: {repository: orthancteam/orthanc, tag: 25.9.0}\n  env:\n    ORTHANC__NAME: H\n"
        "  config: {Authorization: {WebServiceRootUrl: 'http://a/'}}\n",
    },
    {
        "nginx.conf": "upstream u { server orthanc:8042; }\nserver {\n  listen 443 ssl;\n  server_name pacs.example.org;\n"
        "  location /orthanc/ { proxy_pass http://u/; }\n  location ~ ^/(x|y) { return 403; }\n"
        "  location /ohif { rewrite ^/ohif(.*)$ /dicom-web$1 break; proxy_pass http://u; }\n}\n",
        "orthanc.json": '{"Authorization": {"WebServiceRootUrl": "http://a/", "CheckedLevel": "studies"}}',
    },
)  # fmt: skip


def target(check: Callable[[bytes], None]) -> Target:
    """The target of a claim about whole folders."""
    heads = (f"### {name}\n" for name in (*NAMES, HOST))
    return Target(check, samples, words(heads, OPTIONS, JSON, YAML, LINES), change)
