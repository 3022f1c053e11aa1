"""Show which versions the tables know, and how old the tables are."""

from __future__ import annotations

import click

from policy._version import __version__
from policy.commands._output import write


@click.command("versions")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to write it."
)
def command(form: str) -> None:
    """Show which versions the tables know, and how old the tables are.

    A version that is newer than the tables is taken for the newest that they know.
    """
    known = _known()
    if form == "json":
        from policy.report.plain import to_json

        rows = [
            {"what": what, "oldest": oldest, "newest": newest, "number": count} for what, oldest, newest, count in known
        ]
        write(to_json({"policy-lint": __version__, "tables": tables_date(), "known": rows}), exact=True)
        return
    wide = max(len(what) for what, *_ in known)
    lines = [f"policy-lint {__version__}, tables of {tables_date()}", ""]
    lines += [f"{what.ljust(wide)}  {oldest} to {newest} ({count} known)" for what, oldest, newest, count in known]
    write("\n".join(lines) + "\n")


def tables_date() -> str:
    """The day of the newest fact in the tables, as an ISO date."""
    from policy.knowledge.dates import dates

    return max(dates().values(), default="unknown")


def _known() -> list[tuple[str, str, str, int]]:
    """Each program with the oldest and newest version known and their number."""
    from policy.knowledge import images, plugin, service

    series = (
        ("Authorization plugin", plugin.versions()),
        ("Orthanc", tuple(image.orthanc for image in images.orthanc_images())),
        ("image orthancteam/orthanc", tuple(image.version for image in images.orthanc_images())),
        ("auth service", tuple(tag.version for tag in service.tags())),
    )
    return [(what, str(min(known)), str(max(known)), len(set(known))) for what, known in series]
