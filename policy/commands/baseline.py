"""Remember the findings there are, so that policy-lint --baseline fails on new ones only."""

from __future__ import annotations

from typing import Any

import click

from policy.commands import _program
from policy.commands._given import deployment_of, settings_of
from policy.commands._output import write
from policy.commands.lint import command as _lint

_OWN = frozenset({"form", "output", "fail_on", "exit_zero", "color", "quiet", "statistics", "baseline", "fix"})
_SHARED = [parameter for parameter in _lint.params if parameter.name not in _OWN | {"unsafe_fixes", "dry", "version"}]
"""What both commands must be told alike, so that both find the same."""


@click.command("baseline", no_args_is_help=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File that the baseline replaces in one step. Default: standard output.",
)
def command(files: tuple[str, ...], *, kind: str | None, output: str | None, **given: Any) -> None:
    """Write what policy-lint finds in FILES now as a baseline: a JSON file with a fingerprint a finding.

    Fingerprints survive moved lines. Call both commands in the same folder and with the same options.
    """
    from policy.lint import baseline
    from policy.lint.run import run

    settings = settings_of(files, {**given, "fail_on": None})
    result = run(deployment_of(files, kind, settings), settings)
    made = baseline.of(result.findings)
    write(made.text(), file=output, exact=True)
    count = len(result.findings)
    _program.complain(f"{'1 finding is' if count == 1 else f'{count} findings are'} known from now on.")


command.params = [*_SHARED, *command.params]
