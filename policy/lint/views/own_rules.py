"""The rules that somebody wrote, each with its row in the file, and what a rule decides on the known routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.lint.views.permissions import rows
from policy.lint.views.policies import usable_policy
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Policy
    from policy.engine.rules import Rule
    from policy.lint.context import Context
    from policy.lint.views.permissions import Row
    from policy.lint.views.route_table import Known

_LONGEST = 70


@dataclass(frozen=True, slots=True)
class Own:
    """A row of Permissions or ExtraPermissions with the effective rules that it became: several for the alias."""

    row: Row
    rules: tuple[Rule, ...]

    @property
    def rule(self) -> Rule:
        """The first of them."""
        return self.rules[0]

    def __str__(self) -> str:
        return shown(self.rule.method, self.row.pattern)


def shown(method: str, pattern: str) -> str:
    """A rule for the middle of a message."""
    return f"{method} {pattern if len(pattern) <= _LONGEST else pattern[: _LONGEST - 1] + '…'}"


def asked(rule: Rule) -> str:
    """What a rule asks for, in words."""
    return " or ".join(sorted(rule.permissions)) or "no permission"


def own_rules(server: OrthancServer, context: Context) -> tuple[Own, ...]:
    """The rows that became rules, in order; none where nothing compiles."""
    return context.once(("own rules", id(server)), lambda: _own_rules(server, context))


def _own_rules(server: OrthancServer, context: Context) -> tuple[Own, ...]:
    written = list(rows(server))
    policy = usable_policy(server, context) if written else None
    if policy is None:
        return ()
    became: dict[tuple[object, ...], list[Rule]] = {}
    for rule in policy.rules:
        if rule.origin.by == "configuration":
            became.setdefault(rule.origin.path[1:], []).append(rule)
    found: list[Own] = []
    for row in written:
        rules = became.get((row.option, row.index))
        # A row that cannot be read stands as a rule that matches nothing; other rules report it.
        if rules and row.complete and (rules[0].pattern != "^$" or row.pattern == "^$"):
            found.append(Own(row, tuple(rules)))
    return tuple(found)


def first_rule(policy: Policy, method: str, path: str) -> Rule | None:
    """The rule that decides the path; None also where Boost gives up."""
    from policy.patterns import TooComplex

    try:
        return policy.first_rule(method, path)
    except TooComplex:
        return None


def known_of(own: Own, server: OrthancServer, context: Context) -> tuple[Known, ...]:
    """The known routes, of any method, whose example path the row matches."""
    from policy.lint.views.route_table import table

    routes = table(server, context)

    def find() -> tuple[Known, ...]:
        found: dict[tuple[str, bytes], Known] = {}
        for rule in own.rules:
            for known in routes.matched(rule.compiled):
                found.setdefault((known.method, known.data), known)
        return tuple(found.values())

    return context.once(("known of", routes, tuple(rule.compiled for rule in own.rules)), find)
