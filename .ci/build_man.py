"""Write man/*.1 from the commands' own help; ``--check`` only compares.

The date of a page is that of the tables, so that the same sources make the same bytes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from policy._version import __version__
from policy.commands import _program
from policy.commands.main import BESIDE_FILES, toolkit
from policy.commands.versions import tables_date

FOLDER = Path(__file__).parent.parent / "man"
_LINTER = "lint"
_EXIT = (
    ("0", "nothing is wrong, or what was asked for holds"),
    ("1", "findings, differences, or what was asked for does not hold"),
    ("2", "unusable input or usage"),
    ("70", "a fault of the program itself"),
    ("130", "interrupted"),
)
_FILES = (
    (".policy-lint.toml", "settings, looked for in the folder of the first file and above it"),
    ("pyproject.toml", "the same in a table [tool.policy-lint]"),
)
_ENVIRONMENT = (
    ("NO_COLOR", "no colours"),
    ("POLICY_DEBUG", "a traceback for a fault of the program itself"),
)


def pages() -> dict[str, str]:
    """The text of each page by the name of its file."""
    context = click.Context(toolkit, info_name="policy", max_content_width=10_000)
    made = {"policy.1": _page("policy", toolkit, None)}
    for name in _program.names():
        made[f"policy-{name}.1"] = _page(f"policy-{name}", _program.load(name), context)
    # policy lint is the program policy-lint, whose page is the one.
    made["policy-lint.1"] = _page("policy-lint", _program.load(_LINTER), None)
    return made


def _page(title: str, command: click.Command, parent: click.Context | None) -> str:
    context = click.Context(command, info_name=title if parent is None else command.name, parent=parent)
    summary = (
        _program.summary(command.name or "") if command is not toolkit else "tools for the access rules of Orthanc"
    )
    lines = [
        f'.TH "{title.upper()}" "1" "{tables_date()}" "policy-lint {__version__}" "policy-lint"',
        ".SH NAME",
        f"{_text(title)} \\- {_text(summary[:1].lower() + summary[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {_bold(context.command_path)}",
        _text(" ".join(command.collect_usage_pieces(context))),
        ".SH DESCRIPTION",
        *_paragraphs(command.help or f"{summary}\n\nIts help names the options."),
        *_options(command, context, ".SH OPTIONS"),
        *_commands(command, context),
        *_listed("EXIT STATUS", _EXIT),
    ]
    if title == "policy-lint":
        lines += [*_listed("FILES", _FILES), *_listed("ENVIRONMENT", _ENVIRONMENT)]
    others = ["policy(1)", "policy-lint(1)"] if title not in ("policy", "policy-lint") else []
    if title == "policy":
        others = [f"policy-{name}(1)" for name in _program.names()]
    elif title == "policy-lint":
        others = ["policy(1)", "policy-rule(1)", "policy-rules(1)"]
    lines += [".SH SEE ALSO", *(_text(f"{one},") for one in others[:-1]), _text(others[-1])]
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    """The commands below: a list where they have pages of their own, else what they are and take."""
    if command is toolkit:
        yield from _listed("COMMANDS", [(name, _program.summary(name)) for name in _program.names()])
    elif command.name == _LINTER:
        yield from _listed("COMMANDS", [(word, _program.summary(module)) for word, module in BESIDE_FILES.items()])
    elif isinstance(command, click.Group):
        yield ".SH COMMANDS"
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                inside = click.Context(below, info_name=name, parent=context)
                yield f'.SS "{_bold(name)} {_text(" ".join(below.collect_usage_pieces(inside)))}"'
                yield from _paragraphs(below.help or "")
                yield from _options(below, inside, None)


def _options(command: click.Command, context: click.Context, heading: str | None) -> Iterator[str]:
    # Newer clicks have records of arguments too, which stand in the synopsis.
    options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(context))]
    if records and heading is not None:
        yield heading
    for names, told in records:
        yield ".TP"
        yield f".B {_bold(names)}"
        yield _text(told)


def _listed(heading: str, rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f".SH {heading}"
    for name, told in rows:
        yield from (".TP", f".B {_bold(name)}", _text(told))


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.replace("\b", "").replace("\f", "").strip())):
        if number:
            yield ".PP"
        yield _text(" ".join(paragraph.split()))


def _text(text: str) -> str:
    """One line of plain text: what roff would take for its own is escaped, minus signs of options can be copied."""
    escaped = text.replace("\\", "\\e")
    escaped = re.sub(r"(?<!\w)--?(?=[a-z])", lambda match: "\\-" * len(match[0]), escaped)
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


def _bold(text: str) -> str:
    """The same inside of a macro, where a quote would end it."""
    return _text(text).replace('"', "\\(dq")


def main() -> int:
    """Write the pages, or with ``--check`` name those that differ and return 1."""
    made = pages()
    there = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*")}
    stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"man/{name} differs from the help: python .ci/build_man.py")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        if name in made:
            (FOLDER / name).write_text(made[name], "utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
