"""Any request line and headers, any address through nginx, any written route: a decision, the same by text and by bytes.

An input is lines: ``>`` begins a target that is sent, ``:`` a header of it, ``=`` an address or a route as people write it,
``@`` a version of the plugin; the other lines are an nginx configuration.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from policy import Policy, text
from policy.configuration.deployment import OrthancServer
from policy.configuration.loading import load
from policy.configuration.nginx_plain import proxies
from policy.configuration.proxy import ReverseProxy, normalise
from policy.configuration.source import Kind, Source
from policy.engine.front import Front
from policy.engine.request import Seen, Stopped, headers_of, see
from policy.errors import PolicyError
from policy.testing import Archive, Service

from .. import folders
from ..target import Target

_CONFIGURATION: dict[str, Any] = {
    "AuthenticationEnabled": False,
    "Authorization": {
        "WebServiceRootUrl": "http://auth/",
        "TokenHttpHeaders": ["token", "Authorization"],
        "TokenGetArguments": ["token"],
        "UncheckedFolders": ["/app/"],
        "UncheckedResources": ["/x"],
    },
    "DicomWeb": {"Root": "/dicom-web/"},
}
_VERSIONS = ("0.11.4", "0.5.0", "0.6.1", "0.8.2", "0.9.2", "0.10.3", "0.11.1")
_ARCHIVE = Archive({"a": {"level": "patient", "dicom-uid": "P", "labels": ["x"], "parent": None}})
_SERVICE = Service(tokens={"t": {"name": "x", "permissions": ["all"], "authorized-labels": ["*"], "validity": 60}})
_MOST = 6


@cache
def _policy(version: str) -> Policy:
    roles = {"roles": {"a": {"permissions": ["view"], "authorized_labels": ["x"]}}}
    return Policy.from_configuration(_CONFIGURATION, plugin=version, permissions=roles)


@cache
def _server() -> OrthancServer:
    with folders.written({"orthanc.json": b'{"Authorization": {"WebServiceRootUrl": "http://auth/"}}'}) as folder:
        return load([folder], here=folder).servers[0]


def check(data: bytes) -> None:
    """What must hold for some requests."""
    lines = data.split(b"\n")
    number = next((int(line[1:2]) for line in lines if re.match(rb"@[0-6]", line)), 0)
    policy = _policy(_VERSIONS[number])
    headers = [
        (name, value.removesuffix(b"\r"))
        for line in lines
        if line[:1] == b":"
        for name, _, value in [line[1:].partition(b":")]
    ]
    for line in [line[1:] for line in lines if line[:1] == b">"][:_MOST]:
        method, _, target = line.partition(b" ")
        _sent(policy, method, target, headers)
    nginx = b"\n".join(line for line in lines if line[:1] not in (b">", b":", b"=", b"@"))
    routes = [line[1:].decode("utf-8", "surrogateescape") for line in lines if line[:1] == b"="][:_MOST]
    found = _proxies(nginx)
    for route in routes:
        _written(policy, route)
        _through(found, route)


def _sent(policy: Policy, method: bytes, target: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    as_text = [
        (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")) for name, value in headers
    ]
    seen = see(method, target, headers_of(headers))
    assert isinstance(seen, Stopped | Seen)
    if isinstance(seen, Seen):
        assert seen.method in ("GET", "POST", "PUT", "DELETE")
        assert seen.path.startswith("/")
    decisions = [
        policy.decide_request(method, target, headers, service=_SERVICE, archive=_ARCHIVE),
        policy.decide_request(
            method.decode("utf-8", "surrogateescape"),
            target.decode("utf-8", "surrogateescape"),
            as_text,
            service=_SERVICE,
            archive=_ARCHIVE,
        ),
        policy.decide_request(method, target, headers, service=_SERVICE, archive=_ARCHIVE, body=b"{}"),
    ]
    one, two, ended = decisions
    assert (one.effect, one.reason, one.status) == (two.effect, two.reason, two.status)
    assert one.explain() == two.explain()
    if not one and not one.conditions:
        assert not ended
    assert not {sign for sign in one.explain() if sign < " "} - {"\n"}


def _proxies(nginx: bytes) -> list[ReverseProxy]:
    server = _server()
    source = Source("nginx.conf", Kind.NGINX, text.parse(nginx))
    return list(proxies(source, lambda host, _port: (server if host == "orthanc" else None, None)))


def _through(found: list[ReverseProxy], route: str) -> None:
    plain = normalise(route)
    if plain is not None:
        assert plain.startswith("/")
        assert not re.search(r"//|/\.\.?(/|$)", plain) or "%" in route
    for proxy in found:
        routed = proxy.to_orthanc(route)
        assert [routed.path is not None, routed.answer is not None, routed.unknown != ""].count(True) == 1
        if routed.server is not None and routed.path is not None:
            routed.path.encode("utf-8", "surrogateescape")
        for public in proxy.to_public(_server(), route):
            assert proxy.to_orthanc(public, client_certificate=True).server is _server()
    if found and "://" in route:
        policy = Policy.from_configuration(_CONFIGURATION, plugin="0.11.4", proxy=Front(found, _server()))
        _written(policy, route)


def _written(policy: Policy, route: str) -> None:
    for token in (None, "a", ("a", "b"), route[:20]):
        try:
            decisions = [policy.decide(route, token), policy.decide(route, token)]
        except PolicyError as error:
            assert str(error)
            continue
        assert decisions[0].explain() == decisions[1].explain()
        assert not {sign for sign in decisions[0].explain() if sign < " "} - {"\n"}


_PIECES = (
    ">GET /", ">POST ", ">HEAD /", "=GET /", "=https://pacs.example.org/orthanc/", "=http://[::1]:8042/", ":token: t", "@3",
    ":x-http-method-override: DELETE", "_method=DELETE", "studies", "/dicom-web/", "series", "instances", "..", "/./", "%2e",
    "%2F", "%00", "%ff", "%", "?", "&", "=", "token=t", "+", "\\", "#", "*", "//", "%C3%A9", "\u00e9", "1.2.3", "/app/", "//x",
    "\r", "\t", " HTTP/1.1", "://", "@", ":99999", "?StudyInstanceUID=1.1", "/tools/create-archive?resources=a", "/wado?objectUID=1",
    *folders.LINES, "location / { proxy_pass http://orthanc:8042; }", "location /orthanc/ { proxy_pass http://orthanc:8042/; }",
    "rewrite /(.*) /$1 last;", "rewrite ^(.*)$ https://b$1 permanent;", "if ($request_method = POST) { return 403; }",
)  # fmt: skip


def _change(chance: random.Random, data: bytes) -> bytes:
    """Lines in, out, twice, elsewhere; pieces into a line."""
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(lines))
        piece = chance.choice(_PIECES).encode()
        match chance.randint(0, 4):
            case 0:
                lines.insert(at, piece)
            case 1 if len(lines) > 1:
                del lines[at]
            case 2:
                lines.insert(at, chance.choice(lines))
            case _:
                place = chance.randint(0, len(lines[at]))
                lines[at] = lines[at][:place] + piece + lines[at][place:]
    return b"\n".join(lines)


def _seeds() -> Iterator[bytes]:
    block = (
        "upstream u { server orthanc:8042; }\nserver {\nlisten 443 ssl;\nserver_name pacs.example.org;\n"
        "location /orthanc/ { proxy_pass http://u/; }\nlocation ~ ^/(x|y) { return 403; }\n"
        "location /ohif { rewrite ^/ohif(.*)$ /dicom-web$1 break; proxy_pass http://u; }\n}\n"
    )
    for piece in _PIECES:
        yield f"{block}={piece}\n=https://pacs.example.org/orthanc/{piece}\n=GET /studies/{piece}\n".encode()
        yield f"{piece}\n>GET /studies/{piece}/a\n>POST /{piece}\n:token: t{piece}\n:{piece}:x\n".encode()


TARGET = Target(check, _seeds, _PIECES, _change, longest=2000)
