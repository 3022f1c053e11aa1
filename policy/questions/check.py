"""What must hold of a policy: PASS with a proof, or FAIL with the rule that breaks it and a request to try.

Every check is decided on route classes, so that it covers all paths, not a sample; where rules are no regular languages
and trying finds nothing, the answer is UNDECIDED.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from policy import patterns
from policy.engine import Effect, Reason
from policy.engine.rules import METHODS
from policy.errors import UsageError
from policy.knowledge import plugin
from policy.questions.causes import Given
from policy.questions.classes import Partition, RouteClass, literal
from policy.questions.diff import Diff, diff
from policy.questions.relation import DENY, Answer, Relation
from policy.questions.senders import ANONYMOUS, Judge, Sender, sender, senders
from policy.questions.too_complex import ambiguous
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.engine import Policy, Rule
    from policy.patterns import Pattern

ANYBODY = "anybody"
"""What people write for visitors and all roles, each alone."""
ANY = "*"
_WILD = {"*": ".*", "{resource}": "[0-9a-f]{8}(?:-[0-9a-f]{8}){4}", "{uid}": "[0-9.]+"}


class Verdict(enum.StrEnum):
    """What a check came to."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A request that breaks what was asserted; ``rule`` is the rule that decides it, None for no rule.

    ``why`` says it in words.  ``certain`` is false where no such request was found although one may exist.
    """

    who: str
    request: str
    answer: Answer
    rule: Rule | None
    why: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict; ``checked`` says what it covers, ``diff`` is there for comparisons."""

    check: str
    verdict: Verdict
    counterexamples: tuple[Counterexample, ...]
    checked: str
    caveats: tuple[str, ...] = ()
    diff: Diff | None = None

    def __bool__(self) -> bool:
        return self.verdict is Verdict.PASS


def not_granted(policy: Policy, who: str, method: str, route: str) -> Result:
    """Whether ``who`` never gets a request through, not even under conditions.

    ``who``: ``anonymous``, ``anybody``, a role, or roles with ``+`` between them; ``method``: ``*`` for all.
    ``route``: a path, a path with ``{names}`` and ``*`` in it (see :func:`language`), or a pattern that begins with ``^``.
    Raises :class:`UsageError` for what is none of these, :class:`policy.patterns.errors.Undecided` beyond the budget.
    """

    def broken(_: RouteClass, answer: Answer) -> str | None:
        if answer.grant.effect is Effect.DENY:
            return None
        return "is permitted" if answer.grant.effect is Effect.PERMIT else f"is permitted, {answer.grant}"

    return _universal(f"not-granted {who} {method} {route}", policy, who, method, route, broken)


def always_granted(policy: Policy, who: str, method: str, route: str, *, if_labels_allow: bool = False) -> Result:
    """Whether ``who`` gets every such request through; with ``if_labels_allow`` what hangs on labels counts as well.

    Arguments and errors as for :func:`not_granted`.
    """

    def broken(_: RouteClass, answer: Answer) -> str | None:
        if answer.grant.effect is Effect.PERMIT or (if_labels_allow and answer.grant.effect is Effect.CONDITIONAL):
            return None
        return f"is refused ({answer.reason})" if answer.grant.effect is Effect.DENY else f"is permitted {answer.grant}"

    return _universal(f"always-granted {who} {method} {route}", policy, who, method, route, broken, complete=True)


def no_public_access(policy: Policy, *, strict: bool = False) -> Result:
    """Whether requests without a token get no further than the plugin itself lets everybody.

    Left aside are what the built-in list and the standard configurations open, and the search that passes for
    everybody, unless ``strict``: everything that is open then counts.
    """
    free = policy.unchecked
    partition = Partition([policy], marks=[patterns.compile(literal(one.kind, one.path)) for one in free])
    open_rows = frozenset[tuple[str, str]]() if strict else _open_rows(policy)

    def broken(one: RouteClass, answer: Answer) -> str | None:
        if answer.grant.effect is Effect.DENY:
            return None
        side = one.sides[0]
        if side.unchecked:
            entries = [free[mark] for mark in sorted(one.marks)]
            if not strict and any(entry.origin.by == "standard" for entry in entries):
                return None
            return f"passes unchecked: {entries[0].kind} {entries[0].path!r} ({entries[0].origin})"
        if answer.reason is Reason.SEARCH_EXCEPTION:
            return "passes for everybody, as the plugin has it" if strict else None
        if answer.reason is Reason.FILTER_OFF:
            return f"is not filtered: {policy.off}"
        rule = side.rule
        if rule is not None and rule.open:
            return None if (rule.method, rule.pattern) in open_rows else "is open: the rule asks for no permission"
        names = ", ".join(repr(name) for name in policy.anonymous.permissions)
        words = "is permitted" if answer.grant.effect is Effect.PERMIT else f"is permitted, {answer.grant},"
        return f"{words} by the anonymous profile, which has {names or 'no permission'}"

    who = [sender([policy], ANONYMOUS)]
    return _judged("no-public-access", policy, partition, list(partition.classes), who, broken, complete=False)


def no_new_access(old: Given | Policy, new: Given | Policy, *, combine: Sequence[Sequence[str]] = ()) -> Result:
    """Whether nobody gets more by the new policy than by the old one."""
    told = diff(old, new, combine=combine)
    wider = [one for one in told.differences if one.relation in (Relation.MORE_PERMISSIVE, Relation.INCOMPARABLE)]
    found = tuple(
        Counterexample(
            ", ".join(one.people), one.request, one.new, one.classes[0].sides[1].rule,
            f"{one.old.grant} -> {one.new.grant}", one.certain,
        )
        for one in wider
    )  # fmt: skip
    checked = f"{told.classes} classes of requests, {len(told.senders)} senders"
    return Result("no-new-access", _verdict(found), found, checked, told.caveats, told)


