"""Find what is wrong in the files of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from policy.commands import _complete, _fixing, _known, _program
from policy.commands._given import STANDARD_INPUT, deployment_of, settings_of
from policy.commands._options import KINDS, PERSONAS, SEVERITIES, color_option, version_options
from policy.commands._output import color_wanted, on_terminal, write
from policy.commands._version import version_option
from policy.report import FOR_PEOPLE, FORMATS, Options, render

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Lint(click.Command):
    """The command with the commands beside it in its help, where it stands for the whole program."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what follows the options."""
        if ctx.parent is None:
            from policy.commands.main import BESIDE_FILES

            _program.commands_table(formatter, BESIDE_FILES)
        super().format_epilog(ctx, formatter)


def _complete_files(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, and for the first word the commands that may stand there."""
    from click.shell_completion import CompletionItem

    from policy.commands.main import BESIDE_FILES

    first = ctx.parent is None and not ctx.params.get("files")
    beside = [name for name in BESIDE_FILES if first and incomplete and name.startswith(incomplete)]
    # In this order: bash drops what it has when it is told to look for files.
    return [CompletionItem(incomplete, type="file"), *(CompletionItem(name) for name in beside)]


@click.command(
    "lint",
    cls=_Lint,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 nothing as severe as --fail-on, 1 findings, 2 unusable input or usage.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(), shell_complete=_complete_files)
@click.option(
    "--as", "kind", type=click.Choice(KINDS), help="What the text on standard input is. Default: told by its content."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="; ".join(f"{name}: {what}" for name, what in FORMATS.items()) + ".",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File that the report replaces in one step. Default: standard output.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=_complete.rules,
    help="Only these rules: names, codes, beginnings of codes (ROL) or tags (owasp), with commas. Default: all.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULES",
    shell_complete=_complete.rules,
    help="Not these rules; written like --select. Default: none.",
)
@click.option("--severity", type=click.Choice(SEVERITIES), help="The mildest severity to show. Default: info.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="The mildest severity that makes exit code 1. Default: warning."
)
@click.option(
    "--persona",
    type=click.Choice(PERSONAS),
    help="For whom: who runs a server, who wants tidy files too, who must know every way in. Default: regular.",
)
@click.option("--preview", is_flag=True, help="Also rules that are new and may still change. Default: not.")
@click.option(
    "--client",
    "clients",
    multiple=True,
    metavar="NAME",
    shell_complete=_complete.clients,
    help="A client that must work, such as ohif; may be repeated. Default: those that the files name.",
)
@version_options
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    help="File with settings. Default: .policy-lint.toml, or pyproject.toml with a table [tool.policy-lint], in the "
    "folder of the first file or above it.",
)
@click.option("--no-config", is_flag=True, help="Read no file with settings. Default: read.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False),
    help="File with known findings, made by policy baseline: only others are shown and count. Default: none.",
)
@click.option("--fix", is_flag=True, help="Mend in the files given what can be mended safely. Default: not.")
@click.option(
    "--unsafe-fixes",
    is_flag=True,
    help="With --fix or --diff: also changes that may alter what somebody may do; look at them. Default: not.",
)
@click.option(
    "--diff",
    "dry",
    is_flag=True,
    help="Show what --fix would change and write nothing; exit code 1 if it would. Default: not.",
)
@click.option("--exit-zero", is_flag=True, help="Exit code 0 even with findings. Default: see below.")
@color_option
@click.option("--quiet", "-q", is_flag=True, help="Only the findings: no versions before, no sum after. Default: not.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule. Default: not.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    *,
    form: str,
    output: str | None,
    kind: str | None,
    exit_zero: bool,
    color: bool | None,
    quiet: bool,
    statistics: bool,
    baseline: str | None,
    fix: bool,
    unsafe_fixes: bool,
    dry: bool,
    **given: Any,
) -> None:
    """Find what is wrong in FILES: configurations of Orthanc, permissions.json and anonymous-profile.json of the auth
    service, Compose files and what else deploys them. They are recognised by their content. A folder stands for what
    is in it, - for standard input.
    """
    from policy.lint.run import run

    if unsafe_fixes and not (fix or dry):
        raise click.UsageError("--unsafe-fixes says which fixes --fix and --diff make: give one of them too.")
    settings = settings_of(files, given)
    to_file = output not in (None, STANDARD_INPUT)
    colored = color_wanted(color, to_file=to_file)
    known = _known.read(baseline)
    if dry:
        changes = _fixing.show(files, kind, settings, known, unsafe=unsafe_fixes, output=output, color=colored)
        ctx.exit(1 if changes and not exit_zero else 0)
    if fix:
        result = _fixing.fix(files, kind, settings, known, unsafe=unsafe_fixes)
    else:
        result = run(deployment_of(files, kind, settings), settings)
    if known is not None:
        result = _known.less(result, known, settings)
    # Where the fixed text of standard input goes to standard output, the report must not stand in it.
    aside = fix and STANDARD_INPUT in files and not to_file
    terminal = on_terminal(to_file=to_file or aside)
    colored = colored and not aside
    options = Options(
        color=colored,
        links=colored and terminal,
        width=_terminal_width() if terminal else None,
        statistics=statistics,
        quiet=quiet,
    )
    report = render(result, form, options)
    if aside:
        _program.complain(report.removesuffix("\n"))
    else:
        write(report, file=output, color=colored, exact=form not in FOR_PEOPLE)
    failed = result.worst is not None and result.worst >= settings.fail_on
    ctx.exit(1 if failed and not exit_zero else 0)


command.params.append(version_option())


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
