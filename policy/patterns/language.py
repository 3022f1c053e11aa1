"""Questions about patterns as languages: inclusion, intersection, difference, each with a shortest witness.

All of them are one search over the patterns' automata side by side, made state by state and ended by a budget.
Sets of patterns stand for their union.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from policy.patterns.automaton import TooManyStates
from policy.patterns.errors import NotAnalysable, Undecided
from policy.patterns.joint import FirstJoint, Joint, State
from policy.patterns.likely import PLAIN, Preference, letter, nicest, text
from policy.patterns.pattern import Pattern

#: How many states a search may look at.
BUDGET = 50_000
#: How many steps of patterns it may take for each of them.
_WORK = 20


def search(
    patterns: Sequence[Pattern],
    wanted: Callable[[tuple[int, ...]], bool],
    *,
    need: Sequence[int] = (),
    preference: Preference | None = None,
    budget: int = BUDGET,
    joint: Callable[[Sequence[Pattern]], Joint] = Joint,
) -> str | None:
    """A path for which ``wanted`` is true of the indices of the patterns that match it; None if there is none.

    ``need`` names patterns that must match: without them the search is told where not to look.
    ``joint`` makes what walks them side by side; another one may leave out what makes no difference to the answer.
    The path is a shortest one; with a ``preference`` one that looks like a request.
    Raises :class:`NotAnalysable` if a pattern is no regular language, :class:`Undecided` beyond the budget.
    """
    for pattern in patterns:
        if not pattern.analysable:
            raise NotAnalysable(pattern.text, pattern.obstacles[0].construct)
    walked = joint(patterns)
    start = walked.start()
    came: dict[State, tuple[State, int] | None] = {start: None}
    pending = [start]
    work = 0
    try:
        for state in pending:
            if wanted(walked.accepted(state)):
                return _answer(walked, came, state, preference, budget)
            arcs = walked.arcs(state)
            work += len(arcs) * len(state[1])
            if work > _WORK * budget:
                raise Undecided(budget)
            for mask, following in arcs:
                if following in came or not all(walked.waits(following, index) for index in need):
                    continue
                if len(came) > budget:
                    raise Undecided(budget)
                came[following] = state, mask
                pending.append(following)
    except TooManyStates:
        raise Undecided(budget) from None
    return None


def _answer(
    joint: Joint,
    came: dict[State, tuple[State, int] | None],
    goal: State,
    preference: Preference | None,
    budget: int,
) -> str:
    if preference is not None:
        found = nicest(joint, {goal: None}, preference, budget)
        if found:
            return text(found[None])
    out: list[int] = []
    step = came[goal]
    while step is not None:
        state, mask = step
        out.append(letter(mask, preference or PLAIN))
        step = came[state]
    return text(bytes(reversed(out)))


def some(pattern: Pattern, *, preference: Preference | None = None, budget: int = BUDGET) -> str | None:
    """A path that matches; None if none does.

    >>> from policy.patterns import compile
    >>> some(compile("^/[0-9]+x$")), some(compile("a^b"))
    ('/1x', None)
    """
    return search([pattern], bool, preference=preference, budget=budget)


def is_empty(pattern: Pattern, *, budget: int = BUDGET) -> bool:
    """Whether no path at all matches."""
    return some(pattern, budget=budget) is None


def intersection(
    one: Pattern, two: Pattern, *, preference: Preference | None = None, budget: int = BUDGET
) -> str | None:
    """A path that both match; None if they are disjoint."""
    return search([one, two], lambda found: len(found) > 1, need=(0, 1), preference=preference, budget=budget)


def difference(
    pattern: Pattern, others: Sequence[Pattern], *, preference: Preference | None = None, budget: int = BUDGET
) -> str | None:
    """A path that matches the pattern and none of the others; None if the others cover it.

    >>> from policy.patterns import compile
    >>> difference(compile("^/a.*$"), [compile("^/a$"), compile("^/ab.*$")])
    '/aa'
    """
    # The pattern stands last: behind one of the others that matches for good it is dropped, and with it the search ends.
    last = len(others)
    return search(
        [*others, pattern],
        lambda found: found == (last,),
        need=(last,),
        preference=preference,
        budget=budget,
        joint=partial(FirstJoint, own=last + 1),
    )


def includes(larger: Sequence[Pattern], smaller: Pattern, *, budget: int = BUDGET) -> bool:
    """Whether every path that matches the smaller pattern matches one of the larger ones."""
    return difference(smaller, larger, budget=budget) is None


def equivalent(one: Sequence[Pattern], two: Sequence[Pattern], *, budget: int = BUDGET) -> bool:
    """Whether two sets of patterns match the same paths."""
    count = len(one)
    differs = search(
        [*one, *two],
        lambda found: bool(found) and (found[0] >= count or found[-1] < count),
        budget=budget,
    )
    return differs is None
