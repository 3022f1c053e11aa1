"""Who can call a route, and what somebody can do: the two halves of the matrix, asked for one line of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from policy.engine import Effect, Reason
from policy.engine.request import Seen
from policy.engine.route import seen_of
from policy.errors import PolicyError
from policy.questions.classes import Partition, RouteClass
from policy.questions.matrix import Cell, Row, matrix
from policy.questions.relation import DENY, Answer, Grant, grant_of
from policy.questions.senders import Judge, Sender, senders
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.engine import Decision, Policy, Rule, UserProfile


class Caller(NamedTuple):
    """Somebody who may call a route, for certain or under conditions."""

    who: Sender
    decision: Decision


@dataclass(frozen=True, slots=True, eq=False)
class Callers:
    """All callers of a route, then those who may not; ``share`` is what a share link opens of it."""

    allowed: tuple[Caller, ...]
    refused: tuple[Caller, ...]
    share: Grant


def who_can(policy: Policy, route: str, *, resource: Any = None, combine: Sequence[Sequence[str]] = ()) -> Callers:
    """Who may call ``route``, a request as :meth:`policy.engine.Policy.decide` takes it.

    ``resource`` are labels or an archive, as there; ``combine`` are roles that somebody has together.
    Where no roles are known, holders of permissions stand for them.
    """
    people = senders([policy], combine=combine)
    asked = [Caller(one, _decided(policy, route, one, resource)) for one in people if one.kind != "share"]
    allowed = tuple(one for one in asked if one.decision.effect is not Effect.DENY)
    refused = tuple(one for one in asked if one.decision.effect is Effect.DENY)
    return Callers(allowed, refused, _shared(policy, route, people))


def _decided(policy: Policy, route: str, who: Sender, resource: Any) -> Decision:
    decision = policy.decide(route, who.token, resource=resource)
    if decision.reason is Reason.SEARCH_EXCEPTION:  # what follows may refuse it
        return policy.decide(route, who.token, resource=resource, body=b"")
    return decision


def _shared(policy: Policy, route: str, people: Sequence[Sender]) -> Grant:
    holder = next((one for one in people if one.kind == "share"), None)
    seen, _ = seen_of(route, policy.proxy)
    if holder is None or not isinstance(seen, Seen):
        return DENY
    try:
        rule = policy.first_rule(seen.method, seen.path)
    except PolicyError:  # Boost gives up: the request is refused
        return DENY
    return grant_of(policy.decide_under(rule, seen, holder.subjects[0]))


class Way(NamedTuple):
    """Requests that one rule, or none, decides for somebody: what is granted and why, an example, the known routes."""

    rule: Rule | None
    reason: Reason
    grant: Grant
    request: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Abilities:
    """What somebody can do: the profile that the plugin sees, features, and requests by rule."""

    who: Sender
    profile: UserProfile
    features: tuple[Cell, ...]
    ways: tuple[Way, ...]


def can(policy: Policy, who: Sender, rows: Sequence[Row]) -> Abilities:
    """What ``who`` (a sender of this policy alone) can do of ``rows``, and by which rules.

    The ways are complete: a request that is in none of them is refused.
    """
    partition = Partition([policy])
    judge = Judge([policy])
    found: dict[tuple[str, int | None, Answer], list[RouteClass]] = {}
    for one in partition.classes:
        answer = judge.answer(one, who)
        if answer.grant != DENY and one.certain:
            rule = one.sides[0].rule
            found.setdefault((one.method, None if rule is None else rule.index, answer), []).append(one)
    likely = partition.likely([one for classes in found.values() for one in classes])
    ways = []
    for (_, _, answer), classes in found.items():
        best = min(classes, key=lambda one: (not partition.routes(one), len(one.query), len(likely[one])))
        routes = tuple(dict.fromkeys(f"{one.method} {route}" for one in classes for route in partition.routes(one)))
        ways.append(Way(best.sides[0].rule, answer.reason, answer.grant, likely[best], routes))
    ways.sort(key=lambda way: -1 if way.rule is None else way.rule.index)
    cells = tuple(line[0] for line in matrix(policy, rows, [who]).cells)
    subject = who.subjects[0]
    profile = subject.own if subject.present else subject.visitor
    return Abilities(who, profile, cells, tuple(ways))
