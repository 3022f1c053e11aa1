"""The manual pages: they are those of the help, and what reads them takes them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from policy.commands import _program
from tests.parts import needed

TOP = Path(__file__).parents[2]
PAGES = sorted((TOP / "man").glob("*"))


def test_they_are_made_from_the_help():
    done = subprocess.run(
        [sys.executable, TOP / ".ci" / "build_man.py", "--check"], capture_output=True, text=True, check=False, cwd=TOP
    )
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_there_is_one_for_each_command():
    assert ["policy-lint.1", "policy.1"] == [page.name for page in PAGES if "-" not in page.stem or "lint" in page.stem]
    assert {f"policy-{name}.1" for name in _program.names()} | {"policy.1"} == {page.name for page in PAGES}


def test_mandoc_has_no_complaint():
    needed("mandoc", there=shutil.which("mandoc") is not None)
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *PAGES], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stdout)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_they_read_as_the_help_does(page: Path):
    needed("mandoc", there=shutil.which("mandoc") is not None)
    shown = subprocess.run(["mandoc", "-Tascii", page], capture_output=True, text=True, check=True).stdout
    plain = "".join(character for character in _without_overstrikes(shown) if not character.isspace())
    name = page.stem.removeprefix("policy").removeprefix("-")
    if name:
        for option in _program.load(name).params:
            for spelling in option.opts if option.param_type_name == "option" else ():
                assert spelling in plain
        told = (_program.load(name).help or "").replace("\b", "").replace("\f", "")
        assert _squeezed(told.split("\n\n")[0]) in plain.replace("-", "")
    assert "EXITSTATUS" in plain


def _without_overstrikes(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character == "\b":
            kept.pop()
        else:
            kept.append(character)
    return "".join(kept)


def _squeezed(text: str) -> str:
    # Hyphens are where mandoc may break a word.
    return "".join(text.split()).replace("-", "")
