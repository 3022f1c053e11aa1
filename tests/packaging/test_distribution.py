"""Wheel and source archive: the same bytes each time, and nothing in them that does not belong there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from importlib import util
from pathlib import Path

import pytest

from policy._version import __version__
from policy.knowledge import plugin
from policy.questions.schemas import NAMES
from tests.parts import needed

TOP = Path(__file__).parents[2]
INFO = f"policy_lint-{__version__}.dist-info"
DATA = f"policy_lint-{__version__}.data/data/share/man/man1"
IN_WHEEL = (
    r"policy/(?:[a-z_0-9]+/)*[A-Za-z_0-9]+\.py",
    r"policy/py\.typed",
    r"policy/knowledge/data/[a-z-]+\.json",
    r"policy/(?:patterns/boost|text/grammar)\.(?:json|lark)",
    r"policy/(?:export|report)/(?:[a-z_]+/)*[a-z_.-]+\.(?:css|html|j2|js|json|rego|md|txt|svg)",
    r"policy/schemas/(?:README\.md|[a-z-]+[0-9.-]*\.schema\.json)",
    re.escape(INFO) + r"/(?:METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)",
    re.escape(DATA) + r"/policy[a-z-]*\.1",
)
UNWANTED = re.compile(
    r"__pycache__|\.pyc$|\.egg-info|node_modules|/\.git/|\.venv|\.cache|\.hypothesis|\.log\.|~$|\.orig$"
)
LARGEST_WHEEL = 2_000_000
LARGEST_ARCHIVE = 4_000_000


def build(source: Path, out: Path, *what: str, **variables: str) -> dict[str, Path]:
    """Wheel and source archive of a folder, by their endings."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "PYTHONDONTWRITEBYTECODE": "1"} | variables
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out), *what]
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return {file.suffix: file for file in out.iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    needed("hatchling", there=util.find_spec("hatchling") is not None)
    return build(TOP, tmp_path_factory.mktemp("first"))


def names(archive: Path) -> list[str]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.namelist()
    with tarfile.open(archive) as source:
        return source.getnames()


def test_two_builds_are_the_same_bytes(built: dict[str, Path], tmp_path: Path):
    other = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7", "HOME": str(tmp_path)}
    again = build(TOP, tmp_path / "second", **other)
    assert {suffix: file.read_bytes() for suffix, file in built.items()} == {
        suffix: file.read_bytes() for suffix, file in again.items()
    }


def test_the_archive_makes_the_same_wheel(built: dict[str, Path], tmp_path: Path):
    with tarfile.open(built[".gz"]) as source:
        source.extractall(tmp_path, filter="data")
    again = build(tmp_path / f"policy_lint-{__version__}", tmp_path / "out", "-t", "wheel")
    assert built[".whl"].read_bytes() == again[".whl"].read_bytes()


def test_the_wheel_holds_what_it_must_and_no_more(built: dict[str, Path]):
    held = names(built[".whl"])
    assert [] == [name for name in held if not any(re.fullmatch(pattern, name) for pattern in IN_WHEEL)]
    there = {file.relative_to(TOP).as_posix() for file in (TOP / "policy").rglob("*.py")}
    assert there == {name for name in held if name.endswith(".py")}
    assert {f"policy/schemas/{name}.schema.json" for name in NAMES} <= set(held)
    assert {f"{DATA}/{page.name}" for page in (TOP / "man").iterdir()} == {name for name in held if name.endswith(".1")}
    assert built[".whl"].stat().st_size < LARGEST_WHEEL


def test_the_archive_holds_what_it_must_and_no_more(built: dict[str, Path]):
    held = names(built[".gz"])
    assert [] == [name for name in held if UNWANTED.search(name)]
    inside = {name.split("/")[1] for name in held if "/" in name}
    asked = re.search(r"^include = \[(.*?)\]", (TOP / "pyproject.toml").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert asked is not None
    included = set(re.findall(r'"([^"]+)"', asked[1]))
    assert included | {"PKG-INFO", "pyproject.toml", ".gitignore"} == inside
    assert built[".gz"].stat().st_size < LARGEST_ARCHIVE


def test_nothing_of_this_machine_is_inside(built: dict[str, Path]):
    here = str(TOP).encode()
    with zipfile.ZipFile(built[".whl"]) as wheel:
        assert [] == [name for name in wheel.namelist() if here in wheel.read(name)]


def test_what_it_says_of_itself(built: dict[str, Path]):
    with zipfile.ZipFile(built[".whl"]) as wheel:
        told = message_from_string(wheel.read(f"{INFO}/METADATA").decode())
        points = wheel.read(f"{INFO}/entry_points.txt").decode()
    assert ("policy-lint", __version__, ">=3.11", "MIT") == tuple(
        told[key] for key in ("Name", "Version", "Requires-Python", "License-Expression")
    )
    assert {"all", "jwt", "lsp", "replay"} <= set(told.get_all("Provides-Extra"))
    extras = {"jwt", "lsp", "replay"}
    required = [line.partition("; ") for line in told.get_all("Requires-Dist")]
    of = {extra: {what for what, _, when in required if f"extra == '{extra}'" in when} for extra in (*extras, "all")}
    assert of["all"] == set().union(*(of[extra] for extra in extras))
    assert {"policy = policy.commands.main:toolkit", "policy-lint = policy.commands.main:lint"} <= set(
        points.splitlines()
    )
    assert plugin.newest().version  # the tables are read from inside the package
