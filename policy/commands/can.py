"""Tell what a role can do: features, and routes by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete
from policy.commands._options import version_options
from policy.commands._output import write
from policy.commands._people import client_option, clients_of, policy_and_server, server_option

if TYPE_CHECKING:
    from policy.questions.access import Abilities, Way
    from policy.questions.matrix import Cell

_MOST_ROUTES = 3


@click.command("can", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument("role", metavar="ROLE", shell_complete=_complete.roles)
@click.argument("deployment", nargs=-1, required=True, metavar="DEPLOYMENT...", shell_complete=_complete.files)
@client_option
@server_option
@version_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to write it."
)
def command(
    role: str,
    deployment: tuple[str, ...],
    *,
    clients: tuple[str, ...],
    server: str | None,
    form: str,
    **versions: str | None,
) -> None:
    """Tell what ROLE can do in DEPLOYMENT (files or a folder): features of clients, then all requests, by rule.

    ROLE is a role, A+B for roles that somebody has together, anonymous, or "share link".
    """
    from policy.lint.views.unchecked import dicom_web_root
    from policy.questions.access import can
    from policy.questions.matrix import feature_rows
    from policy.questions.senders import sender

    policy, chosen = policy_and_server(deployment, server, versions)
    who = sender([policy], role)
    rows = () if who.kind == "share" else feature_rows(clients_of(clients), dicom_web_root(chosen))
    told = can(policy, who, rows)
    if form == "json":
        from policy.report.plain import to_json

        write(to_json(_plain(told)), exact=True)
    else:
        from policy.report.visible import visible

        write("".join(f"{visible(line)}\n" for line in _lines(told)))


def _lines(told: Abilities) -> Iterator[str]:
    profile = told.profile
    yield str(told.who)
    yield f"  permissions: {', '.join(sorted(profile.permissions)) or 'none'}"
    yield f"  labels: {', '.join(sorted(profile.labels)) or 'none'}"
    marks: dict[str, list[Cell]] = {}
    for cell in told.features:
        marks.setdefault(str(cell.mark), []).append(cell)
    for mark in ("permit", "only with labels", "partly", "deny"):
        cells = marks.get(mark, [])
        if cells:
            yield ""
            yield f"{mark}:"
            groups: dict[str, list[str]] = {}
            for cell in cells:
                groups.setdefault(cell.row.group, []).append(cell.row.name)
            yield from (f"  {group}: {', '.join(names)}" for group, names in groups.items())
    yield ""
    yield "requests that pass (all others are refused):"
    for way in told.ways:
        yield from _way(way)


def _way(way: Way) -> Iterator[str]:
    by = f"rule {way.rule.index}" if way.rule is not None else str(way.reason)
    grant = "" if str(way.grant) == "permit" else f", {way.grant}"
    yield f"  {by}: {way.request}{grant}"
    if way.rule is not None:
        yield f"      {way.rule}"
    if len(way.routes) > 1:
        more = len(way.routes) - _MOST_ROUTES
        yield f"      {', '.join(way.routes[:_MOST_ROUTES])}" + (f" and {more} more" if more > 0 else "")


def _plain(told: Abilities) -> dict[str, Any]:
    from policy.commands.matrix import plain_cell

    return {
        "version": 1,
        "who": str(told.who),
        "permissions": sorted(told.profile.permissions),
        "labels": sorted(told.profile.labels),
        "features": [{"group": cell.row.group, "name": cell.row.name, **plain_cell(cell)} for cell in told.features],
        "ways": [
            {
                "rule": None if way.rule is None else way.rule.index,
                "reason": str(way.reason),
                "grant": str(way.grant),
                "request": way.request,
                "routes": list(way.routes),
            }
            for way in told.ways
        ],
    }
