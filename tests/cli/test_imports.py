"""What the programs import: start-up is part of the design."""

from __future__ import annotations

import json
import sys

import pytest

LIST = "import json; sys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))"
SLOW = (
    "cryptography",
    "hypothesis",
    "jinja2",
    "joserfc",
    "json5",
    "jsonschema",
    "networkx",
    "pydantic",
    "pytest",
    "rich",
)
MOST_MODULES = 400
"""Modules of a whole run on the forum sample, those of Python itself included; each rule is one more."""


def imported(done) -> set[str]:
    return set(json.loads(done.stderr.decode().rpartition("\n")[2]))


def packages(modules: set[str]) -> set[str]:
    """The top-level packages that are not Python's own."""
    own = set(sys.stdlib_module_names) | {"__main__"}
    return {name.partition(".")[0] for name in modules} - own


@pytest.fixture
def at_start(start) -> set[str]:
    """What Python has imported before the program: the files of site-packages may bring things along."""
    import subprocess

    told = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, check=True, text=True
    )
    return set(told.stdout.split())


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("policy-lint", ["--help"]),
        ("policy", ["--help"]),
        ("policy-lint", ["--version"]),
        ("policy", ["lint", "--help"]),
    ],
)
def test_help_imports_click_and_little_of_ours(start, at_start, program, arguments):
    done = start(program, *arguments, after=LIST)
    assert 0 == done.returncode
    modules = imported(done) - at_start
    assert {"click", "policy"} == packages(modules) | {"click", "policy"}
    rooms = {name for name in modules if name.startswith("policy.")}
    allowed = (
        "policy.commands",
        "policy.report",
        "policy.errors",
        "policy._version",
        "policy.knowledge",
        "policy.records",
        "policy.regex",
        "policy.tuples",
    )
    assert set() == {name for name in rooms if not name.startswith(allowed)}


def test_help_of_the_toolkit_imports_no_command(start):
    modules = imported(start("policy", "--help", after=LIST))
    commands = {name for name in modules if name.startswith("policy.commands.")}
    assert {"policy.commands.main"} == {name for name in commands if not name.startswith("policy.commands._")}


@pytest.mark.parametrize("form", ["text", "json", "concise"])
def test_linting_imports_nothing_slow(start, at_start, forum, form):
    done = start("policy-lint", "--no-config", "--format", form, ".", after=LIST, folder=forum)
    assert 1 == done.returncode, done.stderr
    modules = imported(done) - at_start
    assert set() == packages(modules) & set(SLOW)
    assert len([name for name in modules if not name.startswith("policy.lint.rules.")]) <= MOST_MODULES


@pytest.mark.parametrize(
    ("file", "without"),
    [
        ("orthanc.jsonc", ("ruamel",)),
        ("permissions.json", ("ruamel", "policy.patterns.machine", "policy.engine.policy")),
        ("anonymous-profile.json", ("ruamel",)),
    ],
)
def test_a_file_imports_what_it_needs(start, forum, file, without):
    done = start("policy-lint", "--no-config", file, after=LIST, folder=forum)
    modules = imported(done)
    assert set() == {name for name in modules for unwanted in without if f"{name}.".startswith(f"{unwanted}.")}


def test_no_class_is_made_by_the_slow_decorator(start, at_start, forum):
    # policy.records says why.
    modules = imported(start("policy-lint", "--no-config", ".", after=LIST, folder=forum)) - at_start
    assert "dataclasses" not in modules
