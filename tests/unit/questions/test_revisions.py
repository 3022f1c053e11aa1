"""Revisions of git: read as they were, the repository untouched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from policy.errors import UsageError
from policy.questions.revisions import is_revision, laid_out

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "deploy" / "é x").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "deploy" / "orthanc.json").write_text('{"old": 1}', "utf-8")
    (folder / "deploy" / "é x" / "a.json").write_bytes(b"\r\n\x00\xff")
    (folder / "deploy" / "link.json").symlink_to("orthanc.json")
    (folder / "deploy" / "outside.json").symlink_to("/etc/hostname")
    (folder / ".gitattributes").write_text("deploy export-ignore\n", "utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    (folder / "deploy" / "orthanc.json").write_text('{"new": 1}', "utf-8")
    git(folder, "commit", "-q", "-a", "-m", "two")
    return folder


def test_a_tree_as_it_was(repository: Path) -> None:
    before = git(repository, "status", "--porcelain")
    with laid_out("HEAD~1:", repository) as (root, path):
        assert Path() == path
        assert '{"old": 1}' == (root / "deploy" / "orthanc.json").read_text("utf-8")
        assert b"\r\n\x00\xff" == (root / "deploy" / "é x" / "a.json").read_bytes()
        assert '{"old": 1}' == (root / "deploy" / "link.json").read_text("utf-8")
        assert not (root / "deploy" / "outside.json").exists()
    assert not root.exists()
    assert before == git(repository, "status", "--porcelain")


@pytest.mark.parametrize(
    ("text", "folder", "path"),
    [
        ("HEAD:deploy", ".", "deploy"),
        ("HEAD:deploy/orthanc.json", ".", "deploy/orthanc.json"),
        ("HEAD:./orthanc.json", "deploy", "deploy/orthanc.json"),
        ("HEAD:../deploy/", "deploy", "deploy"),
        ("main~1:deploy", "deploy", "deploy"),
    ],
)
def test_paths(text: str, folder: str, path: str, repository: Path) -> None:
    with laid_out(text, repository / folder) as (root, found):
        assert path == found.as_posix()
        assert (root / found).exists()


@pytest.mark.parametrize("text", ["nowhere:", "HEAD:missing", "HEAD:./../../x", "HEAD~9:deploy", "HEAD:deploy/orth"])
def test_what_is_not_there(text: str, repository: Path) -> None:
    with pytest.raises(UsageError), laid_out(text, repository):
        pass


def test_without_a_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError), laid_out("HEAD:", tmp_path):
        pass


def test_files_are_no_revisions(tmp_path: Path) -> None:
    (tmp_path / "a:b").write_text("", "utf-8")
    assert [False, True, False, False] == [is_revision(text, tmp_path) for text in ("a:b", "a:c", ":x", "--x:y")]
