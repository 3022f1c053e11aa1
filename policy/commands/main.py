"""The two programs: ``policy-lint`` and ``policy``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from policy.commands._program import Program, load
from policy.commands._version import version_option

if TYPE_CHECKING:
    import click

_LINTER = "lint"
BESIDE_FILES: Mapping[str, str] = MappingProxyType({"explain": "rule", "rules": "rules", "versions": "versions"})
"""First words of ``policy-lint`` that are commands, with their modules; a file of such a name is linted as
``./explain``."""


class Linter(Program):
    """``policy-lint``: the command ``lint`` itself, unless the first word is one of a few other commands."""

    def modules(self) -> Mapping[str, str]:
        """The modules of the commands beside linting by the words that call them."""
        return BESIDE_FILES

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of this group or, where files are given, that of the command ``lint``."""
        if args and args[0] in BESIDE_FILES:
            return super().make_context(info_name, args, parent, **extra)
        return load(_LINTER).make_context(info_name, args, parent, **extra)

    def run(self, ctx: click.Context) -> Any:
        """Run whichever command the context is of."""
        return super().run(ctx) if ctx.command is self else ctx.command.invoke(ctx)


lint = Linter(name="policy-lint")
"""The linter."""

toolkit = Program(
    name="policy",
    help="Tools for the access rules of Orthanc.\n\npolicy COMMAND --help tells more about each of them.",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[version_option()],
    no_args_is_help=True,
)
"""The toolkit."""
