"""Compare two policies: who may do what that was not so before, and by which lines."""

from __future__ import annotations

import click

from policy.commands import _complete
from policy.commands._options import version_options
from policy.commands._output import write

_FAIL_ON = {
    "any": frozenset({"more-permissive", "less-permissive", "incomparable"}),
    "more-permissive": frozenset({"more-permissive", "incomparable"}),
    "less-permissive": frozenset({"less-permissive", "incomparable"}),
}


@click.command("diff", no_args_is_help=True, context_settings={"max_content_width": 100})
@click.argument("deployments", nargs=-1, metavar="[OLD] [NEW]", shell_complete=_complete.files)
@click.option(
    "--by",
    type=click.Choice(["roles", "permissions"]),
    default="roles",
    show_default=True,
    help="Compare for the roles of the deployments, or for whoever has a permission. Without roles: by permissions.",
)
@click.option(
    "--combine",
    multiple=True,
    metavar="A+B",
    shell_complete=_complete.roles,
    help="Roles that somebody has together. Default: none.",
)
@click.option(
    "--server",
    metavar="NAME",
    shell_complete=_complete.servers,
    help="Which Orthanc, where files describe several. Default: the guarded one.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(_FAIL_ON)),
    help="Exit with 1 where the new policy is so for anybody, and where that cannot be told. Default: on any difference.",
)
@click.option(
    "--write-tests",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write the differences as tests of the new policy for policy test; the name should end in .test.json5. "
    "Default: not written.",
)
@version_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
    help="How to write it.",
)  # fmt: skip
def command(
    deployments: tuple[str, ...],
    *,
    by: str,
    combine: tuple[str, ...],
    server: str | None,
    fail_on: str | None,
    write_tests: str | None,
    form: str,
    **versions: str | None,
) -> None:
    """Compare the policies of two deployments, OLD and NEW, for every request and everybody.

    OLD and NEW are files, folders, or revisions of git: HEAD~1: or HEAD~1:PATH.
    A version may be a range, such as --plugin-version 0.9.4..0.11.4: then one deployment is compared with itself under
    the other version; without any deployment the plugin's own rules are compared.
    """
    from policy.commands import _differences
    from policy.commands._sides import sides
    from policy.questions.diff import diff
    from policy.report.plain import to_json

    combined = [tuple(part.strip() for part in text.split("+")) for text in combine]
    with sides(deployments, versions, server) as (old, new):
        told = diff(old, new, combine=combined, by=by)
        if write_tests is not None:
            from policy.questions.written_tests import written

            write(written(told), file=write_tests, exact=True)
        if form == "json":
            write(to_json(_differences.plain(told)), exact=True)
        elif form == "markdown":
            write(_differences.markdown(told))
        else:
            write(_differences.text(told))
    failing = _FAIL_ON[fail_on or "any"]
    if any(str(one.relation) in failing for one in told.differences):
        raise click.exceptions.Exit(1)
