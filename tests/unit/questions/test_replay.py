"""Replays: what logs tell, what the policy answers to it, and what never appears in a report."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("ibis.backends.duckdb")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

from policy.commands.main import toolkit  # noqa: E402
from policy.engine import Policy  # noqa: E402
from policy.engine.loading import load  # noqa: E402
from policy.errors import PolicyError  # noqa: E402
from policy.questions.replay import Gate, Replay, Verdict, replay, route_name  # noqa: E402
from policy.questions.replay_kinds import language, uneven  # noqa: E402
from policy.questions.replay_logs import read  # noqa: E402
from policy.questions.replay_tables import Request, Requests, engine  # noqa: E402

TOP = Path(__file__).parents[3]
LOGS = TOP / "samples" / "logs"
RECORDED = json.loads((LOGS / "configuration.json").read_text("utf-8"))
STUDY = "b6589fc6-ab0dc82c-f12099d1-c2d40ab9-94e8410c"
OTHER = "06d643a1-e154382d-aafc1b39-a940d6df-7b2ccebc"


def recorded(**section: object) -> Policy:
    """The policy under which the samples were recorded, its senders as roles."""
    configuration = json.loads(json.dumps(RECORDED["configuration"]))
    configuration["Authorization"] |= section
    roles = {
        name: {"permissions": one["permissions"], "authorized-labels": one["authorized-labels"]}
        for name, one in RECORDED["tokens"].items()
    }
    anonymous = {**RECORDED["anonymous"], "user-id": None}
    return Policy.from_configuration(
        configuration, plugin="0.11.4", permissions={"roles": roles, "available-labels": []}, anonymous=anonymous
    )


@pytest.fixture(scope="module")
def connection():
    with engine("duckdb") as found:
        yield found


@pytest.fixture
def of(connection, tmp_path: Path):
    def make(*paths: Path) -> Requests:
        folder = tmp_path / "tables"
        folder.mkdir()
        return Requests(connection, read(paths, folder))

    return make


def nginx(method: str, target: str, status: int, user: str = "-") -> str:
    return f'10.0.0.1 - {user} [24/Nov/2026:15:31:45 +0000] "{method} {target} HTTP/1.1" {status} 5 "-" "curl"'


def request(method: str, target: str, happened: str, **more: object) -> Request:
    values = {"kind": "nginx", "masked": target, "level": "", "user": None, "anonymous": False, "count": 1} | more
    return Request(method=method, target=target, happened=happened, **values)


# -- logs --


def packed(path: Path, form: str) -> Path:
    data = path.read_bytes()
    target = path.with_name(f"{path.name}.{form}")
    if form == "gz":
        target.write_bytes(gzip.compress(data))
    else:
        zstandard = pytest.importorskip("zstandard")
        half = data.index(b"\n", len(data) // 2) + 1
        packer = zstandard.ZstdCompressor()
        target.write_bytes(packer.compress(data[:half]) + packer.compress(data[half:]))
    return target


@pytest.mark.parametrize("form", ["plain", "gz", "zst"])
def test_nginx(form: str, of, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    lines = [
        nginx("GET", f"/orthanc/studies/{STUDY}?token=secret", 200),
        nginx("GET", f"/orthanc/studies/{STUDY}?token=secret", 200),
        f"nginx-1  | {nginx('DELETE', '/orthanc/studies/caf%C3%A9', 403, 'anna')}",
        nginx("GET", "/orthanc/system", 502),
        "not a line of it",
        nginx("GET", "/orthanc/nowhere", 404) + "\r",
    ]
    log.write_bytes("\n".join(lines).encode())
    found = of(log if form == "plain" else packed(log, form)).single()
    assert [
        ("DELETE", "/orthanc/studies/caf%C3%A9", "anna", "refused", 1),
        ("GET", "/orthanc/nowhere", None, "permitted", 1),
        ("GET", f"/orthanc/studies/{STUDY}?token=secret", None, "permitted", 2),
        ("GET", "/orthanc/system", None, "unknown", 1),
    ] == [(one.method, one.target, one.user, one.happened, one.count) for one in found]
    assert "/orthanc/studies/~o~?token=secret" in {one.masked for one in found}


def test_orthanc_with_threads_that_interleave(of, tmp_path: Path) -> None:
    log = tmp_path / "orthanc.log"

    def line(thread: str, text: str, source: str = "ElapsedTimer.cpp:102") -> str:
        return f"I1124 15:31:45.268543 {thread:>15} {source}] {text}"

    asks = "Testing whether user has the required permissions 'all|view' based on the HTTP header 'token'"
    needs = "Testing whether anonymous user has any of the required permissions 'all' required to match '^/x$'"
    plugin = "authorization:/Plugin.cpp:584"
    log.write_text(
        "\n".join(
            [
                line("HTTP-0", "(http) GET /studies/a b"),
                line("HTTP-1", "(http) DELETE /x"),
                line("HTTP-0", f"{asks} -> granted to user 'anna'", plugin),
                line("HTTP-1", f"{needs} -> not granted", plugin),
                line("HTTP-0", "Testing whether user has the authorized_labels to access '/x' -> not granted", plugin),
                line("HTTP-0", "(http) GET /studies/a b (elapsed: 5 us)"),
                line("HTTP-1", "(http) DELETE /x (elapsed: 5 us)"),
                line("HTTP-1", "(http) GET /quiet"),
                line("HTTP-0", "(http) GET /shared"),
                line("HTTP-0", f"{asks} -> not granted", plugin),
                line("HTTP-0", 'access to study "1" is allowed with a resource token -> granted', plugin),
            ]
        ),
        "utf-8",
    )
    assert [
        ("DELETE", "/x", None, True, "refused"),
        ("GET", "/quiet", None, False, "unknown"),
        ("GET", "/shared", None, False, "permitted"),
        ("GET", "/studies/a b", "anna", False, "refused"),
    ] == [(one.method, one.target, one.user, one.anonymous, one.happened) for one in of(log).single()]


def test_the_auth_service(of, tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    asked = (
        'INFO:root:validating token: {"dicom_uid":"1.2","orthanc_id":"x","token_key":"api-key","token_value":"top-secret",'
        '"server_id":null,"level":"study","method":"get","uri":null}'
    )
    log.write_text(
        "\n".join(
            [
                asked,
                "WARNING:root:Token Validation: failed to decode token",
                'INFO:root:validate token: {"granted":false,"validity":60}',
                asked.replace('"level":"study"', '"level":"system"').replace('"uri":null', '"uri":"/statistics"'),
                'INFO:root:validate token: {"granted":true,"validity":60}',
            ]
        ),
        "utf-8",
    )
    found = of(log).single()
    assert [("GET", "", "study", "refused"), ("GET", "/statistics", "system", "permitted")] == [
        (one.method, one.target, one.level, one.happened) for one in found
    ]
    assert "top-secret" not in repr(found)
    told = replay(recorded(), found)
    assert 1 == told.counts[Verdict.UNKNOWN]


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    for content in (b"hello\nworld\n", b"\x28\xb5\x2f\xfdnonsense", b"\x1f\x8bnonsense"):
        log.write_bytes(content)
        with pytest.raises(PolicyError):
            read([log], tmp_path)
    with pytest.raises(PolicyError):
        read([tmp_path / "absent.log"], tmp_path)


# -- the recorded server --


@pytest.mark.parametrize(("log", "told"), [("nginx-access.log", 374), ("orthanc-verbose.log", 210)])
def test_the_recorded_server_answered_as_its_policy_says(log: str, told: int, of) -> None:
    found = replay(recorded(), of(LOGS / log).single())
    assert {Verdict.SAME: told} == {
        verdict: count
        for verdict, count in found.counts.items()
        if count and verdict not in (Verdict.UNKNOWN, Verdict.ELSEWHERE, Verdict.LABELS)
    }


@pytest.mark.parametrize("log", ["nginx-access.log", "orthanc-verbose.log"])
def test_one_request_stands_for_all_of_its_kind(log: str, of) -> None:
    source = of(LOGS / log)
    policy = recorded(UncheckedFolders=["/series/33a5389e"], Permissions=[["get", "^/studies/[0-8a-f].*$", "view"]])
    grouped = source.grouped()
    # Everything is looked at here, however seldom it is.
    heavy = [Request(**{**values(one), "distinct": 100}) for one in grouped]
    apart = uneven([policy], heavy, Gate.of(policy, grouped, None))
    kind = grouped[0].kind
    prefix = "/orthanc" if kind == "nginx" else ""
    assert f"{prefix}/series/~o~" in apart[kind]
    assert f"{prefix}/studies/~o~" in apart[kind]
    assert f"{prefix}/instances/~o~" not in apart[kind]
    alike = [one for one in grouped if one.masked not in apart[kind]]
    short, long = replay(policy, alike + source.single(apart)), replay(policy, source.single())
    assert {row: row.requests for row in long.rows} == {row: row.requests for row in short.rows}
    assert short.counts == long.counts


def values(one: Request) -> dict[str, object]:
    return {name: getattr(one, name) for name in Request.__match_args__}


def test_languages_of_kinds() -> None:
    assert language("/a.b/~o~/~u~").matches(f"/a.b/{STUDY}/1.2.3")
    assert not language("/a.b/~o~").matches(f"/aXb/{STUDY}")


# -- verdicts --


def rows(told: Replay) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {row.route: (row.verdict.value, row.who) for row in told.rows}


def test_named_senders_lose_and_gain() -> None:
    policy = recorded(Permissions=[["get", "^/statistics$", "all|view"], ["delete", "^/studies/.*$", "upload"]])
    told = replay(
        policy,
        [
            request("GET", "/statistics", "permitted", user="doctor"),
            request("GET", "/plugins", "permitted", user="anna"),
            request("DELETE", f"/studies/{STUDY}", "refused", user="bert"),
            request("GET", f"/studies/{STUDY}", "refused", anonymous=True),
        ],
        users={"anna": ["doctor", "uploader"], "bert": ["uploader"]},
    )
    assert {
        "GET /statistics": ("same", ()),
        "GET /plugins": ("loses", ("doctor+uploader",)),
        "DELETE /studies/{…}": ("gains", ("uploader",)),
        "GET /studies/{…}": ("same", ()),
    } == rows(told)


def test_the_policy_before_tells_who_was_meant() -> None:
    before = recorded(Permissions=[["get", "^/plugins$", "view|upload"]])
    after = recorded(Permissions=[["get", "^/plugins$", "upload"]])
    asked = [request("GET", "/plugins", "permitted")]
    assert {"GET /plugins": ("same", ())} == rows(replay(after, asked))
    told = rows(replay(after, asked, before=before))
    assert {"GET /plugins": ("may-lose", ("doctor", "external", "internal", "labelless", "patient"))} == told
    refused = replay(before, [request("GET", "/plugins", "refused")], before=recorded(Permissions=[]))
    gained = ("doctor", "external", "internal", "labelless", "uploader", "patient")
    assert {"GET /plugins": ("may-gain", gained)} == rows(refused)


def test_a_request_that_nobody_may_send_is_lost_for_certain() -> None:
    told = replay(recorded(Permissions=[]), [request("GET", "/plugins", "permitted", count=7)])
    assert 7 == told.counts[Verdict.LOSES]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (f"/studies/{STUDY}/archive?x=1", "/studies/{…}/archive"),
        ("/modalities/WARD-7/echo", "/modalities/{…}/echo"),
        ("/dicom-web/studies/1.2.3/series?PatientName=Doe", "/dicom-web/studies/{…}/series"),
        ("/", "/"),
    ],
)
def test_routes_are_shown_without_identifiers(target: str, name: str) -> None:
    assert name == route_name(target)


# -- the command --


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    folder.mkdir()
    configuration = json.loads(json.dumps(RECORDED["configuration"]))
    configuration["Authorization"]["Permissions"] = [["get", "^/statistics$", "all|view"]]
    (folder / "orthanc.json").write_text(json.dumps(configuration), "utf-8")
    roles = {"doctor": {"permissions": ["view"], "authorized-labels": ["*"]}}
    (folder / "permissions.json").write_text(json.dumps({"roles": roles}), "utf-8")
    (tmp_path / "access.log").write_text(
        "\n".join(
            [
                nginx("GET", f"/orthanc/patients/{OTHER}?token=top-secret", 200, "anna"),
                nginx("GET", "/orthanc/statistics", 200, "anna"),
                nginx("GET", "/orthanc/dicom-web/studies/1.2.840.99/metadata?PatientName=Doe", 200, "bert"),
            ]
        ),
        "utf-8",
    )
    return folder


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(toolkit, ["replay", *map(str, words), "--plugin-version", "0.11.4"])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    "query", ["?a=1?token=top-secret", "?%74oken=top-secret", "?a=1;Token=top-secret", "/token=top-secret"]
)
def test_a_token_in_an_odd_place_is_not_told(case: Path, tmp_path: Path, query: str) -> None:
    log = tmp_path / "odd.log"
    log.write_text(nginx("GET", f"/orthanc/patients/{OTHER}{query}", 200, "anna"), "utf-8")
    for more in ((), ("--identifiers",)):
        code, told = run(log, case, "--format", "json", *more)
        assert (1, 1) == (code, json.loads(told)["requests"])
        assert "top-secret" not in told


def test_the_command_tells_no_identifiers_and_no_tokens(case: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    code, text = run(log, case)
    assert (1, True) == (code, "GET /patients/{…}: anonymous, doctor" in text)
    for word in ("top-secret", "anna", "bert", OTHER, "1.2.840.99", "Doe"):
        assert word not in text
    code, text = run(log, case, "--identifiers", "--format", "json")
    assert OTHER in text
    assert "top-secret" not in text
    assert 3 == json.loads(text)["requests"]
    assert (0, True) == ((done := run(log, case, "--prefix", "/other/"))[0], "answered by the reverse proxy" in done[1])
    assert 2 == run(tmp_path / "absent.log", case)[0]
    assert 2 == run(case)[0]


@pytest.mark.skipif(
    "POLICY_TEST_SPARK" not in os.environ or shutil.which("java") is None or find_spec("pyspark") is None,
    reason="Spark is run on demand: it takes a minute, Java and pyspark; set POLICY_TEST_SPARK",
)
def test_spark_computes_the_same(tmp_path: Path) -> None:
    """In a process of its own, which Spark ends with."""
    code = """
