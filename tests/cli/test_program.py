"""Both programs: commands found by name, errors, exit codes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from policy.commands import _program
from policy.commands.main import BESIDE_FILES, lint, toolkit
from policy.errors import PolicyError, Unreadable

EVERY = _program.names()


@pytest.mark.parametrize("name", EVERY)
def test_every_command_has_a_summary_and_help(name):
    summary = _program.summary(name)
    assert summary.endswith(".")
    done = CliRunner().invoke(toolkit, [name, "--help"])
    assert 0 == done.exit_code
    assert f"Usage: policy {name}" in done.output.replace("\n  ", " ")


@pytest.mark.parametrize("name", EVERY)
def test_every_option_has_help_and_every_argument_is_explained(name):
    command = import_module(f"policy.commands.{name.replace('-', '_')}").command
    options = [item for item in walk(command) if isinstance(item, click.Option)]
    assert [] == [option.name for option in options if not option.help]
    choosing = [option for option in options if option.nargs == 1 and not option.is_eager and not option.required]
    assert [] == [
        option.name
        for option in choosing
        if not (option.show_default or "efault" in str(option.help) or option.is_flag)
    ]


def walk(command: click.Command):
    yield from command.params
    for child in getattr(command, "commands", {}).values():
        yield from walk(child)


def test_the_linter_has_its_own_commands():
    assert set(BESIDE_FILES.values()) <= set(EVERY)
    done = CliRunner().invoke(lint, ["--help"], prog_name="policy-lint")
    assert done.output.startswith("Usage: policy-lint [OPTIONS] FILES...")
    for name in BESIDE_FILES:
        assert f"\n  {name} " in done.output


def test_nothing_given_is_a_question_for_help():
    for program in (lint, toolkit):
        done = CliRunner().invoke(program, [])
        assert 2 == done.exit_code
        assert "Usage:" in done.output


@pytest.mark.parametrize(("word", "near"), [("lnt", "lint"), ("verisons", "versions")])
def test_unknown_commands_are_told_with_what_is_near(word, near):
    done = CliRunner().invoke(toolkit, [word])
    assert 2 == done.exit_code
    assert f"No such command {word!r}. Did you mean {near}?" in done.stderr


def failing(error: BaseException) -> click.Group:
    @click.command()
    def command() -> None:
        raise error

    program = _program.Program(name="program")
    program.get_command = lambda ctx, name: command  # type: ignore[method-assign]
    program.modules = lambda: {"now": "now"}  # type: ignore[method-assign]
    return program


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (PolicyError("it is empty", file="a.json", line=1, column=2), 2, "a.json:1:2: it is empty\n"),
        (Unreadable("gone", file="b.json", help="Check the path."), 2, "b.json: gone\n  help: Check the path.\n"),
        (PolicyError("a\x1b[31m\nb", file="\udcff\x07"), 2, "�␇: a␛[31m␊b\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_errors_are_told_in_a_line(error, code, told):
    done = CliRunner().invoke(failing(error), ["now"])
    assert (code, "", told) == (done.exit_code, done.stdout, done.stderr)


def test_a_fault_of_the_tool_is_no_finding(monkeypatch):
    error = ValueError("hunter2, from a file")
    monkeypatch.delenv("POLICY_DEBUG", raising=False)
    done = CliRunner().invoke(failing(error), ["now"])
    assert 70 == done.exit_code
    assert done.stderr.startswith("internal error: ValueError at test_program.py:")
    assert "hunter2" not in done.stderr
    monkeypatch.setenv("POLICY_DEBUG", "1")
    assert error is CliRunner().invoke(failing(error), ["now"]).exception


def test_standard_error_takes_every_character(start):
    done = start("policy-lint", "no-such-患者.json", PYTHONIOENCODING="ascii")
    assert 2 == done.returncode
    assert b"Traceback" not in done.stderr
    assert b"no-such-\\u60a3\\u8005.json" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(start, shell):
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    done = start("policy-lint", _POLICY_LINT_COMPLETE=f"{shell}_source")
    assert 0 == done.returncode
    assert b"policy-lint" in done.stdout


@pytest.mark.parametrize(
    ("program", "words", "expected"),
    [
        ("policy-lint", "policy-lint --ver", {"--version"}),
        ("policy-lint", "policy-lint exp", {"explain"}),
        ("policy-lint", "policy-lint --format sa", {"sarif"}),
        ("policy-lint", "policy-lint explain unused-ig", {"unused-ignore"}),
        ("policy-lint", "policy-lint --select ROL,unused-ig", {"ROL,unused-ignore"}),
        ("policy", "policy vers", {"versions"}),
        ("policy", "policy lint --for", {"--format"}),
    ],
)
def test_completion(start, program, words, expected):
    variable = f"_{program.upper().replace('-', '_')}_COMPLETE"
    count = str(len(words.split()) - 1)
    done = start(program, **{variable: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": count})
    found = {line.partition(",")[2] for line in done.stdout.decode().splitlines() if line.startswith("plain")}
    assert expected <= found, done


def test_scripts_are_declared():
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    for target in project["scripts"].values():
        module, _, name = target.partition(":")
        assert isinstance(getattr(import_module(module), name), click.Command)


def test_module_imports_are_cheap():
    """Importing all commands costs no more than what they share: each imports what it needs when it is called."""
    code = "import sys; import policy.commands.main; before = set(sys.modules)\n" + "\n".join(
        f"import policy.commands.{name.replace('-', '_')}" for name in EVERY
    )
    code += "\nprint(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set() == {name for name in told if name not in sys.stdlib_module_names} - {"policy", "click"}
