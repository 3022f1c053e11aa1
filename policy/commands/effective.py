"""Print the configuration that a server really gets, each value with its origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policy.commands import _complete
from policy.commands._given import deployment_only
from policy.commands._options import version_options
from policy.commands._output import write

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.effective import Row


@click.command("effective", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument("files", nargs=-1, required=True, metavar="DEPLOYMENT...", type=click.Path())
@click.option("--origin", is_flag=True, help="Say where each value comes from. Default: not.")
@click.option("--defaults", is_flag=True, help="Also options that nobody sets, with their defaults. Default: not.")
@click.option("--server", metavar="NAME", shell_complete=_complete.servers, help="Which Orthanc. Default: all.")
@version_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to write it."
)
def command(
    files: tuple[str, ...], *, origin: bool, defaults: bool, server: str | None, form: str, **versions: str | None
) -> None:
    """Print the merged configuration of DEPLOYMENT (files or a folder): files, variables, secrets and the defaults of
    the image put together as the image and the core put them together. Secrets are masked.
    """
    from policy.configuration.effective import effective
    from policy.engine.loading import choose_server

    deployment = deployment_only(files, versions)
    servers = (choose_server(deployment, server),) if server else deployment.servers
    rows = [(one, effective(one, defaults=defaults)) for one in servers]
    if form == "json":
        from policy.report.plain import to_json

        write(to_json({"version": 1, "servers": [_plain(one, found) for one, found in rows]}), exact=True)
    else:
        write("\n".join(_text(one, found, origin=origin) for one, found in rows))


def _text(server: OrthancServer, rows: tuple[Row, ...], *, origin: bool) -> str:
    import json

    from policy.report.visible import visible

    lines = [f"{server.name}: plugin {server.plugin}, Orthanc {server.orthanc}"]
    lines += [f"  stops: {stop.reason}" for stop in server.stops]
    for row in rows:
        value = json.dumps(row.value, ensure_ascii=False) if row.known else "(not known here)"
        line = f"  {row.dotted} = {value}"
        if row.undetermined:
            line += "  (which of two wins is not fixed)"
        if origin:
            line += f"  <- {row.origin}"
            line += "".join(f", over {replaced}" for replaced in row.replaced)
        lines.append(line)
    return "".join(f"{visible(line)}\n" for line in lines)


def _plain(server: OrthancServer, rows: tuple[Row, ...]) -> dict[str, object]:
    return {
        "name": server.name,
        "plugin": str(server.plugin),
        "orthanc": str(server.orthanc),
        "image": str(server.image) if server.image else None,
        "stops": [stop.reason for stop in server.stops],
        "values": [
            {
                "path": list(row.path),
                "value": row.value,
                "known": row.known,
                "undetermined": bool(row.undetermined),
                "origin": str(row.origin),
                "replaced": [str(replaced) for replaced in row.replaced],
            }
            for row in rows
        ],
    }
