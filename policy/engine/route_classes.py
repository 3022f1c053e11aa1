"""Route classes: the parts into which the rules divide the paths of each method.

A class is what one rule is the first to match; with the paths that no rule matches, the classes of a method are a
partition of all paths, and every decision is the same within a class but for labels, shares and unchecked paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.engine.rules import METHODS, Rule
from policy.patterns import compile as compile_pattern
from policy.patterns.errors import NotAnalysable, Undecided
from policy.patterns.language import difference
from policy.patterns.likely import Preference
from policy.tuples import NamedTuple

if TYPE_CHECKING:
    from policy.engine.policy import Policy


class RouteClass(NamedTuple):
    """The paths of ``method`` that ``rule`` is the first to match; ``rule`` None: those that no rule matches.

    ``witness`` is a path of the class. It is None where a pattern is no regular language, so that none can be proved;
    ``why`` then says so.
    """

    method: str
    rule: Rule | None
    witness: str | None
    why: str = ""


def route_classes(policy: Policy, preference: Preference | None = None) -> Iterator[RouteClass]:
    """The classes of a policy that are not empty, by method and rule; those without rule come last."""
    chosen = preference or Preference()
    anything = compile_pattern("/.*")
    for method in METHODS:
        own = [rule for rule in policy.rules if rule.method == method]
        for position, rule in enumerate([*own, None]):
            pattern = anything if rule is None else rule.compiled
            try:
                witness = difference(pattern, [one.compiled for one in own[:position]], preference=chosen)
            except (NotAnalysable, Undecided) as error:
                yield RouteClass(method, rule, None, error.message)
                continue
            if witness is not None:
                yield RouteClass(method, rule, witness)
