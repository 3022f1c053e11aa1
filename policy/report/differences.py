"""What a comparison of two policies says in words: shared by every form in which differences are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.lint.views.listing import listed
from policy.questions.diff import Diff, Difference
from policy.questions.relation import Answer, Relation

if TYPE_CHECKING:
    from policy.questions.causes import Cause, Line

_SIGNS = {Relation.MORE_PERMISSIVE: "+", Relation.LESS_PERMISSIVE: "-", Relation.INCOMPARABLE: "~"}
_WORDS = {
    Relation.EQUIVALENT: "equivalent",
    Relation.MORE_PERMISSIVE: "more permissive",
    Relation.LESS_PERMISSIVE: "less permissive",
    Relation.INCOMPARABLE: "incomparable",
}
_MOST_ROUTES = 4
_CAUSES = {
    "rule": "a rule",
    "role": "the permissions of a role",
    "labels": "the labels of a role",
    "anonymous": "the anonymous profile",
    "unchecked": "unchecked paths",
    "levels": "the checked levels",
    "filter": "the filter",
    "shares": "share tokens",
    "resources": "where resources are looked for",
    "version": "the version of the plugin",
    "core": "Orthanc's own authentication",
}


def headline(told: Diff) -> str:
    """The relation in words, and what was compared."""
    people = len(told.senders)
    whom = "senders" if told.by_roles else "kinds of senders, which stand for every profile"
    compared = f"{told.classes} classes of requests, {people} {whom}"
    if told.relation is Relation.EQUIVALENT:
        if told.proved:
            return f"equivalent: every request gets the same answer (proved: {compared})"
        return f"no difference found, but not proved ({compared})"
    count = len(groups(told))
    noun = "difference" if count == 1 else "differences"
    word = f"the new policy is {_WORDS[told.relation]}"
    if told.relation is Relation.INCOMPARABLE:
        word = "incomparable: the new policy gives and takes"
    certainty = "and no others: proved" if told.proved else "and perhaps others: not proved"
    return f"{word}: {count} {noun} ({certainty} for {compared})"


def groups(told: Diff) -> list[list[Difference]]:
    """Differences on the same requests in the same direction and by the same lines belong together."""
    found: dict[tuple[object, ...], list[Difference]] = {}
    for one in told.differences:
        key = (one.relation, one.certain, tuple(each.number for each in one.classes), tuple(_cause_key(one)))
        found.setdefault(key, []).append(one)
    return list(found.values())


def _cause_key(one: Difference) -> Iterator[tuple[object, ...]]:
    for cause in one.causes:
        # A role's line is different for each role: the roles are told apart by who is named, not by the block.
        yield (cause.kind, cause.old, cause.new)


def who(one: Difference, told: Diff) -> str:
    """The senders in a sentence."""
    if len(one.senders) == len(told.senders) and len(told.senders) > 1:
        return "everybody"
    return listed(one.people, most=len(one.people))


def answers(one: Difference) -> str:
    """Both answers in words."""
    return f"{answer(one.old)} -> {answer(one.new)}"


def answer(one: Answer) -> str:
    """An answer in words."""
    grant = str(one.grant)
    return f"deny ({one.reason})" if grant == "deny" else grant


def routes(one: Difference) -> str:
    """The known routes among the requests, the first of them; else the request that stands for them."""
    if not one.routes:
        return f"{one.request} and what is like it"
    shown = ", ".join(one.routes[:_MOST_ROUTES])
    more = len(one.routes) - _MOST_ROUTES
    return f"{one.method} {shown}" + (f" and {more} more" if more > 0 else "")


def line(one: Line | None) -> str:
    """A line with its place; ``-`` where a side says nothing."""
    if one is None:
        return "-"
    return f"{one.text} ({one.origin})" if one.origin else one.text


def because(cause: Cause) -> str:
    """What kind of thing makes the difference."""
    return _CAUSES.get(cause.kind, cause.kind)


def sign(one: Difference) -> str:
    """A sign for the direction; a question mark where the difference is not certain."""
    return _SIGNS.get(one.relation, " ") if one.certain else "?"
