"""What the pages of docs/ and the README tell people to type is typed here, on a sample; the Python they show is run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from policy.commands.main import lint, toolkit

TOP = Path(__file__).parents[2]
SAMPLE = TOP / "samples" / "forum-thread-tests"
PAGES = [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]
PROGRAMS = {"policy-lint": lint, "policy": toolkit}
WORDS = {
    "FOLDER": ["deploy"],
    "FILES": ["orthanc.jsonc", "permissions.json"],
    "RULE": ["anonymous-star"],
}
"""What stands for the reader's own files and choices."""


def blocks(language: str) -> list[tuple[str, str]]:
    """The code blocks of the pages, each with the name of its page."""
    return [
        (page.name, match[1])
        for page in PAGES
        for match in re.finditer(rf"^```(?:{language})\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    ]


def lines() -> list[tuple[str, str]]:
    """The lines that call one of the programs."""
    found = []
    for page, block in blocks("sh|console|bash"):
        for line in block.replace("\\\n", " ").splitlines():
            called = line.strip().removeprefix("$ ").partition("| ")[2] if " | policy" in line else line.strip()
            called = called.removeprefix("$ ")
            if called.split(" ")[0] in PROGRAMS:
                found.append((page, called))
    return found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of git with the places that the pages speak of."""
    top = tmp_path_factory.mktemp("pages")
    shutil.copytree(SAMPLE, top, dirs_exist_ok=True)
    shutil.copytree(TOP / "samples", top / "samples")
    for name in ("deploy", "deployment", "old", "new"):
        shutil.copytree(SAMPLE, top / name)
    shutil.copy(top / "orthanc.jsonc", top / "orthanc.json")
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    for words in (["init", "-q"], ["add", "."], *(["commit", "-q", "--allow-empty", "-m", "x"] for _ in (1, 2))):
        subprocess.run(["git", *who, *words], cwd=top, check=True)
    return top


@pytest.fixture
def folder(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_lines() -> None:
    assert len(lines()) >= 10


@pytest.mark.parametrize(("page", "line"), lines())
def test_a_line_works(page: str, line: str, folder: Path) -> None:
    line, _, after = line.partition(" | ")
    program, *words = shlex.split(line, comments=True)
    given = None
    if "<" in words:
        given = Path(words[words.index("<") + 1]).read_bytes()
        words = words[: words.index("<")]
    elif "-" in words:
        given = (folder / "docker-compose.yml").read_bytes()
    words = [filled for word in words for filled in WORDS.get(word, [word.replace(":FOLDER", ":deploy")])]
    if "--baseline" in words:
        made = CliRunner().invoke(toolkit, ["baseline", "deploy", "-o", words[words.index("--baseline") + 1]])
        assert made.exit_code == 0, made.output
    result = CliRunner().invoke(PROGRAMS[program], words, prog_name=program, input=given)
    assert result.exit_code in (0, 1), f"{page}: {line}\n{result.output}"
    if after == "git apply":
        subprocess.run(["git", "apply", "--check"], input=result.stdout_bytes, cwd=folder, check=True)


@pytest.mark.parametrize(("page", "block"), [found for found in blocks("toml") if "ignore" in found[1]])
def test_settings_are_taken(page: str, block: str, folder: Path) -> None:
    (folder / ".policy-lint.toml").write_text(block, "utf-8")
    result = CliRunner().invoke(lint, ["permissions.json"])
    assert result.exit_code in (0, 1), f"{page}: {result.output}"


@pytest.mark.parametrize(("page", "block"), [found for found in blocks("python") if "import policy" in found[1]])
def test_python_runs(page: str, block: str, folder: Path) -> None:
    exec(compile(block, page, "exec"), {})
