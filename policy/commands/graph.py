"""Draw who gets where: rules, permissions, roles and labels as a graph for other programs."""

from __future__ import annotations

import click

from policy.commands import _complete
from policy.commands._options import version_options
from policy.commands._output import write
from policy.commands._people import policy_and_server, server_option

_FORMATS = ("dot", "mermaid", "graphml", "json")
_VISITORS = "anonymous"


@click.command("graph", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument("files", nargs=-1, required=True, metavar="DEPLOYMENT...", type=click.Path())
@click.option("--route", "routes", multiple=True, metavar="ROUTE", help='Put "GET /path" in too. Default: none.')
@click.option(
    "--classes", is_flag=True, help="Put in the requests that each rule decides, with one of them. Default: not."
)
@click.option(
    "--role",
    metavar="NAME",
    shell_complete=_complete.roles,
    help=f"Only what leads to this role, or to {_VISITORS} requests. Default: all roles.",
)
@server_option
@version_options
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="dot",
    show_default=True,
    help="dot: Graphviz; mermaid: Markdown of GitHub and GitLab; graphml: yEd, Gephi; json: version 1.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File that the graph replaces in one step. Default: standard output.",
)
def command(
    files: tuple[str, ...],
    *,
    routes: tuple[str, ...],
    classes: bool,
    role: str | None,
    server: str | None,
    form: str,
    output: str | None,
    **versions: str | None,
) -> None:
    """Write the decision graph of DEPLOYMENT (files or a folder).

    It leads from requests to rules, from rules to the permissions that they ask for, from these to the roles that hold
    them, and from roles to the labels that they see.
    """
    from policy.engine.graph import VISITOR, graph
    from policy.export.graphs import only_role, render

    policy, _ = policy_and_server(files, server, versions)
    whole = graph(policy, routes, classes=classes)
    if role is not None:
        from policy.questions.senders import unknown_role

        known = list(policy.roles.roles) if policy.roles is not None else []
        if role not in (*known, _VISITORS):
            raise unknown_role(role, known)
        whole = only_role(whole, VISITOR if role == _VISITORS else role)
    write(render(whole, form), file=output, exact=True)