def language(route: str) -> Pattern:
    """The paths that ``route`` means.

    ``{resource}`` is an identifier of Orthanc, ``{uid}`` one of DICOM, any other ``{name}`` any text of a segment, and
    ``*`` any tail.  Raises :class:`UsageError` where it is none of the three forms.

    >>> language("/studies/{id}").matches("/studies/1"), language("/studies/*").matches("/studies/1/2")
    (True, True)
    """
    if route.startswith("^"):
        return patterns.compile(route)
    if route == ANY:
        return patterns.compile("^/.*$")
    if not route.startswith("/"):
        raise UsageError(f"{route!r} is no route", help="Write a path, such as /studies/{id}, or a pattern with ^.")
    if "?" in route:
        raise UsageError(f"{route!r} has a query string", help="Leave it out: checks cover every query string.")
    parts = re.split(r"(\{[^{}/]*\}|\*)", route)
    text = "".join(
        _WILD.get(part, "[^/]+" if part.startswith("{") else literal("resource", part)[1:-1]) for part in parts
    )
    return patterns.compile(f"^{text}$")


def methods(method: str) -> tuple[str, ...]:
    """The methods that are meant; raises :class:`UsageError` for one that the filter does not know."""
    if method == ANY or method.upper() == "ANY":
        return METHODS
    if method.upper() not in METHODS:
        raise UsageError(f"{method!r} is no method that the filter knows", help=f"One of {', '.join(METHODS)}, or *.")
    return (method.upper(),)


_Broken = Callable[[RouteClass, Answer], str | None]


def _universal(
    check: str, policy: Policy, who: str, method: str, route: str, broken: _Broken, *, complete: bool = False
) -> Result:
    people = list(senders([policy], shares=False)) if who == ANYBODY else [sender([policy], who)]
    partition = Partition([policy], methods=methods(method), marks=[language(route)])
    classes = [one for one in partition.classes if one.marks]
    return _judged(check, policy, partition, classes, people, broken, complete=complete)


def _judged(
    check: str,
    policy: Policy,
    partition: Partition,
    classes: Sequence[RouteClass],
    people: Sequence[Sender],
    broken: _Broken,
    *,
    complete: bool,
) -> Result:
    judge = Judge([policy])
    rows: list[tuple[Sender, RouteClass, Answer, str]] = []
    searches = False
    for one in classes:
        for who in people:
            answer = judge.answer(one, who)
            if answer.reason is Reason.SEARCH_EXCEPTION and comes_to_nothing(policy, one.request, who):
                answer, searches = Answer(DENY, answer.reason), True
            why = broken(one, answer)
            if why is not None:
                rows.append((who, one, answer, why))
    likely = partition.likely(list(dict.fromkeys(one for _, one, _, _ in rows)))
    found = tuple(
        Counterexample(str(who), likely[one], answer, one.sides[0].rule, why, one.certain)
        for who, one, answer, why in rows
    )
    checked = f"{_counted(len(classes), 'class', 'classes')} of requests, {_counted(len(people), 'sender', 'senders')}"
    caveats = tuple(_caveats(partition, classes, complete=complete)) + ((_SEARCHES,) if searches else ())
    return Result(check, _verdict(found), _one_a_rule(found), checked, caveats)


_SEARCHES = (
    "GET /dicom-web/studies passes the filter for everybody; it counts as refused where the answer is 403 or empty"
)


def comes_to_nothing(policy: Policy, request: str, who: Sender) -> bool:
    """Whether the search that the filter lets pass for everybody is refused, or answered with an empty list, later."""
    if who.kind == "share":
        return False
    decision = policy.decide(request, who.token, body=b"")
    return decision.effect is Effect.DENY or (decision.answer is not None and decision.answer.items == ())


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _one_a_rule(found: Sequence[Counterexample]) -> tuple[Counterexample, ...]:
    """For each sender, rule and reason one request: the first."""
    kept: dict[object, Counterexample] = {}
    for one in found:
        kept.setdefault(
            (one.who, one.rule.index if one.rule is not None else one.request[:6], one.why, one.certain), one
        )
    return tuple(kept.values())


def _verdict(found: Sequence[Counterexample]) -> Verdict:
    if any(one.certain for one in found):
        return Verdict.FAIL
    return Verdict.UNDECIDED if found else Verdict.PASS


def _caveats(partition: Partition, classes: Sequence[RouteClass], *, complete: bool) -> Iterator[str]:
    if not classes:
        yield "no request can have such a path, so that this holds for want of any"
    doubtful = [rule.pattern for rule in ambiguous(partition)] if complete else []
    if doubtful:
        names = ", ".join(map(repr, doubtful[:3]))
        yield f"left aside are paths so long that Boost gives up on them, which refuses the request: {names}"


def _open_rows(policy: Policy) -> frozenset[tuple[str, str]]:
    """(method, pattern) of the rules of the built-in list that ask for nothing, however the list was copied."""
    release = plugin.release(policy.version)
    rows = {(rule.method.upper(), rule.pattern) for rule in release.default_rules if not rule.permissions}
    own = {(rule.method, rule.pattern) for rule in policy.rules if rule.open and rule.origin.by == "default"}
    return frozenset(rows | own)


__all__ = [
    "ANYBODY", "Counterexample", "Result", "Verdict", "always_granted", "language", "no_new_access",
    "no_public_access", "not_granted",
]  # fmt: skip
