"""Print the page of a rule: what it checks, why it matters, what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policy.commands import _complete
from policy.commands._options import color_option
from policy.commands._output import color_wanted, write

if TYPE_CHECKING:
    from policy.lint.rule import Rule


@click.command("rule")
@click.argument("rules", nargs=-1, required=True, metavar="RULE...", shell_complete=_complete.rules)
@color_option
def command(rules: tuple[str, ...], *, color: bool | None) -> None:
    """Print the page of each RULE, which is a name or a code: what it checks, why it matters, what to write instead."""
    from policy.lint.page import markdown

    colored = color_wanted(color)
    pages = [markdown(_find(name)).strip() for name in rules]
    write("\n\n".join(_headed(page) if colored else page for page in pages) + "\n", color=colored)


def _find(name: str) -> Rule:
    from policy.errors import UsageError
    from policy.lint.nearby import did_you_mean
    from policy.lint.rule import find_rule, registry

    rule = find_rule(name)
    if rule is None:
        every = registry()
        near = did_you_mean(name, [*every, *(known.code for known in every.values())])
        raise UsageError(
            f"no rule is called {name!r}. {near}".strip(), help="policy-lint rules lists the names and codes."
        )
    return rule


def _headed(page: str) -> str:
    """The page with its headings in bold; blocks of code stay as they are."""
    lines: list[str] = []
    fenced = False
    for line in page.splitlines():
        fenced ^= line.lstrip().startswith("```")
        lines.append(click.style(line, bold=True) if line.startswith("#") and not fenced else line)
    return "\n".join(lines)
