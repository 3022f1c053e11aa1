"""Write one page for a browser: findings, who may do what, decisions on demand, differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from policy.commands._options import PERSONAS, version_options
from policy.commands._output import write
from policy.commands._people import client_option, clients_of, combine_option, combined, server_option

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment
    from policy.questions.diff import Diff


@click.command("report", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument("deployment", nargs=-1, required=True, metavar="DEPLOYMENT...")
@click.option(
    "--compare", metavar="OTHER",
    help="Files, folder or revision of git (HEAD~1:) with the policy as it was: the page tells what has changed since. "
    "Default: no comparison.",
)  # fmt: skip
@client_option
@combine_option
@server_option
@click.option(
    "--persona",
    type=click.Choice(PERSONAS),
    help="For whom the findings are: who runs a server, who wants tidy files too, who must know every way in. "
    "Default: regular.",
)
@version_options
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File that the page replaces in one step. Default: standard output.",
)
def command(
    deployment: tuple[str, ...],
    *,
    compare: str | None,
    clients: tuple[str, ...],
    combine: tuple[str, ...],
    server: str | None,
    persona: str | None,
    output: str | None,
    **versions: str | None,
) -> None:
    """Write a page about DEPLOYMENT (files or a folder) that needs nothing else, not even a network.

    It holds what policy-lint finds, who may do what, an explorer that answers any request in the page, the ways from
    people to requests, and with --compare what has changed.
    """
    from policy.commands._given import deployment_of, settings_of
    from policy.lint.run import run
    from policy.report.html.assembly import page

    nothing: dict[str, Any] = {"config": None, "no_config": False, "select": (), "ignore": (), "severity": None}
    asked = nothing | {"fail_on": None, "persona": persona, "clients": (), "preview": False}
    settings = settings_of(deployment, asked | versions)
    result = run(deployment_of(deployment, None, settings), settings)
    people = combined(combine)
    compared = _compared(deployment, compare, server, versions, people, result.deployment) if compare else None
    text = page(result, server=server, combine=people, clients=clients_of(clients), compared=compared)
    write(text, file=output, exact=True)


def _compared(
    files: tuple[str, ...],
    other: str,
    server: str | None,
    versions: dict[str, str | None],
    people: list[tuple[str, ...]],
    deployment: Deployment,
) -> Diff:
    """What has changed since ``other``."""
    from policy.commands._sides import one_side
    from policy.engine.loading import choose_server, policy_of
    from policy.questions.causes import Given
    from policy.questions.diff import diff

    chosen = choose_server(deployment, server)
    new = Given(policy_of(chosen, deployment.proxies), chosen, " ".join(files))
    with one_side(other, versions, server) as old:
        return diff(old, new, combine=people)
