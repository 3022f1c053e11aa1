"""Completion: asked as shells ask, and in real shells, typed into a terminal of their own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from policy.commands.main import lint, toolkit
from policy.knowledge import plugin, service
from tests.parts import needed

TOP = Path(__file__).parents[2]
CLINIC = TOP / "samples" / "clinic"
ROLES = ["admin-role", "doctor-role", "external-role", "modality-role", "anonymous"]


def completed(line: str) -> list[str]:
    """What is offered at the end of a line, as a shell asks for it."""
    name, *words = line.split(" ")
    shell = ShellComplete(toolkit if name == "policy" else lint, {}, name, "_COMPLETE")
    return [item.value if item.type == "plain" else item.type for item in shell.get_completions(words[:-1], words[-1])]


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The clinic's files in the current folder."""
    shutil.copytree(CLINIC, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("policy mat", ["matrix"]),
        ("policy completion ", ["bash", "zsh", "fish"]),
        ("policy-lint exp", ["file", "explain"]),
        ("policy-lint --fail", ["--fail-on"]),
        ("policy-lint --fail-on w", ["warning"]),
        ("policy-lint --select CFG,anonymous-s", ["CFG,anonymous-star"]),
        ("policy-lint explain anonymous-s", ["anonymous-star"]),
        ("policy rules anonymous-s", ["anonymous-star"]),
        ("policy-lint --client oh", ["ohif"]),
        ("policy matrix . --client stone,oh", ["stone,ohif"]),
        ("policy matrix ", ["file"]),
        ("policy explain ", ["GET", "POST", "PUT", "DELETE"]),
        ("policy explain g", ["GET"]),
        ("policy explain GET ", []),
        ("policy explain GET /system ", ["file"]),
        ("policy who-can /system ", ["file"]),
        ("policy diff ", ["file"]),
        ("policy can ", ROLES),
        ("policy can e", ["external-role"]),
        ("policy explain / . --as doctor-role,e", ["doctor-role,external-role"]),
        ("policy matrix --combine doctor-role+e", ["doctor-role+external-role"]),
        ("policy matrix . --explain d", ["doctor-role"]),
        ("policy graph . --role a", ["admin-role", "anonymous"]),
        ("policy check not-granted a", ["admin-role", "anonymous"]),
        ("policy matrix . --server ", ["orthanc"]),
        ("policy schema anonymous-profile --version-of-reader 25.8", ["25.8.1", "25.8.0"]),
        ("policy schema policy-test --version-of-reader ", []),
    ],
)
def test_what_is_offered(clinic: Path, line: str, expected: list[str]):
    assert expected == completed(line)


@pytest.mark.parametrize(
    ("option", "newest"),
    [("--plugin-version", plugin.newest().version), ("--auth-service-version", service.newest().version)],
)
def test_versions_newest_first(option: str, newest: object):
    assert str(newest) == completed(f"policy-lint {option} ")[0]
    assert [f"0.9.4..{newest}"] == completed(f"policy diff {option} 0.9.4..{newest}")


@pytest.mark.parametrize("text", ["{", '{"roles": 1}', ""])
def test_broken_files_offer_what_is_known_without_them(clinic: Path, text: str):
    for file in clinic.iterdir():
        file.write_text(text)
    assert ["anonymous"] == completed("policy can ")


def test_a_folder_that_is_no_deployment_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "inside").mkdir()
    shutil.copytree(CLINIC, tmp_path / "inside", dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    assert ["anonymous"] == completed("policy can ")


def test_one_program_alone():
    scripts = {
        only: CliRunner().invoke(toolkit, ["completion", "zsh", "--program", only]).output
        for only in ("policy", "policy-lint")
    }
    both = CliRunner().invoke(toolkit, ["completion", "zsh"]).output
    assert [f"#compdef {only}" for only in scripts] == [text.splitlines()[0] for text in scripts.values()]
    assert both == "\n".join((scripts["policy-lint"], scripts["policy"]))


STARTS = {
    "bash": ("bash", "--noprofile", "--norc", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
PREPARED = {
    "bash": 'eval "$(policy completion bash)"; PS1="ready> "',
    "zsh": 'autoload -Uz compinit; compinit -u -D; eval "$(policy completion zsh)"; PS1="ready> "',
    "fish": 'policy completion fish | source; function fish_prompt; echo -n "ready> "; end; '
    "function fish_greeting; end; set -g fish_autosuggestion_enabled 0",
}


class Typed:
    """A shell in a terminal of its own, into which is typed."""

    def __init__(self, shell: str, folder: Path, variables: dict[str, str]) -> None:
        self.shell = shell
        self.main, other = pty.openpty()
        self.process = subprocess.Popen(
            STARTS[shell],
            cwd=folder,
            env=variables,
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(other, termios.TIOCSCTTY, 0),
        )
        os.close(other)
        self.seen = ""

    def prepare(self) -> None:
        """Load the completion."""
        # In parts, so that what is waited for is not what was typed.
        self.type(f'{PREPARED[self.shell]}; echo rea""dy-now\n', until="ready-now")

    def type(self, keys: str, *, until: str, seconds: float = 30) -> str:
        """Type, and read until ``until`` is there; what came, without escape sequences."""
        self.seen = ""
        os.write(self.main, keys.encode())
        end = time.monotonic() + seconds
        while until not in self.plain() and time.monotonic() < end:
            if select.select([self.main], [], [], 0.2)[0]:
                self.seen += os.read(self.main, 65536).decode("utf-8", "replace")
        return self.plain()

    def plain(self) -> str:
        """What came, without what moves the cursor or colours."""
        return re.sub(
            r"\x1b(?:\[[0-9;?>=]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()=>].?)|[\r\x07\x08]", "", self.seen
        )

    def close(self) -> None:
        """End the shell."""
        self.process.kill()
        self.process.wait(10)
        os.close(self.main)


@pytest.fixture(params=sorted(STARTS))
def typed(request: pytest.FixtureRequest, tmp_path: Path):
    """A shell of each kind, in the clinic's folder, with both programs on its path."""
    shell: str = request.param
    needed(shell, there=shutil.which(shell) is not None)
    work, programs = tmp_path / "work", tmp_path / "bin"
    shutil.copytree(CLINIC, work)
    programs.mkdir()
    for name, attribute in (("policy", "toolkit"), ("policy-lint", "lint")):
        code = f"from policy.commands.main import {attribute}; {attribute}(prog_name='{name}')"
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{code}" "$@"\n')
        (programs / name).chmod(0o755)
    variables = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(TOP),
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }
    terminal = Typed(shell, work, variables)
    try:
        terminal.prepare()
        yield terminal
    finally:
        terminal.close()


def test_typed_into_a_real_shell(typed: Typed):
    # One way on is written out; the shell shows the rest of the word.
    for begun, whole in (
        ("policy mat\t", "policy matrix"),
        ("policy-lint --sel\t", "policy-lint --select"),
        ("policy-lint exp\t", "policy-lint explain"),
        ("policy-lint explain anonymous-s\t", "anonymous-star"),
        ("policy can ext\t", "external-role"),
        ("policy effective permis\t", "permissions.json"),
    ):
        told = typed.type(begun, until=whole)
        assert whole in told, (typed.shell, begun, told)
        typed.type("\x15", until="\0", seconds=0.3)  # the line is emptied
