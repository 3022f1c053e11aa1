"""Any log is refused with an error of ours, or replayed: every request is counted once, and no token is told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from policy import Policy
from policy.engine.loading import load
from policy.errors import PolicyError
from policy.questions import replay_logs
from policy.questions.replay import Replay, replay
from policy.questions.replay_tables import Request, Requests, engine

from .. import folders
from ..target import ROOT, Target

_SECRET = "s3cr3t"  # the value of every token in the logs
_NGINX = b"server { listen 80; location /orthanc/ { proxy_pass http://orthanc:8042/; } }"


@cache
def _policies() -> tuple[Policy, ...]:
    """Behind no reverse proxy that is known, and behind one."""
    good = ROOT / "tests" / "properties" / "good"
    parts = {name: (good / name).read_bytes() for name in ("orthanc.jsonc", "permissions.json")}
    with folders.written(parts) as alone, folders.written(parts | {"nginx.conf": _NGINX}) as behind:
        return load(alone), load(behind)


def check(data: bytes) -> None:
    """What must hold for one log."""
    with folders.written({"nginx.conf": data}) as folder:
        try:
            grouped, single = _requests(folder)
        except PolicyError as error:
            assert str(error)
            return
    assert sum(one.count for one in grouped) == sum(one.count for one in single)
    assert sum(one.distinct for one in grouped) == len(single)
    for policy in _policies():
        told = replay(policy, grouped)
        assert told.requests == sum(told.happened.values()) == sum(row.requests for row in told.rows)
        assert _SECRET not in _text(told)
        shown = replay(policy, single, identifiers=True)
        assert shown.requests == told.requests
        assert f"token={_SECRET}" not in _text(shown)


def _requests(folder: Path) -> tuple[list[Request], list[Request]]:
    with engine("duckdb") as connection:
        source = Requests(connection, replay_logs.read([folder / "nginx.conf"], folder))
        return source.grouped(), source.single()


def _text(told: Replay) -> str:
    rows: list[Any] = [(row.route, row.who) for row in told.rows]
    return repr(rows)


_LINES = (
    '127.0.0.1 - - [24/Nov/2026:15:31:45 +0000] "GET /orthanc/studies/a?token=s3cr3t HTTP/1.1" 200 5 "-" "x"',
    '127.0.0.1 - doctor-role [24/Nov/2026:15:31:45 +0000] "POST /orthanc/tools/find HTTP/1.1" 403 0 "-" "x"',
    '127.0.0.1 - - [24/Nov/2026:15:31:45 +0000] "GET ]x HTTP/1.1" 400 0 "-" "x"',
    "I1124 15:31:42.370780 HTTP-1 HttpServer.cpp:1] (http) GET /studies/9ea8526e-5bb99baf-2ed0ba21-b91ce6c5-52a6ae05",
    "I1124 15:31:42.370780 HTTP-1 AuthorizationPlugin.cpp:2] authorization: required permissions x -> granted to user 'y'",
    "I1124 15:31:42.370780 HTTP-2 HttpServer.cpp:1] (http) DELETE /patients/1",
    "W1124 15:31:42.370780 HTTP-2 X.cpp:2] Testing whether anonymous user has any of the required permissions -> not granted",
    'INFO:root:validating token: {"uri": "/system", "level": "system", "method": "get", "token-value": "s3cr3t"}',
    'INFO:root:validate token: {"granted": true, "validity": 60}',
)


def _change(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    match chance.randint(0, 3):
        case 0:
            lines.insert(at, chance.choice(_LINES).encode())
        case 1:
            lines[at] = b" ".join(chance.sample(lines[at].split(b" "), lines[at].count(b" ") + 1))
        case 2 if len(lines) > 1:
            del lines[at]
        case _:
            lines.insert(at, chance.choice(lines))
    return b"\n".join(lines)


def _seeds() -> Iterator[bytes]:
    for path in sorted((ROOT / "samples" / "logs").glob("*.log")):
        lines = path.read_bytes().split(b"\n")
        for start in range(0, min(len(lines), 60), 12):
            yield b"\n".join(lines[start : start + 12])
    yield "\n".join(_LINES[:3]).encode()
    yield "\n".join(_LINES[3:7]).encode()
    yield "\n".join(_LINES[7:]).encode()
    yield b""


TARGET = Target(
    check, _seeds, ('"', "] ", "(http) ", "GET /", "//", "?token=s3cr3t", "%", "[::1", "HTTP/1.1", " 200 "), _change
)
