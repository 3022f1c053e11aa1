"""What changes from release to release of the Authorization plugin for somebody who keeps an old configuration."""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read
from policy.knowledge.versions import Version
from policy.records import dataclass

KINDS = ("default-list", "behaviour", "protocol", "security-fix", "bug-in-this-version")


@dataclass(frozen=True, slots=True)
class Change:
    """One change in one release."""

    version: Version
    kind: str
    """One of :data:`KINDS`; ``protocol`` is towards the web service."""
    what: str
    routes: tuple[str, ...]
    who_notices: str
    unchanged_configuration: str
    """What happens where the old list or configuration is kept."""
    source: str


@dataclass(frozen=True, slots=True)
class StandingFact:
    """Something that holds in every release and surprises."""

    what: str
    examples: tuple[str, ...]
    source: str


@cache
def changes() -> tuple[Change, ...]:
    """All changes, in the order of the releases."""
    data = read("plugin-changes")
    return tuple(
        Change(Version.parse(version), kind, what, tuple(routes), who, old, data["sources"][source])
        for version, kind, what, routes, who, old, source in data["changes"]
    )


def changes_between(old: str | Version, new: str | Version) -> tuple[Change, ...]:
    """The changes that an upgrade from ``old`` to ``new`` brings: after ``old``, up to and with ``new``."""
    first, last = Version.parse(old), Version.parse(new)
    return tuple(change for change in changes() if first < change.version <= last)


@cache
def standing_facts() -> tuple[StandingFact, ...]:
    """What holds in every release."""
    data = read("plugin-changes")
    return tuple(
        StandingFact(what, tuple(examples), data["sources"][source])
        for what, examples, source in data["standing_facts"]
    )
