"""Lay out JSON files anew: indentation, blanks and line ends, and nothing that anybody reads."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from policy.commands import _program
from policy.commands._given import STANDARD_INPUT

if TYPE_CHECKING:
    from policy.configuration.reading import Files
    from policy.text import Document

_LINE_ENDS = {"lf": "\n", "crlf": "\r\n"}
_MOST_BLANKS = 8


def _step(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """One step of indentation from what was given for it."""
    if value is None:
        return None
    if value == "tab":
        return "\t"
    if re.fullmatch(rf"[1-{_MOST_BLANKS}]", value):
        return " " * int(value)
    raise click.BadParameter(f"a number of blanks from 1 to {_MOST_BLANKS}, or tab.")


@click.command(
    "format",
    no_args_is_help=True,
    context_settings={"max_content_width": 100},
    epilog="Exit codes: 0 done, 1 --check found files to lay out anew, 2 a file that cannot be laid out, or usage.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file would change. Default: write.")
@click.option(
    "--indent",
    "step",
    metavar="BLANKS",
    callback=_step,
    help="Blanks of one step of indentation, or tab. Default: as in each file, else 2.",
)
@click.option(
    "--line-ends", type=click.Choice(list(_LINE_ENDS)), help="What ends lines. Default: what ends most in each file."
)
@click.pass_context
def command(
    ctx: click.Context, /, files: tuple[str, ...], *, check: bool, step: str | None, line_ends: str | None
) -> None:
    """Lay out FILES anew: configurations of Orthanc, permissions.json, anonymous-profile.json, any JSON with comments.

    Comments, order and values stay, and every program reads what it read before. What stood on one line stays on one.
    Of a folder the files of these kinds are taken; - takes standard input to standard output. A text that no program
    reads is refused with the place of its mistake.
    """
    from policy.configuration.reading import Files
    from policy.errors import PolicyError
    from policy.text.formatting import format_document

    found = Files()
    changed = refused = 0
    for path, document in _documents(found, files):
        name = "<stdin>" if path is None else found.name(path)
        try:
            data = format_document(document, step=step, line_end=_LINE_ENDS[line_ends] if line_ends else None)
        except PolicyError as error:
            error.file = name
            _program.Refused(error).show()
            refused += 1
            continue
        if path is None and not check:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif data != document.data:
            changed += 1
            _change(path, name, data, document.data, check=check)
    ctx.exit(2 if refused else 1 if check and changed else 0)


def _change(path: Path | None, name: str, data: bytes, before: bytes, *, check: bool) -> None:
    from policy.report.visible import visible
    from policy.text.write import write

    if path is not None and not check:
        write(path, data, expected=before)
    click.echo(f"{'would be laid out anew' if check else 'laid out anew'}: {visible(name)}", err=True)


def _documents(found: Files, files: tuple[str, ...]) -> Iterator[tuple[Path | None, Document]]:
    """The texts to lay out: whatever is named, and of folders the files of Orthanc and of the auth service."""
    from policy.configuration.recognise import recognise
    from policy.configuration.source import Kind
    from policy.text import parse

    kinds = (Kind.ORTHANC, Kind.PERMISSIONS, Kind.ANONYMOUS)
    for file in files:
        if file == STANDARD_INPUT:
            yield None, parse(sys.stdin.buffer.read())
        elif found.is_folder(Path(file)):
            for path in found.search(Path(file)):
                recognised = recognise(found.read(path), suffix=path.suffix.lower(), found=True)
                if recognised is not None and recognised.kind in kinds and recognised.document.language == "json":
                    yield path, recognised.document
        else:
            data = found.read(Path(file))
            recognised = recognise(data, suffix=Path(file).suffix.lower())
            yield Path(file), recognised.document if recognised is not None else parse(data)
