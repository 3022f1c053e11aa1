"""Comments that silence a finding: ``// policy-lint: ignore[RULE] reason`` on its line, or alone on the line above.

The comment counts in every language that has comments: ``//``, ``/* */`` and ``#``.
Several rules stand in the brackets with commas between; without brackets the comment silences every rule there.
A comment that silences nothing is a finding itself (:mod:`policy.lint.rules.unused_ignore`).
"""

from __future__ import annotations

from collections.abc import Iterable

from policy.configuration.source import Location, Source
from policy.lint.finding import Finding
from policy.records import dataclass, field
from policy.regex import regex
from policy.text import Span

_COMMENT = regex(r"policy-lint:\s*ignore(?:\[(?P<rules>[^\]\n]*)\])?(?P<reason>[^\n]*)")


@dataclass(slots=True, eq=False)
class Ignore:
    """One such comment: which rules (empty: all), on which lines, whether it has silenced anything."""

    location: Location
    rules: tuple[str, ...]
    lines: range
    reason: str
    used: set[str] = field(default_factory=set)

    def silences(self, finding: Finding) -> bool:
        """Whether it silences ``finding``; remembers that it did."""
        if finding.location.source is not self.location.source or finding.location.start.line not in self.lines:
            return False
        if not self.rules:
            self.used.add("*")
            return True
        for name in self.rules:
            if name in (finding.rule, finding.code.lower()):
                self.used.add(name)
                return True
        return False

    @property
    def unused(self) -> tuple[str, ...]:
        """The rules in the comment that silenced nothing; ``("*",)`` for a comment without brackets."""
        if not self.rules:
            return () if self.used else ("*",)
        return tuple(name for name in self.rules if name not in self.used)


def ignores_of(source: Source) -> list[Ignore]:
    """The ignore comments of one file."""
    document = source.document
    found: list[Ignore] = []
    for comment in document.comments:
        written = document.text[comment.span.start : comment.span.end]
        for match in _COMMENT.finditer(written):
            span = Span(comment.span.start + match.start(), comment.span.start + match.end())
            position = document.position(span.start)
            alone = not document.line(position.line)[: position.column - 1].strip(" \t/*#")
            last = document.position(max(comment.span.start, comment.span.end - 1)).line
            lines = range(position.line, last + 2) if alone else range(position.line, position.line + 1)
            rules = match["rules"]
            names = tuple(name.strip().lower() for name in (rules or "").split(",") if name.strip())
            reason = match["reason"].strip(" */\t\r")
            found.append(Ignore(Location(source, span), names, lines, reason))
    return found


def split(findings: Iterable[Finding], ignores: list[Ignore]) -> tuple[list[Finding], list[Finding]]:
    """``findings`` that stand, and those that a comment silences."""
    by_source: dict[int, list[Ignore]] = {}
    for ignore in ignores:
        by_source.setdefault(id(ignore.location.source), []).append(ignore)
    standing: list[Finding] = []
    silenced: list[Finding] = []
    for finding in findings:
        near = by_source.get(id(finding.location.source), ())
        # Every comment is asked, so that two comments for one finding are both known to be in use.
        hit = [ignore.silences(finding) for ignore in near]
        (silenced if any(hit) else standing).append(finding)
    return standing, silenced
