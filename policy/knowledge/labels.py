"""Which texts Orthanc accepts as a label."""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read
from policy.knowledge.versions import Version
from policy.records import dataclass
from policy.regex import regex

EVERY = "*"
"""In a profile: every label. It is no label that a resource could have."""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What a label may look like."""

    shortest: int
    longest: int
    """In characters."""
    characters: str
    since: Version
    """The first version of Orthanc with labels."""
    source: str


@cache
def label_rule() -> LabelRule:
    """The rule of the core."""
    data = read("labels")
    shortest, longest, characters, since, source = data["rules"][0]
    return LabelRule(shortest, longest, characters, Version.parse(since), data["sources"][source])


_ACCEPTED = regex(r"[A-Za-z0-9_-]+")


def accepted(label: str) -> bool:
    """Whether a resource can have this label. Case counts: ``External`` and ``external`` are two labels.

    >>> accepted("ward_a-1"), accepted("ward a"), accepted("*")
    (True, False, False)
    """
    return _ACCEPTED.fullmatch(label) is not None and len(label) <= label_rule().longest
