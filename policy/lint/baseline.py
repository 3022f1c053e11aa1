"""Findings that are known: remembered by fingerprints, so that only new ones fail.

A fingerprint is made of the rule, the file and the text that the finding points to, not of its line.
Equal ones are counted: a third copy of a mistake that was known twice is new.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from policy.errors import ShapeError, SyntaxRefused, Unreadable
from policy.lint.finding import Finding, Persona, Severity
from policy.lint.run import Result
from policy.lint.settings import Settings
from policy.records import dataclass
from policy.tuples import NamedTuple

VERSION = 1
"""Of the file's shape."""


class Known(NamedTuple):
    """One known finding, or several equal ones; all but ``fingerprint`` and ``times`` is there for people."""

    file: str
    rule: str
    fingerprint: str
    severity: Severity
    persona: Persona
    times: int = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings of a deployment."""

    entries: tuple[Known, ...]

    def knows(self, finding: Finding) -> bool:
        """Whether such a finding is known at all, however often."""
        return any(entry.fingerprint == finding.fingerprint for entry in self.entries)

    def compare(self, result: Result, settings: Settings) -> Compared:
        """What of ``result`` is new, what is known, and what is known but no longer found.

        Nothing is said of what this run cannot find: rules that did not run, files that were not looked at, findings
        below its severity or beyond its persona.
        """
        left = Counter({entry.fingerprint: entry.times for entry in self.entries})
        new: list[Finding] = []
        known: list[Finding] = []
        for finding in result.findings:
            name = finding.fingerprint
            (known if left[name] > 0 else new).append(finding)
            left[name] -= 1
        rules = {rule.name for rule in result.rules}
        files = {source.path for source in result.deployment.sources}
        personas = tuple(Persona)[: tuple(Persona).index(settings.persona) + 1]
        gone = tuple(
            entry._replace(times=left[entry.fingerprint])
            for entry in self.entries
            if left[entry.fingerprint] > 0
            and entry.rule in rules
            and entry.file in files
            and entry.severity >= settings.severity
            and entry.persona in personas
        )
        shown = Result(result.deployment, tuple(new), result.silenced, result.rules)
        return Compared(shown, tuple(known), gone)

    def text(self) -> str:
        """The file that :func:`read` reads: sorted, one line a finding, so that versions of it can be compared."""
        lines = [json.dumps({**entry._asdict(), "severity": str(entry.severity)}) for entry in sorted(self.entries)]
        findings = ",".join(f"\n    {line}" for line in lines)
        end = "\n  " if lines else ""
        return f'{{\n  "version": {VERSION},\n  "findings": [{findings}{end}]\n}}\n'


@dataclass(frozen=True, slots=True)
class Compared:
    """A run seen against a baseline: ``new`` is the run without what is known."""

    new: Result
    known: tuple[Finding, ...]
    gone: tuple[Known, ...]


def of(findings: Iterable[Finding]) -> Baseline:
    """The baseline that knows these findings."""
    counts: Counter[Known] = Counter()
    for finding in findings:
        source = finding.location.source
        counts[Known(source.path, finding.rule, finding.fingerprint, finding.severity, finding.persona)] += 1
    return Baseline(tuple(known._replace(times=count) for known, count in sorted(counts.items())))


def read(path: Path) -> Baseline:
    """The baseline in a file.

    Raises Unreadable, SyntaxRefused or ShapeError with the file where it cannot be used.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", file=str(path), help=_MADE) from None
    except UnicodeDecodeError:
        raise SyntaxRefused("is no UTF-8", file=str(path), help=_MADE) from None
    except (ValueError, RecursionError) as error:  # also for a number of too many digits
        place = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (None, None)
        raise SyntaxRefused("is no JSON", file=str(path), line=place[0], column=place[1], help=_MADE) from None
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("findings"), list):
        raise ShapeError(f"is no baseline of version {VERSION}", file=str(path), help=_MADE)
    return Baseline(tuple(_entry(item, number, path) for number, item in enumerate(data["findings"], 1)))


_MADE = "policy baseline makes such a file."


def _entry(item: Any, number: int, path: Path) -> Known:
    try:
        texts = (item["file"], item["rule"], item["fingerprint"])
        times = item["times"]
        severity, persona = Severity[item["severity"].upper()], Persona(item["persona"])
        if not all(isinstance(text, str) for text in texts) or type(times) is not int or times < 1:
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ShapeError(f"entry {number} is no known finding", file=str(path), help=_MADE) from None
    return Known(*texts, severity, persona, times)
