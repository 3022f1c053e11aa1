"""What standards and guides ask for, so that a finding can cite the clause that it touches.

A reference is printed only where a finding really touches it; it never claims compliance.
"""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """One clause of a standard or guide."""

    id: str
    """As rules name it: ``owasp:API1:2023``, ``cwe:777``, ``nist:AC-6``, ``hipaa:164.312(a)(1)``."""
    body: str
    clause: str
    title: str
    edition: str
    url: str
    """Where it can be read; the empty text if no stable address is known."""
    about: str
    """What of it concerns an access policy."""
    checked: bool
    """Whether it was compared with its source; others must not be printed to users before they are."""
    source: str

    def __str__(self) -> str:
        where = f" {self.clause}" if self.clause and self.clause not in self.body else ""
        return f"{self.body}{where}: {self.title}"


@cache
def references() -> tuple[Reference, ...]:
    """All references."""
    data = read("references")
    return tuple(
        Reference(key, body, clause, title, edition, url, about, bool(checked), data["sources"][source])
        for key, body, clause, title, edition, url, about, checked, source in data["references"]
    )


def reference(identifier: str) -> Reference | None:
    """The reference with this id, or None."""
    return _by_id().get(identifier)


@cache
def _by_id() -> dict[str, Reference]:
    return {entry.id: entry for entry in references()}
