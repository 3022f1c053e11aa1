"""Nothing leaves the machine, nothing in a file is run, and no link leads the programs out of the folder they are given."""

from __future__ import annotations

import builtins
import io
import os
import pickle
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy import text
from policy.configuration.loading import load
from policy.errors import PolicyError

from .everything import call, commands, linted, reports

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "forum-thread"


# -- no network --------------------------------------------------------------------------------------------------------


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every way to a network refuses and is noted."""
    tried: list[str] = []

    def refuse(*arguments: object, **_: object) -> object:
        tried.append(repr(arguments[1:2]))
        raise AssertionError("a connection was tried")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    return tried


def test_no_command_speaks_to_a_network(offline: list[str], tmp_path: Path) -> None:
    for file in ("orthanc.jsonc", "permissions.json", "anonymous-profile.json", "docker-compose.yml"):
        shutil.copy(SAMPLE / file, tmp_path / file)
    # Addresses that somebody could be tempted to ask.
    (tmp_path / "schema.json").write_text(
        '{"$schema": "http://127.0.0.1:9/schema", "$ref": "http://127.0.0.1:9/x", "Authorization": '
        '{"WebServiceRootUrl": "http://127.0.0.1:9/"}}'
    )
    outputs = [*reports(linted(tmp_path)), *commands(tmp_path)]
    assert [] == [output for output in outputs if output.exit_code not in (0, 1, 2)]
    assert offline == []


def test_no_module_of_the_network_is_imported() -> None:
    code = (
        "import sys\nfrom policy.commands.main import lint\ntry:\n    lint()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'socket', 'ssl', 'http.client', 'urllib.request', 'asyncio', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(SAMPLE), "-q", "-o", os.devnull],
        capture_output=True, cwd=ROOT, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.decode().strip() == "[]"


# -- no code -----------------------------------------------------------------------------------------------------------

FILES = {
    "tags.yml": 'services:\n  orthanc:\n    image: !!python/object/apply:os.system ["touch {mark}"]\n'
    '    environment: {{ORTHANC__NAEM: !!python/object/new:os.system ["touch {mark}"]}}\n'
    "    command: !!python/name:os.system\n    labels: !!python/module:antigravity\n",
    "constructors.yml": "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0\n"
    '    environment: !!python/object/apply:subprocess.Popen [["touch", "{mark}"]]\n',
    "orthanc.json": '{{"Authorization": {{"WebServiceRootUrl": "$(touch {mark})", "Permissions": '
    '[["get", "{{{{ cycler.__init__.__globals__.os.popen(\'touch {mark}\') }}}}", "`touch {mark}`"]]}}}}',
    ".env": "A=$(touch {mark})\nB=`touch {mark}`\nC=${{A:-$(touch {mark})}}\n",
    "permissions.json": '{{"roles": {{"__import__(\\"os\\").system(\\"touch {mark}\\")": {{"permissions": ["view"], '
    '"authorized_labels": ["__class__"]}}}}}}',
    "a.test.json5": "{{version: 1, tests: [{{name: '{{{{7*7}}}}', route: '/x; touch {mark}', as: '$(touch {mark})'}}]}}",
}


class Touch:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.system, (f"touch {self.mark}",)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    folder, mark = tmp_path / "deployment", tmp_path / "mark"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content.format(mark=mark))
    (folder / "pickled.json").write_bytes(pickle.dumps(Touch(mark)))
    (folder / ".policy-lint.toml").write_text(f'ignore = ["$(touch {mark})"]\n')
    (folder / "conftest.py").write_text(f"open({str(mark)!r}, 'w')\n")
    (folder / "policy.py").write_text(f"open({str(mark)!r}, 'w')\n")
    outputs = [*commands(folder)]
    (folder / ".policy-lint.toml").unlink()
    outputs += [*commands(folder), *reports(linted(folder))]
    assert [] == [output for output in outputs if output.exit_code not in (0, 1, 2)]
    assert not mark.exists()


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!binary", "!include", "!!set", "!<tag:x>", "!"])
def test_a_tag_makes_no_object(tag: str) -> None:
    root = text.parse_yaml(f"a: {tag} [x]\nb: {tag} {{c: 1}}\nd: {tag} x\n").root
    assert root is None or _types(root.python()) <= {dict, list, str, int, float, bool, type(None)}


def _types(value: object) -> set[type]:
    found = {type(value)}
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found |= _types(item)
    return found


# -- no way out --------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are opened, by their real names."""
    seen: list[str] = []

    def noting(original):
        def call(file, *arguments, **options):
            if isinstance(file, str | os.PathLike):
                seen.append(os.path.realpath(os.fsdecode(file)))
            return original(file, *arguments, **options)

        return call

    for module in (builtins, io):
        monkeypatch.setattr(module, "open", noting(open))
    monkeypatch.setattr(os, "open", noting(os.open))
    return seen


