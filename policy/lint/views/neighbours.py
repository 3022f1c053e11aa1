"""Which rules of a method may match the same path, as far as their literal beginnings tell, without trying each pair."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.engine.rules import Rule
    from policy.lint.context import Context


class Neighbours:
    """The rules of one method of a policy, in order; ``places`` are theirs in it by the rule's index."""

    def __init__(self, policy: Policy, method: str) -> None:
        self.rules = [rule for rule in policy.rules if rule.method == method]
        self.places = {rule.index: place for place, rule in enumerate(self.rules)}
        self._by_beginning: dict[bytes, list[Rule]] = {}
        for rule in self.rules:
            self._by_beginning.setdefault(rule.compiled.prefix, []).append(rule)
        self._beginnings = sorted(self._by_beginning)

    def near(self, rule: Rule) -> list[Rule]:
        """The rules that may meet a path of ``rule``, itself among them, in order."""
        beginning = rule.compiled.prefix
        found: list[Rule] = []
        for length in range(len(beginning)):
            found += self._by_beginning.get(beginning[:length], ())
        for place in range(bisect_left(self._beginnings, beginning), len(self._beginnings)):
            if not self._beginnings[place].startswith(beginning):
                break
            found += self._by_beginning[self._beginnings[place]]
        return sorted(found, key=lambda one: one.index)

    def before(self, rule: Rule) -> list[Rule]:
        """Those of :meth:`near` that stand before ``rule``."""
        return [one for one in self.near(rule) if one.index < rule.index]

    def after(self, rule: Rule) -> list[Rule]:
        """Those of :meth:`near` that stand behind ``rule``."""
        return [one for one in self.near(rule) if one.index > rule.index]


def neighbours(policy: Policy, method: str, context: Context) -> Neighbours:
    """The neighbours of the rules of a method, found once a run."""
    return context.once(("neighbours", id(policy), method), lambda: Neighbours(policy, method))
