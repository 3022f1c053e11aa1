"""A finding ready to be written: places computed, sentences masked and printable.

All formats are made from this, so that what one of them masks is masked in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from policy.configuration.source import Location
from policy.report.excerpt import Masks
from policy.report.visible import visible
from policy.text import Position
from policy.tuples import NamedTuple

if TYPE_CHECKING:
    from policy.configuration.deployment import Known
    from policy.lint.finding import Finding, Witness
    from policy.lint.run import Result


class Place(NamedTuple):
    """A stretch of a file in lines and columns, from 1, in characters, the end not included."""

    file: str
    start: Position
    end: Position
    location: Location

    def __str__(self) -> str:
        return f"{self.file}:{self.start.line}:{self.start.column}"


class Note(NamedTuple):
    """Another place with what it has to do with the finding."""

    place: Place
    text: str


class Shown(NamedTuple):
    """A finding as it is shown; ``witness`` is one line that can be replayed, ``fix`` one that names the change."""

    finding: Finding
    place: Place
    message: str
    help: str
    witness: str | None
    fix: str | None
    notes: tuple[Note, ...]

    @property
    def sentences(self) -> str:
        """Message, notes, request to replay and help, a paragraph each: for formats that show no excerpt."""
        lines = [self.message, *(f"{note.place}: {note.text}" for note in self.notes)]
        lines += [f"Replay: {self.witness}"] if self.witness else []
        lines += [f"Help: {self.help}"] if self.help else []
        return "\n".join(lines)


class View:
    """What is shown of a run: findings in the order of files and places, sums, versions."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.masks = Masks(result.deployment.sources)
        self.findings = self.shown(result.findings)

    def shown(self, findings: Iterable[Finding]) -> tuple[Shown, ...]:
        """``findings`` ready to be written."""
        return tuple(self._shown(finding) for finding in findings)

    def _shown(self, finding: Finding) -> Shown:
        say = self.masks.text
        fix = finding.fix
        return Shown(
            finding=finding,
            place=place(finding.location),
            message=say(finding.message),
            help=say(finding.help),
            witness=say(witness_line(finding.witness)) if finding.witness is not None else None,
            fix=say(f"{fix.title} ({'safe' if fix.safe else 'unsafe'})") if fix is not None else None,
            notes=tuple(Note(place(related.location), say(related.note)) for related in finding.related),
        )

    @property
    def file_count(self) -> int:
        """How many files were read; a text inside another file, such as a variable's, is not one of its own."""
        return len({source.path for source in self.result.deployment.sources})

    def by_rule(self) -> list[tuple[str, int]]:
        """Rules with the number of their findings, most first."""
        counted = Counter(shown.finding.rule for shown in self.findings)
        return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))

    def versions(self) -> list[str]:
        """What each server and service was taken for, and why: a sentence each, equal ones once."""
        deployment = self.result.deployment
        lines: list[str] = []
        for server in deployment.servers:
            known = [("Authorization plugin", server.plugin), ("Orthanc", server.orthanc)]
            if server.image is not None:
                known.append(("image orthancteam/orthanc", server.image))
            lines.append(_together(server.name, known))
        for service in deployment.auth_services:
            lines += [_together(service.name, [("auth service", service.version)])]
        return [self.masks.text(line) for line in dict.fromkeys(lines)]


def _together(name: str, known: Sequence[tuple[str, Known]]) -> str:
    """``Authorization plugin 0.10.1, Orthanc 1.12.9 (by the image tag)``: a reason is given once for all it explains."""
    told: dict[str, list[str]] = {}
    for what, version in known:
        told.setdefault(version.because, []).append(f"{what} {version.version}")
    sentence = "; ".join(f"{', '.join(things)} ({reason})" for reason, things in told.items())
    return f"{name}: {sentence}" if name else sentence


def place(location: Location) -> Place:
    """``location`` in lines and columns; the name of the file made printable."""
    return Place(visible(location.source.path), location.start, location.end, location)


def witness_line(witness: Witness) -> str:
    """``GET /patients/… as a user with the role external-role → permitted``; a refusal is Orthanc's 403."""
    answer = "permitted" if witness.answer == "permit" else "403" if witness.answer == "deny" else witness.answer
    line = f"{witness.method} {witness.path} as {witness.who} → {answer}"
    return f"{line} (sampled)" if witness.sampled else line
