"""List the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policy.commands import _complete
from policy.commands._options import separated
from policy.commands._output import write

if TYPE_CHECKING:
    from policy.lint.rule import Rule


@click.command("rules")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete.rules)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to write it."
)
def command(names: tuple[str, ...], form: str) -> None:
    """List the rules: all, or those that a NAME means.

    A NAME is a rule's name, a code, the beginning of codes (ROL) or a tag (owasp).
    """
    from policy.lint.finding import Persona
    from policy.lint.rule import registry
    from policy.lint.settings import Settings, check_names

    wanted = separated(names)
    check_names(wanted, option="rules")
    chosen = Settings(select=wanted, preview=True, persona=Persona.AUDITOR)
    found = [rule for rule in registry().values() if chosen.wants(rule)]
    if form == "json":
        from policy.report.plain import to_json

        write(to_json([_facts(rule) for rule in found]), exact=True)
    else:
        write(_table(found))


def _facts(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "rule": rule.name,
        "title": rule.title,
        "severity": str(rule.severity),
        "confidence": str(rule.confidence),
        "persona": str(rule.persona),
        "preview": rule.preview,
        "since": rule.since,
        "fix": rule.fixable,
        "references": list(rule.tags),
    }


def _table(rules: list[Rule]) -> str:
    rows = [(rule.code, rule.name, str(rule.severity), _who(rule), rule.title) for rule in rules]
    rows.insert(0, ("code", "rule", "severity", "persona", "what is wrong"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "".join(
        "  ".join([*(cell.ljust(size) for cell, size in zip(row, widths, strict=False)), row[4]]) + "\n" for row in rows
    )


def _who(rule: Rule) -> str:
    return f"{rule.persona}, preview" if rule.preview else str(rule.persona)
