"""The hook, run by pre-commit itself on a repository made here."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PACKAGED = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    ".pre-commit-hooks.yaml",
    "policy",
    "schemas",
    "man",
)
GOOD_ROLES = '{"roles": {"admin-role": {"permissions": ["all"], "authorized-labels": ["*"]}}, "available-labels": []}\n'


def hook() -> dict[str, object]:
    [only] = YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return only


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("orthanc.json", True),
        ("orthanc.jsonc", True),
        ("deploy/orthanc-a.json", True),
        ("orthanc_auth.jsonc", True),
        ("permissions.json", True),
        ("auth/permissions.prod.jsonc", True),
        ("anonymous-profile.json", True),
        ("anonymous-profile-demo.json", True),
        ("docker-compose.yml", True),
        ("docker-compose.override.yaml", True),
        ("compose.yaml", True),
        ("a/compose-dev.yml", True),
        ("package.json", False),
        ("tsconfig.json", False),
        ("my-orthanc.json", False),
        ("orthanc/readme.md", False),
        ("orthanc/package.json", False),
        ("orthanc.json.j2", False),
        ("orthanc.py", False),
        ("permissionsets.json", False),
        ("composer.yml", False),
        ("composer.json", False),
        ("compose.yml.bak", False),
        ("anonymous-profiles/x.json", False),
        (".github/workflows/test.yml", False),
    ],
)
def test_the_files_that_the_hook_takes(path, expected):
    assert expected == (re.search(str(hook()["files"]), path) is not None)


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    return folder


def test_pre_commit_runs_it(tmp_path):
    if shutil.which("git") is None or importlib.util.find_spec("pre_commit") is None:
        assert not os.environ.get("POLICY_TESTS_REQUIRE_ALL"), "git and pre-commit are needed"
        pytest.skip("git or pre-commit is not installed")
    project = repository(tmp_path / "project")
    for name in PACKAGED:
        here = ROOT / name
        if here.is_dir():
            shutil.copytree(here, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif here.exists():
            shutil.copy(here, project / name)
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "all of it")

    work = repository(tmp_path / "work")
    (work / "auth").mkdir()
    (work / "auth" / "permissions.json").write_text(GOOD_ROLES)
    (work / "package.json").write_text("{ this is not looked at")
    git(work, "add", "-A")
    bad = 'this is {"no": "file of a deployment"'

    def run() -> tuple[int, str]:
        environment = os.environ | {
            "PRE_COMMIT_HOME": str(tmp_path / "home"),
            "PRE_COMMIT_COLOR": "never",
            "VIRTUALENV_OVERRIDE_APP_DATA": str(tmp_path / "app-data"),
        }
        command = [
            sys.executable,
            "-m",
            "pre_commit",
            "try-repo",
            str(project),
            "policy-lint",
            "--all-files",
            "--verbose",
        ]
        done = subprocess.run(
            command, cwd=work, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300
        )
        return done.returncode, done.stdout

    code, told = run()
    if "No matching distribution found" in told and not os.environ.get("POLICY_TESTS_REQUIRE_ALL"):
        pytest.skip("the package index is out of reach")
    assert (0, True) == (code, "Passed" in told), told
    assert "1 file." in told, told

    (work / "auth" / "permissions.json").write_text(bad)
    git(work, "add", "-A")
    code, told = run()
    assert (1, True) == (code, "Failed" in told), told
    assert "auth/permissions.json" in told
    assert "package.json" not in told
    assert "Traceback" not in told
