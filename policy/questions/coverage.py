"""How much of a policy its tests have touched: the rules that decided a case, and the classes of routes met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policy.engine.request import Seen
from policy.engine.route import seen_of
from policy.errors import PolicyError
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.engine import Decision, Policy, Rule
    from policy.questions.classes import RouteClass


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; ``missing`` says in words what was not touched."""

    what: str
    touched: int
    all: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> float:
        """From 0 to 100; nothing at all counts as covered."""
        return 100.0 * self.touched / self.all if self.all else 100.0


def coverage(policy: Policy, decisions: Sequence[Decision]) -> tuple[Share, ...]:
    """The coverage by rules and by route classes."""
    return _rules(policy, decisions), _classes(policy, decisions)


def _rules(policy: Policy, decisions: Sequence[Decision]) -> Share:
    """Rows of the lists: the alias is several rules to the engine and one to who writes it."""
    rows: dict[object, list[Rule]] = {}
    for rule in policy.rules:
        origin = rule.origin
        if origin.path:
            key: object = origin.path
        else:
            key = (rule.method, rule.permissions, origin.alias) if origin.alias else rule.index
        rows.setdefault(key, []).append(rule)
    met = {decision.rule.index for decision in decisions if decision.rule is not None}
    missing = [rules[0] for rules in rows.values() if met.isdisjoint(rule.index for rule in rules)]
    return Share("rules", len(rows) - len(missing), len(rows), tuple(map(str, missing)))


def _classes(policy: Policy, decisions: Sequence[Decision]) -> Share:
    """Classes that hold a route of the server; what only invented paths fall into says nothing about a policy."""
    from policy.questions.classes import Partition

    partition = Partition([policy])
    known = [one for one in partition.classes if partition.routes(one)]
    met = set()
    for decision in decisions:
        try:
            seen, _ = seen_of(decision.request, policy.proxy)
        except PolicyError:
            continue
        if isinstance(seen, Seen):
            found = partition.find(seen.method, seen.path, seen.arguments)
            if found is not None:
                met.add(found.number)
    missing = [one for one in known if one.number not in met]
    shown = partition.likely(missing)
    words = tuple(f"{shown[one]}{_by(one)}" for one in missing)
    return Share("route classes", len(known) - len(missing), len(known), words)


def _by(one: RouteClass) -> str:
    side = one.sides[0]
    if side.unchecked:
        return " (unchecked)"
    return " (no rule)" if side.rule is None else f" (rule {side.rule.pattern})"
