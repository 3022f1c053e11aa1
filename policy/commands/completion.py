"""Print the script with which a shell completes both programs."""

from __future__ import annotations

import click

from policy.commands._output import write

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion", context_settings={"max_content_width": 100})
@click.argument("shell", type=click.Choice(_SHELLS))
@click.option(
    "--program",
    "only",
    type=click.Choice(["policy-lint", "policy"]),
    help="For one program alone, for shells that look for a file of its name. Default: both in one script.",
)
def command(shell: str, only: str | None) -> None:
    """Print what makes SHELL complete commands, options, rules, roles, versions and files.

    For this session: eval "$(policy completion bash)"; the same with zsh; policy completion fish | source.
    """
    from click.shell_completion import get_completion_class

    from policy.commands.main import lint, toolkit

    made = get_completion_class(shell)
    if made is None:  # click has all three
        raise click.UsageError(f"no completion for {shell}")
    programs = [program for program in (lint, toolkit) if only in (None, program.name)]
    scripts = []
    for program in programs:
        name = program.name or ""
        # Not made by ``source``: it starts the shell only to look at its version.
        completion = made(program, {}, name, f"_{name.replace('-', '_').upper()}_COMPLETE")
        scripts.append(completion.source_template % completion.source_vars())
    write("\n".join(scripts), exact=True)
