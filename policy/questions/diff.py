"""What a change of a policy changes: for whom, on which routes, by which lines; or the proof that nothing does.

The routes of both policies are cut into classes of requests that neither policy tells apart; each class is put to both
engines once for each sender.
So "equivalent" is proved for all paths and all senders that are named, not sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from policy.questions.causes import Cause, Given, causes
from policy.questions.classes import Partition, RouteClass
from policy.questions.relation import Answer, Relation, compare, together
from policy.questions.senders import Judge, Sender, knows_roles, merged, senders
from policy.questions.too_complex import ambiguous
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.engine import Policy

__all__ = ["Case", "Diff", "Difference", "Given", "diff"]


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Requests that get another answer, and who sends them.

    ``request`` is one of them, verified on both engines.  ``routes`` are the known routes among them, ``patterns`` the
    rules that decide them, before and after.
    ``certain`` is false where no request was found although one may exist: rules that are no regular languages.
    """

    method: str
    request: str
    senders: tuple[Sender, ...]
    old: Answer
    new: Answer
    relation: Relation
    causes: tuple[Cause, ...]
    routes: tuple[str, ...]
    classes: tuple[RouteClass, ...]
    certain: bool

    @property
    def people(self) -> tuple[str, ...]:
        """The senders by name."""
        return merged(self.senders)


class Case(NamedTuple):
    """One request of one sender with the answers of both sides: what a test can be made of."""

    request: str
    token: Any
    old: Answer
    new: Answer


@dataclass(frozen=True, slots=True, eq=False)
class Diff:
    """The whole comparison.

    ``proved`` is false where something was only tried; ``caveats`` say what, and what else the comparison leaves aside.
    ``classes`` is the number of classes of requests that were compared.
    """

    old: Given
    new: Given
    differences: tuple[Difference, ...]
    senders: tuple[Sender, ...]
    by_roles: bool
    classes: int
    caveats: tuple[str, ...]
    proved: bool

    @property
    def relation(self) -> Relation:
        """How the new policy relates to the old one, as far as it is certain (see ``proved``)."""
        return together(frozenset(one.relation for one in self.differences if one.certain))

    def cases(self) -> Iterator[Case]:
        """For each difference one case for each sender, to make tests of."""
        for one in self.differences:
            if one.certain:
                for who in one.senders:
                    yield Case(one.request, who.token, one.old, one.new)


def diff(old: Given | Policy, new: Given | Policy, *, combine: Sequence[Sequence[str]] = (), by: str = "roles") -> Diff:
    """Compare two policies.

    ``combine`` are roles that somebody has together.  ``by="permissions"`` compares for every profile instead of for
    the roles; that is also done where one side knows no roles.
    Raises :class:`policy.patterns.errors.Undecided` where the patterns are too large to be compared.
    """
    sides = tuple(one if isinstance(one, Given) else Given(one) for one in (old, new))
    policies = tuple(one.policy for one in sides)
    people = senders(policies, combine=combine, by=by)
    partition = Partition(policies)
    judge = Judge(policies)
    rows: dict[_Row, list[RouteClass]] = {}
    for one in partition.classes:
        for (before, after, why), who in _changes(one, people, judge, sides).items():
            rows.setdefault(_Row(one.method, one.certain, before, after, why, tuple(who)), []).append(one)
    likely = partition.likely([one for found in rows.values() for one in found])
    differences = [_difference(row, found, partition, likely) for row, found in rows.items()]
    differences.sort(key=lambda one: (_ORDER[one.relation], not one.certain))
    caveats = tuple(_caveats(sides, partition, differences, by_roles=by == "roles" and knows_roles(policies)))
    proved = all(one.certain for one in differences)
    return Diff(
        sides[0], sides[1], tuple(differences), people, by == "roles" and knows_roles(policies),
        len(partition.classes), caveats, proved,
    )  # fmt: skip


class _Row(NamedTuple):
    """What classes have in common that become one difference."""

    method: str
    certain: bool
    old: Answer
    new: Answer
    causes: tuple[Cause, ...]
    senders: tuple[Sender, ...]


def _difference(
    row: _Row, found: Sequence[RouteClass], partition: Partition, likely: Mapping[RouteClass, str]
) -> Difference:
    best = min(found, key=lambda one: (not partition.routes(one), len(one.query), len(likely[one]), likely[one]))
    return Difference(
        method=row.method,
        request=likely[best],
        senders=row.senders,
        old=row.old,
        new=row.new,
        relation=compare(row.old.grant, row.new.grant),
        causes=row.causes,
        routes=tuple(dict.fromkeys(route for one in found for route in partition.routes(one))),
        classes=tuple(found),
        certain=row.certain,
    )


_ORDER = {Relation.MORE_PERMISSIVE: 0, Relation.INCOMPARABLE: 1, Relation.LESS_PERMISSIVE: 2, Relation.EQUIVALENT: 3}


def _changes(
    one: RouteClass, people: Sequence[Sender], judge: Judge, sides: Sequence[Given]
) -> dict[tuple[Answer, Answer, tuple[Cause, ...]], list[Sender]]:
    """Whose answers differ on a class, put together where answers and causes are the same."""
    found: dict[tuple[Answer, Answer, tuple[Cause, ...]], list[Sender]] = {}
    for who in people:
        before, after = judge.answer(one, who, 0), judge.answer(one, who, 1)
        if before.grant != after.grant and compare(before.grant, after.grant) is not Relation.EQUIVALENT:
            found.setdefault((before, after, causes(sides[0], sides[1], one, who)), []).append(who)
    return found


def _caveats(
    sides: Sequence[Given], partition: Partition, differences: Sequence[Difference], *, by_roles: bool
) -> Iterator[str]:
    old, new = sides[0].policy, sides[1].policy
    if any(not one.certain for one in differences):
        yield "some rules are no regular languages: for differences marked as not certain no request was found by trying"
    doubtful = [rule.pattern for rule in ambiguous(partition)]
    if doubtful:
        names = ", ".join(map(repr, doubtful[:3])) + (f" and {len(doubtful) - 3} more" if len(doubtful) > 3 else "")
        yield f"paths so long that Boost gives up on them, which refuses the request, are left aside: {names}"
    read = [{(one.kind, one.name) for one in policy.credentials} for policy in (old, new)]
    if read[0] != read[1]:
        gone = ", ".join(f"{kind} {name!r}" for kind, name in sorted(read[0] - read[1]))
        come = ", ".join(f"{kind} {name!r}" for kind, name in sorted(read[1] - read[0]))
        parts = [f"no longer from {gone}"] * bool(gone) + [f"now from {come}"] * bool(come)
        yield f"tokens are read {' and '.join(parts)}; each side is compared with tokens where it looks for them"
    if old.version != new.version:
        yield (
            "what the plugin does behind the filter is not compared: searches and answers may be narrowed in other ways"
        )
    if not by_roles and (old.roles is None) != (new.roles is None):
        yield "one side knows no roles, so that everybody is compared by permissions"
