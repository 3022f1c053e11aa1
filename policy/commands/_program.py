"""What both programs share: commands loaded when called, errors told in one way, exit codes.

Exit codes: 0 nothing found, 1 findings, 2 unusable input or usage, 70 a fault of policy-lint itself, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from policy.errors import PolicyError

INTERNAL_ERROR = 70
"""As sysexits.h has it: a program that fails is neither a finding nor a wrong file."""
_INTERRUPTED = 130
_FOLDER = Path(__file__).parent
_DEBUG = "POLICY_DEBUG"
_VALUES_BETWEEN_COLLECTIONS = 100_000


def names() -> list[str]:
    """The commands there are."""
    return sorted(
        file.stem.replace("_", "-")
        for file in _FOLDER.glob("*.py")
        if not file.stem.startswith("_") and file.stem != "main"
    )


def load(name: str) -> click.Command:
    """The command of that name."""
    command: click.Command = import_module(f"policy.commands.{name.replace('-', '_')}").command
    return command


def summary(name: str) -> str:
    """What the command does, from the first line of its module, which is not imported for this."""
    with (_FOLDER / f"{name.replace('-', '_')}.py").open(encoding="utf-8") as file:
        return file.readline().strip().strip('"').strip()


def commands_table(formatter: click.HelpFormatter, modules: Mapping[str, str]) -> None:
    """Write the list of commands of a help page: words with the names of their modules."""
    with formatter.section("Commands"):
        formatter.write_dl([(word, summary(module)) for word, module in modules.items()])


class Program(click.Group):
    """A group whose commands are the modules of this package."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run as a process of its own."""
        # A run makes many values, hardly any in circles, and ends: to look for circles often, and once more at the end,
        # is a quarter of its time.
        gc.set_threshold(_VALUES_BETWEEN_COLLECTIONS, 20, 50)
        try:
            return super().__call__(*args, **kwargs)
        finally:
            gc.freeze()

    def modules(self) -> Mapping[str, str]:
        """The modules of the commands by the words that call them."""
        return {name: name for name in names()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The words that call a command."""
        return list(self.modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        module = self.modules().get(cmd_name)
        return load(module) if module is not None else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ``args`` begin with; an unknown one is told with those that are near."""
        if args and args[0] not in self.list_commands(ctx) and not ctx.resilient_parsing and args[0][:1] != "-":
            from policy.lint.nearby import did_you_mean

            near = did_you_mean(args[0], self.list_commands(ctx))
            ctx.fail(f"No such command {args[0]!r}. {near}".strip())
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands with their summaries."""
        commands_table(formatter, self.modules())

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises is told on standard error without a traceback."""
        try:
            return self.run(ctx)
        except PolicyError as error:
            raise Refused(error) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(_INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get(_DEBUG):
                raise
            raise Fault(error) from error

    def run(self, ctx: click.Context) -> Any:
        """Run the command without looking at what it raises."""
        return super().invoke(ctx)


class Refused(click.ClickException):
    """An error of ours as click shows it: place and message, then what to do."""

    exit_code = PolicyError.exit_code

    def __init__(self, error: PolicyError) -> None:
        super().__init__(str(error))
        self.error = error

    def show(self, file: Any = None) -> None:
        """Write it to standard error."""
        from policy.report.visible import visible

        lines = [visible(str(self.error))]
        if self.error.help:
            lines.append(f"  help: {visible(self.error.help)}")
        complain("\n".join(lines), file)


class Fault(click.ClickException):
    """A fault of the tool: what a report about it needs, and nothing of what the files hold."""

    exit_code = INTERNAL_ERROR

    def __init__(self, error: Exception) -> None:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else "?"
        super().__init__(f"internal error: {type(error).__name__} at {where}")

    def show(self, file: Any = None) -> None:
        """Write it to standard error."""
        complain(
            f"{self.message}\n  help: this is a fault of policy-lint, please report it; {_DEBUG}=1 shows the traceback.",
            file,
        )


def complain(text: str, file: Any = None) -> None:
    """Write ``text`` to standard error, whatever characters it holds."""
    stream = file or sys.stderr
    encoding = getattr(stream, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), file=stream)
