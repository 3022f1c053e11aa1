"""Every command of both programs on one folder, in every format: what they print, and how they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from click.testing import CliRunner

from policy.commands import _program
from policy.commands.main import toolkit
from policy.configuration.loading import load
from policy.errors import PolicyError
from policy.lint.finding import Persona
from policy.lint.run import Result, run
from policy.lint.settings import Settings
from policy.report import FORMATS, Options, render

if TYPE_CHECKING:
    import click

AUDITOR = Settings(persona=Persona.AUDITOR, preview=True)
"""Every rule runs."""
FOLDER, TOKEN, FILES = "<folder>", "<token>", "<files>"
WAYS_TO_ASK: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "effective": (("--origin", "--defaults", FOLDER), ("--format", "json", FOLDER)),
    "explain": (
        ("GET", "/studies/1-2", "--token-file", TOKEN, FOLDER),
        ("/x?token=1", "--anonymous", "--format", "json", FOLDER),
    ),
    "diff": ((FOLDER, FOLDER), ("--format", "json", FOLDER, FOLDER)),
    "export": (("--to", "rego", "-o", "-", FOLDER), ("--to", "cedar", "-o", "-", FOLDER)),
    "lint": (("--persona", "auditor", "--preview", FOLDER),),
    "report": (("--persona", "auditor", FOLDER), ("--compare", FOLDER, FOLDER)),
    "schema": (("orthanc", FILES),),
    "test": (("--verbose", FOLDER), ("--format", "junit", FOLDER)),
}
"""How a command is asked; one that is not here is given the folder alone."""
WITHOUT_FILES = frozenset({"rule", "rules", "versions"})
"""Commands that read no file."""


class Output(NamedTuple):
    """What one call printed, to both streams."""

    call: str
    exit_code: int
    text: str
    error: BaseException | None = None


def call(program: click.Command, *arguments: str, text: bytes | None = None) -> Output:
    """One call in this process; a fault of the program is an exit code above 2."""
    name = program.name or "policy"
    result = CliRunner().invoke(program, list(arguments), prog_name=name, input=text)
    return Output(" ".join((name, *arguments)), result.exit_code, result.output, result.exception)


def commands(folder: Path, *, turn: int | None = None, often: tuple[str, ...] = ()) -> Iterator[Output]:
    """Every command of the toolkit on ``folder``, a new one too; with ``turn`` one of them and those named ``often``."""
    names = [name for name in _program.names() if name not in WITHOUT_FILES]
    if turn is not None:
        others = [name for name in names if name not in often]
        names = [*often, others[turn % len(others)]]
    for name in names:
        for arguments in WAYS_TO_ASK.get(name, ((FOLDER,),)):
            yield call(toolkit, name, *_filled(arguments, folder))


def _filled(arguments: tuple[str, ...], folder: Path) -> list[str]:
    filled: list[str] = []
    for argument in arguments:
        if argument == FOLDER:
            filled.append(str(folder))
        elif argument == FILES:
            filled += [
                str(file) for file in sorted(folder.iterdir()) if file.suffix == ".json" and not file.is_symlink()
            ]
        elif argument == TOKEN:
            filled.append(str(folder / "token"))
        else:
            filled.append(argument)
    if TOKEN in arguments and not (folder / "token").exists():
        at = filled.index("--token-file")
        del filled[at : at + 2]
    return filled


def linted(folder: Path) -> Result | PolicyError:
    """What the linter finds when every rule runs."""
    try:
        return run(load([folder], here=folder), AUDITOR)
    except PolicyError as error:
        return error


def reports(result: Result | PolicyError) -> Iterator[Output]:
    """The result of a run in every format of reports; an error as it is told."""
    if isinstance(result, PolicyError):
        yield Output("error", 2, f"{result} {result.help} {result!r}")
        return
    for form in FORMATS:
        yield Output(form, 0, render(result, form, Options(statistics=True)))
    yield Output("text, coloured", 0, render(result, "text", Options(color=True, links=True, width=60)))