import sys, tempfile
from pathlib import Path
from policy.questions.replay_logs import read
from policy.questions.replay_tables import Requests, engine
found = []
for backend in ("duckdb", "spark"):
    with engine(backend) as connection, tempfile.TemporaryDirectory() as folder:
        source = Requests(connection, read([Path(path) for path in sys.argv[1:]], Path(folder)))
        found.append((source.grouped(), source.single({"nginx": ["/orthanc/studies/~o~"]})))
assert found[0] == found[1], found
assert len(found[0][0]) > 100
print("same")
"""
    logs = [str(LOGS / name) for name in ("nginx-access.log", "orthanc-verbose.log")]
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    done = subprocess.run(
        [sys.executable, "-c", code, *logs], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (0, "same") == (done.returncode, done.stdout.strip()), done.stderr[-2000:]


def test_what_is_no_path_never_comes_through_a_proxy(tmp_path: Path) -> None:
    """Scanners send such requests; nginx writes them down as they came."""
    (tmp_path / "orthanc.json").write_text('{"Authorization": {"WebServiceRootUrl": "http://auth/"}}')
    (tmp_path / "permissions.json").write_text(
        '{"roles": {"a": {"permissions": ["view"], "authorized_labels": ["*"]}}}'
    )
    (tmp_path / "nginx.conf").write_text("server { location / { proxy_pass http://orthanc:8042/; } }")
    requests = [request("GET", target, "refused") for target in ("]x", "http://[/", "*", "\\x16\\x03")]
    told = replay(load(tmp_path), requests)
    assert len(requests) == told.counts[Verdict.ELSEWHERE]
