"""Show who may do what as a table: roles against features of clients, routes or permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._options import version_options
from policy.commands._output import write
from policy.commands._people import (
    client_option,
    clients_of,
    combine_option,
    combined,
    policy_and_server,
    server_option,
)

if TYPE_CHECKING:
    from policy.commands._tables import Table
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Policy
    from policy.questions.matrix import Cell, Matrix, Row
    from policy.questions.senders import Sender

_KINDS = ("features", "routes", "permissions")
_HEADS = {"features": "feature", "routes": "route", "permissions": "permission"}


@click.command("matrix", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument("deployment", nargs=-1, required=True, metavar="DEPLOYMENT...", shell_complete=_complete.files)
@click.option(
    "--by", type=click.Choice(_KINDS), default="features", show_default=True,
    help="What the rows are: what people do with clients, the known routes of the server, or names of permissions.",
)  # fmt: skip
@click.option(
    "--route", "routes", multiple=True, metavar="'[METHOD] ROUTE'",
    help="A route as a row, in place of all known ones; implies --by routes. Default: all known ones.",
)  # fmt: skip
@client_option
@combine_option
@click.option(
    "--explain", nargs=2, metavar="ROLE ROW", shell_complete=_complete.roles,
    help="Explain one cell, request by request, instead of showing the table; ROW may be a part of its name.",
)  # fmt: skip
@server_option
@version_options
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "csv", "json", "html"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, allow_dash=True),
    help="File that the table replaces in one step. Default: standard output.",
)  # fmt: skip
def command(
    deployment: tuple[str, ...],
    *,
    by: str,
    routes: tuple[str, ...],
    clients: tuple[str, ...],
    combine: tuple[str, ...],
    explain: tuple[str, str] | None,
    server: str | None,
    form: str,
    output: str | None,
    **versions: str | None,
) -> None:
    """Show who may do what in DEPLOYMENT (files or a folder) as a table.

    A cell says permit, deny, only with labels (the labels of a study decide), or partly (some of the requests that are
    essential to it are refused).
    """
    from policy.questions.matrix import matrix
    from policy.questions.senders import senders

    policy, chosen = policy_and_server(deployment, server, versions)
    by = "routes" if routes else by
    rows = _rows(by, routes, clients_of(clients), policy, chosen)
    people = senders([policy], combine=combined(combine), shares=False, labels=("*",))
    told = matrix(policy, rows, people)
    if explain is not None:
        write(_lines(told.cell(*explain).explain()), file=output)
        return
    exact = form in ("json", "html", "csv")
    write(_written(told, by, form, chosen.name), file=output, exact=exact)


def _rows(
    by: str, routes: tuple[str, ...], clients: tuple[str, ...], policy: Policy, server: OrthancServer
) -> tuple[Row, ...]:
    from policy.lint.views.unchecked import dicom_web_root
    from policy.questions.matrix import feature_rows, permission_rows, route_rows

    root = dicom_web_root(server)
    if by == "routes":
        return route_rows(routes, root=root, server=server)
    return permission_rows(policy) if by == "permissions" else feature_rows(clients, root)


def _written(told: Matrix, by: str, form: str, name: str) -> str:
    from policy.commands import _tables
    from policy.report.plain import to_json

    if form == "json":
        return to_json(_plain(told, by))
    table = _table(told, by, name)
    return {"text": _tables.text, "markdown": _tables.markdown, "csv": _tables.csv, "html": _tables.html}[form](table)


def _table(told: Matrix, by: str, name: str) -> Table:
    from policy.commands._tables import Row, Table
    from policy.report.visible import visible

    rows = tuple(
        Row(
            row.name,
            tuple(str(cell.mark) for cell in cells),
            row.group,
            tuple("\n".join(map(visible, cell.explain())) for cell in cells),
        )
        for row, cells in zip(told.rows, told.cells, strict=True)
    )
    labels = []
    if any(one.kind == "permission" for one in told.people):
        labels.append("The files give no roles: a column is whoever has that permission, with all labels.")
    for one in told.people:
        if one.kind == "permission":
            continue
        subject = one.subjects[0]
        profile = subject.own if subject.present else subject.visitor
        labels.append(f"labels of {one}: {', '.join(sorted(profile.labels)) or 'none'}")
    return Table(f"Who may do what at {name}", _HEADS[by], tuple(map(_column, told.people)), rows, tuple(labels))


def _column(one: Sender) -> str:
    return one.name or "no permission" if one.kind == "permission" else str(one)


def _plain(told: Matrix, by: str) -> dict[str, Any]:
    return {
        "version": 1,
        "by": by,
        "people": [str(one) for one in told.people],
        "rows": [
            {
                "group": row.group,
                "name": row.name,
                "cells": {str(cell.who): plain_cell(cell) for cell in cells},
            }
            for row, cells in zip(told.rows, told.cells, strict=True)
        ],
    }


def plain_cell(cell: Cell) -> dict[str, Any]:
    """A cell as data for programs."""
    return {
        "mark": str(cell.mark),
        "note": cell.note,
        "requests": [
            {
                "request": ask.request,
                "essential": ask.essential,
                "effect": str(decision.effect),
                "reason": str(decision.reason),
                "rule": None if decision.rule is None else decision.rule.index,
                "conditions": list(map(str, decision.conditions)),
                "symptom": ask.symptom,
            }
            for ask, decision in zip(cell.row.asks, cell.decisions, strict=True)
        ],
    }


def _lines(lines: Any) -> str:
    from policy.report.visible import visible

    return "".join(f"{visible(line)}\n" for line in lines)
