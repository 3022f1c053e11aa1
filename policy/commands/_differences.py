"""Differences between two policies as text, Markdown and plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from policy.questions.diff import Diff, Difference
from policy.questions.relation import Relation
from policy.questions.senders import listed
from policy.report.visible import visible

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
    count = len(_groups(told))
    noun = "difference" if count == 1 else "differences"
    word = f"the new policy is {_WORDS[told.relation]}"
    if told.relation is Relation.INCOMPARABLE:
        word = "incomparable: the new policy gives and takes"
    certainty = "and no others: proved" if told.proved else "and perhaps others: not proved"
    return f"{word}: {count} {noun} ({certainty} for {compared})"


def text(told: Diff) -> str:
    """For people at a terminal."""
    lines = [f"old: {told.old.name}", f"new: {told.new.name}", "", headline(told)]
    for group in _groups(told):
        lines += ["", *_block(group, told)]
    if told.caveats:
        lines += ["", *(f"note: {caveat}" for caveat in told.caveats)]
    return "".join(f"{visible(line)}\n" for line in lines)


def _groups(told: Diff) -> list[list[Difference]]:
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


def _block(group: Sequence[Difference], told: Diff) -> Iterator[str]:
    first = group[0]
    sign = _SIGNS.get(first.relation, " ") if first.certain else "?"
    yield f"{sign} {_routes(first)}"
    for one in group:
        yield f"    {who(one, told)}: {answers(one)}"
    for cause in first.causes:
        yield f"    because of {_CAUSES.get(cause.kind, cause.kind)}"
        yield f"      old: {_line(cause.old)}"
        yield f"      new: {_line(cause.new)}"
    if first.certain:
        yield f"    for example: {first.request}"
    else:
        yield "    not certain: no request was found by trying"


def who(one: Difference, told: Diff) -> str:
    """The senders in a sentence."""
    if len(one.senders) == len(told.senders) and len(told.senders) > 1:
        return "everybody"
    return listed(one.people, "and")


def answers(one: Difference) -> str:
    """Both answers in words."""
    return f"{_answer(one.old)} -> {_answer(one.new)}"


def _answer(answer: Any) -> str:
    grant = str(answer.grant)
    return f"deny ({answer.reason})" if grant == "deny" else grant


def _routes(one: Difference) -> str:
    if not one.routes:
        return f"{one.request} and what is like it"
    shown = ", ".join(one.routes[:_MOST_ROUTES])
    more = len(one.routes) - _MOST_ROUTES
    return f"{one.method} {shown}" + (f" and {more} more" if more > 0 else "")


def _line(line: Line | None) -> str:
    if line is None:
        return "-"
    return f"{line.text} ({line.origin})" if line.origin else line.text


def markdown(told: Diff) -> str:
    """For a comment on a change."""
    lines = [f"**{_cell(headline(told))}**", ""]
    if told.differences:
        lines += ["| | Requests | Who | Before | After | Because of | For example |", "|-|-|-|-|-|-|-|"]
        for one in told.differences:
            sign = _SIGNS.get(one.relation, " ") if one.certain else "?"
            causes = "; ".join(_because(cause) for cause in one.causes)
            cells = [f"`{sign}`", _cell(_routes(one)), _cell(who(one, told)), _cell(_answer(one.old))]
            cells += [_cell(_answer(one.new)), _cell(causes), _code(one.request)]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    lines += [f"- {_cell(caveat)}" for caveat in told.caveats]
    return "\n".join(lines).rstrip("\n") + "\n"


def _because(cause: Cause) -> str:
    return f"{_CAUSES.get(cause.kind, cause.kind)}: {_line(cause.old)} -> {_line(cause.new)}"


def _cell(value: str) -> str:
    from policy.commands._tables import markdown_text

    return markdown_text(value)


def _code(value: str) -> str:
    from policy.commands._tables import markdown_code

    return markdown_code(value)


def plain(told: Diff) -> dict[str, Any]:
    """As data for programs."""
    return {
        "version": 1,
        "relation": str(told.relation),
        "proved": told.proved,
        "old": told.old.name,
        "new": told.new.name,
        "classes": told.classes,
        "senders": [str(one) for one in told.senders],
        "differences": [_plain(one) for one in told.differences],
        "caveats": list(told.caveats),
    }


def _plain(one: Difference) -> dict[str, Any]:
    return {
        "relation": str(one.relation),
        "certain": one.certain,
        "method": one.method,
        "routes": list(one.routes),
        "request": one.request if one.certain else None,
        "senders": [str(each) for each in one.senders],
        "old": plain_answer(one.old),
        "new": plain_answer(one.new),
        "causes": [
            {"kind": cause.kind, "old": _plain_line(cause.old), "new": _plain_line(cause.new)} for cause in one.causes
        ],
    }


def plain_answer(answer: Any) -> dict[str, Any]:
    """An answer as data."""
    grant = answer.grant
    return {
        "effect": str(grant.effect),
        "reason": str(answer.reason),
        "labels": {str(level): sorted(names) for level, names in sorted(grant.labels)},
        "shared": sorted(map(str, grant.shared)),
    }


def _plain_line(line: Line | None) -> dict[str, Any] | None:
    if line is None:
        return None
    start = line.location.start if line.location is not None else None
    return {
        "text": line.text,
        "file": line.location.source.path if line.location is not None else None,
        "line": start.line if start is not None else None,
        "column": start.column if start is not None else None,
    }
