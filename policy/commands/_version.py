"""The option ``--version``: the program and how old its tables are."""

from __future__ import annotations

from typing import Any

import click

from policy._version import __version__


def version_option() -> click.Option:
    """The option, which ends the program."""

    def show(ctx: click.Context, _: click.Parameter, wanted: Any) -> None:
        if not wanted or ctx.resilient_parsing:
            return
        from policy.commands.versions import tables_date

        click.echo(f"policy-lint {__version__} (tables of {tables_date()})")
        ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show the version and the date of the tables.",
    )