OUTSIDE = '{"Authorization": {"Enabled": "yes", "OutsideKey": 1}}'
COMPOSE = """include: [../outside/compose.yml, /{outside}/compose.yml]
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    extends: {{file: ../outside/compose.yml, service: orthanc}}
    env_file: [../outside/.env, "{outside}/.env", link/.env, "~/.env"]
    volumes:
      - ../outside/orthanc.json:/etc/orthanc/a.json
      - {outside}/orthanc.json:/etc/orthanc/b.json
      - ./link/orthanc.json:/etc/orthanc/c.json
      - ./file.json:/etc/orthanc/d.json
      - ./inside/../../outside/orthanc.json:/etc/orthanc/e.json
    configs: [{{source: c, target: /etc/orthanc/f.json}}]
    secrets: [ORTHANC__REGISTERED_USERS]
configs:
  c: {{file: ../outside/orthanc.json}}
secrets:
  ORTHANC__REGISTERED_USERS: {{file: ../outside/secret}}
"""


@pytest.fixture
def tempting(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A folder full of ways out, and the one outside."""
    outside, folder = tmp_path / "outside", tmp_path / "deployment"
    for place in (outside, folder, folder / "inside"):
        place.mkdir()
    (outside / "orthanc.json").write_text(OUTSIDE)
    (outside / "compose.yml").write_text("services: {orthanc: {image: 'outside:1', environment: {OutsideKey: 1}}}\n")
    (outside / ".env").write_text("OutsideKey=1\n")
    (outside / "secret").write_text('{"OutsideKey": "x"}')
    (outside / "nginx.conf").write_text("server { listen 80; server_name OutsideKey; location / { return 200; } }")
    (folder / "docker-compose.yml").write_text(COMPOSE.format(outside=outside))
    (folder / "link").symlink_to(outside)
    (folder / "file.json").symlink_to(outside / "orthanc.json")
    (folder / "chain.json").symlink_to(folder / "file.json")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "up").symlink_to(folder.parent)
    (folder / "self").symlink_to(folder)
    (folder / "nginx.conf").write_text(
        f"include {outside}/*.conf; include ../outside/nginx.conf;\nserver {{ listen 80; location / {{ return 200; }} }}\n"
    )
    return folder, outside


def test_links_and_paths_are_not_followed_out(tempting: tuple[Path, Path], opened: list[str]) -> None:
    folder, outside = tempting
    outputs = [*reports(linted(folder)), *commands(folder)]
    assert any(name.startswith(str(folder)) for name in opened), "else the test sees nothing"
    assert [] == [name for name in opened if name.startswith(str(outside))]
    assert [] == [output.call for output in outputs if "OutsideKey" in output.text]
    assert [] == [output for output in outputs if output.exit_code not in (0, 1, 2)]


def test_a_named_link_is_read(tempting: tuple[Path, Path]) -> None:
    """Whoever names a link wants what it leads to."""
    folder, _ = tempting
    assert len(load([folder / "file.json"]).sources) == 1


def test_special_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "ok.json").write_text(OUTSIDE)
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    assert [source.path for source in load([tmp_path], here=tmp_path).sources] == ["ok.json"]
    for name in ("pipe.json", "zero.json"):
        with pytest.raises(PolicyError, match="no regular file"):
            load([tmp_path / name])


def test_an_output_replaces_only_what_is_named(tempting: tuple[Path, Path]) -> None:
    from policy.commands.main import lint

    folder, outside = tempting
    before = {path.name: path.read_bytes() for path in outside.iterdir()}
    call(lint, str(folder), "-o", str(folder / "report.txt"))
    assert before == {path.name: path.read_bytes() for path in outside.iterdir()}
    assert (folder / "report.txt").read_bytes() != b""
