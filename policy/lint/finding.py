"""A finding: what is wrong, where, what will happen and to whom, and what to do.

Facts are fields that tests and machines read; ``message`` and ``help`` are what people read.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from policy.configuration.source import Location, Source
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.text.edits import Edit


class Severity(enum.IntEnum):
    """How bad the outcome is; ordered, so that a threshold is a comparison."""

    INFO = 1
    """Good to know."""
    WARNING = 2
    """Somebody gets a wrong answer."""
    ERROR = 3
    """The server or service does not start, data is open, or everybody is locked out."""

    def __str__(self) -> str:
        return self.name.lower()


class Confidence(enum.StrEnum):
    """How sure the tool is that the finding is true."""

    PROVED = "proved"
    """Follows from the files and the semantics of the version, by computation."""
    SURE = "sure"
    """The files hold all the evidence."""
    LIKELY = "likely"
    """Depends on something that the files do not tell; the message names it."""
    SAMPLED = "sampled"
    """Tried on examples; the message says so."""


class Persona(enum.StrEnum):
    """For whom a rule speaks; each persona also sees what those before it see."""

    REGULAR = "regular"
    """Whoever runs a server: only what should be mended."""
    PEDANTIC = "pedantic"
    """Whoever wants tidy files as well."""
    AUDITOR = "auditor"
    """Whoever must know every way in, wanted ones included."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to the finding, with what it has to do with it."""

    location: Location
    note: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A request that anyone can replay, and the answer that it gets.

    ``who`` is the sender in words ("a user with the role external-role", "anybody"); ``answer`` is ``permit`` or
    ``deny``.
    """

    method: str
    path: str
    who: str
    answer: str
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends the finding: edits of one or several files, each of its own text.

    ``safe`` means that every decision stays as it is but the one at fault.
    """

    title: str
    safe: bool
    operations: tuple[tuple[Source, tuple[Edit, ...]], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake at one place."""

    rule: str
    """The slug of the rule."""
    code: str
    severity: Severity
    confidence: Confidence
    persona: Persona
    message: str
    """What will happen, and to whom."""
    help: str
    """What to do."""
    location: Location
    related: tuple[Related, ...] = ()
    witness: Witness | None = None
    fix: Fix | None = None
    references: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """What the message was made from; asserted by tests, printed by machine formats where it is plain data."""

    @property
    def fingerprint(self) -> str:
        """A name for this finding that survives moved lines: from rule, file and the text it points to.

        A text with a secret in it is left out, since a short hash of it could be guessed back.
        """
        import hashlib

        from policy.configuration import secrets

        source, (start, end) = self.location.source, self.location.span
        secret = any(span.start < end and span.end > start for span in secrets.secret_spans(source))
        subject = "" if secret else " ".join(source.document.text[start:end].split())
        parts = (self.rule, source.path, subject, str(self.facts.get("subject", "")))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def order(self) -> tuple[object, ...]:
        """The key by which findings are sorted: file, place, most severe first, rule."""
        span = self.location.span
        return (self.location.source.path, span.start, -self.severity, self.code, span.end, self.message)
