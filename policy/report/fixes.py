"""What fixes did, in a few lines, and what they would change, as a unified diff."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policy.configuration.secrets import MASK
from policy.lint.fixing import text_name
from policy.report.excerpt import Masks
from policy.report.view import place
from policy.report.visible import visible
from policy.text import Span
from policy.text.source import decode

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment
    from policy.lint.finding import Finding
    from policy.lint.fixing import Change, Fixed

_COLORS = {"+": "green", "-": "red", "@": "cyan"}


def summary(fixed: Fixed, left: Sequence[Finding], *, unsafe: bool, dry: bool = False) -> str:
    """How many findings were fixed and where, which of the changes need eyes, what is ``left`` and how to go on."""
    masks = Masks((*fixed.before.deployment.sources, *fixed.after.deployment.sources))
    lines = [_done(fixed, dry=dry)]
    eyes = [one for one in fixed.applied if one.fix is not None and not one.fix.safe]
    if eyes:
        lines.append("Look at these changes, they may change what somebody may do:")
        lines += [f"  {_named(one, masks)}" for one in eyes]
    lines += _left(fixed, left, unsafe=unsafe)
    return "".join(f"{line}\n" for line in lines)


def _done(fixed: Fixed, *, dry: bool) -> str:
    if not fixed.applied:
        return "Nothing was fixed." if not dry else "Nothing would be changed."
    files = Counter(place(one.location).file for one in fixed.applied)
    named = ", ".join(f"{file} ({count})" for file, count in sorted(files.items()))
    return f"{'Would fix' if dry else 'Fixed'} {_findings(len(fixed.applied))}: {named}."


def _left(fixed: Fixed, findings: Sequence[Finding], *, unsafe: bool) -> Iterator[str]:
    if not findings:
        yield "No finding remains."
        return
    elsewhere = {id(one) for one in fixed.elsewhere} & set(map(id, findings))
    eyes = [one for one in findings if one.fix is not None and not one.fix.safe and id(one) not in elsewhere]
    parts = []
    if eyes and not unsafe:
        parts.append(f"{len(eyes)} of them can be fixed by --unsafe-fixes, which needs eyes")
    if elsewhere:
        parts.append(f"{len(elsewhere)} by a change of a file that was not given")
    stuck = len({id(one) for one in fixed.stuck} & set(map(id, findings)))
    if stuck:
        parts.append(f"{stuck} cannot be fixed in the way in which the text is written")
    people = sum(one.fix is None for one in findings)
    if people:
        parts.append(f"{people} {'needs' if people == 1 else 'need'} a decision of yours")
    one = len(findings) == 1
    if parts == [f"{len(findings)} {'needs' if one else 'need'} a decision of yours"]:
        yield f"{_findings(len(findings))} {'remains and needs' if one else 'remain and need'} a decision of yours."
    else:
        yield f"{_findings(len(findings))} {'remains' if one else 'remain'}{': ' if parts else ''}{', '.join(parts)}."
    if not fixed.settled:
        yield "Some fixes undo each other, or there are very many: look at the changes, then run the command again."


def _named(finding: Finding, masks: Masks) -> str:
    title = finding.fix.title if finding.fix is not None else ""
    return f"{place(finding.location)}: {masks.text(title)} [{finding.rule}]"


def _findings(number: int) -> str:
    return "1 finding" if number == 1 else f"{number} findings"


def unified(fixed: Fixed, *, color: bool = False) -> str:
    """The changes as a unified diff, as ``git apply`` and ``patch -p1`` take it, secrets masked.

    It has three lines around each change, or fewer where one of them holds a secret.  Where a secret stands in a
    changed line itself, the diff is for reading only.
    """
    return "".join(_difference(fixed, change, color=color) for change in fixed.changes)


def _difference(fixed: Fixed, change: Change, *, color: bool) -> str:
    before = _shown(change, change.before, fixed.before.deployment)
    after = _shown(change, change.after, fixed.after.deployment)
    name = visible(change.name).lstrip("/")
    for around in (3, 2, 1, 0):
        lines = list(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="", n=around))
        if not any(line.startswith(" ") and MASK in line for line in lines):
            break
    return "".join(f"{_painted(line, color=color)}\n" for line in lines)


def _shown(change: Change, data: bytes, deployment: Deployment) -> list[str]:
    """The lines of a text, printable, its secrets masked; the last one says if nothing ends it."""
    text = decode(data).text
    masks = Masks(deployment.sources)
    name = str(change.path) if change.path is not None else change.name
    spans = sorted({span for one in deployment.sources if text_name(one) == name for span in masks.spans(one)})
    lines = _masked(text, spans).split("\n")
    last = lines.pop()
    printable = [_printable(line.removesuffix("\r")) + "\r" * line.endswith("\r") for line in lines]
    return [*printable, f"{_printable(last)}\n\\ No newline at end of file"] if last else printable


def _printable(line: str) -> str:
    return "\t".join(map(visible, line.split("\t")))


def _masked(text: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    at = 0
    for span in spans:
        if span.start >= at:
            pieces += [text[at : span.start], MASK]
            at = span.end
    return "".join([*pieces, text[at:]])


def _painted(line: str, *, color: bool) -> str:
    paint = _COLORS.get(line[:1])
    if not color or paint is None:
        return line
    from click import style

    return style(line, fg=paint, bold=line.startswith(("+++", "---")) or None)
