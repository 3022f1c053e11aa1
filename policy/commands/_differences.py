"""Differences between two policies as text, Markdown and plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from policy.questions.diff import Diff, Difference
from policy.report.differences import answer, answers, because, groups, headline, line, routes, sign, who
from policy.text.visible import visible

if TYPE_CHECKING:
    from policy.questions.causes import Cause, Line


def text(told: Diff) -> str:
    """For people at a terminal."""
    lines = [f"old: {told.old.name}", f"new: {told.new.name}", "", headline(told)]
    for group in groups(told):
        lines += ["", *_block(group, told)]
    if told.caveats:
        lines += ["", *(f"note: {caveat}" for caveat in told.caveats)]
    return "".join(f"{visible(line)}\n" for line in lines)


def _block(group: Sequence[Difference], told: Diff) -> Iterator[str]:
    first = group[0]
    yield f"{sign(first)} {routes(first)}"
    for one in group:
        yield f"    {who(one, told)}: {answers(one)}"
    for cause in first.causes:
        yield f"    because of {because(cause)}"
        yield f"      old: {line(cause.old)}"
        yield f"      new: {line(cause.new)}"
    if first.certain:
        yield f"    for example: {first.request}"
    else:
        yield "    not certain: no request was found by trying"


def markdown(told: Diff) -> str:
    """For a comment on a change."""
    lines = [f"**{_cell(headline(told))}**", ""]
    if told.differences:
        lines += ["| | Requests | Who | Before | After | Because of | For example |", "|-|-|-|-|-|-|-|"]
        for one in told.differences:
            causes = "; ".join(_because(cause) for cause in one.causes)
            cells = [f"`{sign(one)}`", _cell(routes(one)), _cell(who(one, told)), _cell(answer(one.old))]
            cells += [_cell(answer(one.new)), _cell(causes), _code(one.request)]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    lines += [f"- {_cell(caveat)}" for caveat in told.caveats]
    return "\n".join(lines).rstrip("\n") + "\n"


def _because(cause: Cause) -> str:
    return f"{because(cause)}: {line(cause.old)} -> {line(cause.new)}"


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
