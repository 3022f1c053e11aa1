"""Write the policy for another engine: a bundle for the Open Policy Agent, or policies of Cedar."""

from __future__ import annotations

from pathlib import Path

import click

from policy.commands._options import version_options
from policy.commands._people import policy_and_server, server_option

_ENGINES = ("rego", "cedar")


@click.command("export", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument("files", nargs=-1, required=True, metavar="DEPLOYMENT...", type=click.Path())
@click.option(
    "--to",
    "engine",
    type=click.Choice(_ENGINES),
    required=True,
    help="rego: a bundle for the Open Policy Agent; cedar: policies, schema and entities for Cedar.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(allow_dash=True),
    help="Folder, or file that ends in .tar.gz; - prints the files as one JSON object. Default: a folder named as "
    "the engine.",
)
@click.option("--package", metavar="NAME", help="rego: where it stands in OPA's tree of data. Default: orthanc.")
@server_option
@version_options
def command(
    files: tuple[str, ...],
    *,
    engine: str,
    output: str | None,
    package: str | None,
    server: str | None,
    **versions: str | None,
) -> None:
    """Write what DEPLOYMENT (files or a folder) decides for an engine that a gateway in front of servers can ask.

    What the engine cannot say is refused by name, with its place; what it cannot know stands in the README beside.
    """
    from policy.commands._output import write
    from policy.export.files import json_file, put
    from policy.text.visible import visible

    if package is not None and engine != "rego":
        raise click.UsageError("--package is for rego.")
    policy, _ = policy_and_server(files, server, versions)
    if engine == "rego":
        from policy.export import rego

        made = rego.bundle(policy, package=rego.PACKAGE if package is None else package)
    else:
        from policy.export import cedar

        made = cedar.export(policy)
    if output == "-":
        write(json_file({name: data.decode() for name, data in made.items()}).decode(), exact=True)
        return
    for file in put(made, Path(output or engine)):
        click.echo(f"written: {visible(str(file))}", err=True)
