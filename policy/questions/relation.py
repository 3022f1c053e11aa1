"""What a request may do for somebody, in a form that two policies can be compared by; and how policies relate."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from policy.engine import Effect, Reason
from policy.engine.level import Level

if TYPE_CHECKING:
    from policy.engine.decision import Decision, Outcome


class Relation(enum.StrEnum):
    """How a new policy, or a new answer, relates to an old one."""

    EQUIVALENT = "equivalent"
    MORE_PERMISSIVE = "more-permissive"
    LESS_PERMISSIVE = "less-permissive"
    INCOMPARABLE = "incomparable"


class Grant(NamedTuple):
    """What is granted: everything, nothing, or what fulfils all conditions.

    ``labels``: levels at which the resource must have one of some labels; ``shared``: levels at which a share token
    must open the resources.
    That a resource must exist is no condition here: without it there is nothing to be had.
    """

    effect: Effect
    labels: frozenset[tuple[Level, frozenset[str]]] = frozenset()
    shared: frozenset[Level] = frozenset()

    def __str__(self) -> str:
        if self.effect is not Effect.CONDITIONAL:
            return str(self.effect)
        parts = [
            f"only if the {level} has the label {' or '.join(map(repr, sorted(names)))}"
            for level, names in sorted(self.labels)
        ]
        if self.shared:
            parts.append(f"only if the share covers the {' and the '.join(_in_order(self.shared))}")
        return ", and ".join(parts)


def _in_order(levels: frozenset[Level]) -> list[str]:
    return [level.value for level in Level if level in levels]


PERMIT = Grant(Effect.PERMIT)
DENY = Grant(Effect.DENY)


class Answer(NamedTuple):
    """A grant and the code of its reason."""

    grant: Grant
    reason: Reason


def grant_of(outcome: Outcome | Decision) -> Grant:
    """The grant in what the engine answers."""
    if outcome.effect is not Effect.CONDITIONAL:
        return PERMIT if outcome.effect is Effect.PERMIT else DENY
    labels = frozenset((one.level, one.labels) for one in outcome.conditions if one.kind == "labels")
    shared = frozenset(one.level for one in outcome.conditions if one.kind == "shared")
    return Grant(Effect.CONDITIONAL, labels, shared) if labels or shared else PERMIT


def at_most(one: Grant, other: Grant) -> bool:
    """Whether everything that ``one`` grants is granted by ``other``.

    >>> at_most(DENY, PERMIT), at_most(PERMIT, DENY)
    (True, False)
    """
    if one.effect is Effect.DENY or other.effect is Effect.PERMIT:
        return True
    if one.effect is Effect.PERMIT or other.effect is Effect.DENY:
        return False
    return other.shared <= one.shared and all(
        any(level == own_level and own <= names for own_level, own in one.labels) for level, names in other.labels
    )


def compare(old: Grant, new: Grant) -> Relation:
    """How the new grant relates to the old one."""
    return _RELATIONS[at_most(old, new), at_most(new, old)]


_RELATIONS = {
    (True, True): Relation.EQUIVALENT,
    (True, False): Relation.MORE_PERMISSIVE,
    (False, True): Relation.LESS_PERMISSIVE,
    (False, False): Relation.INCOMPARABLE,
}


def together(relations: frozenset[Relation]) -> Relation:
    """How two policies relate whose answers relate so."""
    changed = relations - {Relation.EQUIVALENT}
    if not changed:
        return Relation.EQUIVALENT
    return next(iter(changed)) if len(changed) == 1 else Relation.INCOMPARABLE
