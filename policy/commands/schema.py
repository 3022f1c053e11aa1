"""Print the JSON Schema of a kind of file, or check files against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policy.commands import _complete
from policy.commands._output import write

if TYPE_CHECKING:
    from policy.configuration.source import Source

_NAMES = ("anonymous-profile", "authorization", "orthanc", "permissions", "policy-lint", "policy-test")


@click.command("schema", context_settings={"max_content_width": 100})
@click.argument("name", type=click.Choice(_NAMES))
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--version-of-reader",
    "version",
    metavar="VERSION",
    shell_complete=_complete.reader_versions,
    help="Version of the plugin (authorization, orthanc) or of the auth service. Default: the newest known.",
)
@click.pass_context
def command(ctx: click.Context, /, name: str, files: tuple[str, ...], *, version: str | None) -> None:
    """Print the JSON Schema NAME, for editors; with FILES, check them against it instead.

    A schema knows shapes only; policy-lint knows what the files mean.
    """
    from policy.questions.schemas import schema

    wanted = schema(name, version)
    if not files:
        from policy.report.plain import to_json

        write(to_json(wanted), exact=True)
        return
    from policy.questions.shape import misfits
    from policy.report.excerpt import Masks

    lines = []
    for file in files:
        source = _read(file)
        masks = Masks((source,))
        lines += [masks.text(f"{misfit.location}: {misfit.message}") for misfit in misfits(source, wanted)]
    write("".join(f"{line}\n" for line in lines))
    ctx.exit(1 if lines else 0)


def _read(file: str) -> Source:
    from pathlib import Path

    from policy import text
    from policy.configuration.source import Kind, Source
    from policy.errors import Unreadable

    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", file=file) from None
    return Source(file, Kind.ORTHANC, text.parse(data))
