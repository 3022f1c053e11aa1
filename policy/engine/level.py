"""The levels at which access is checked."""

from __future__ import annotations

import enum


class Level(enum.StrEnum):
    """A level of the DICOM hierarchy, or ``system`` for every path that is no resource."""

    PATIENT = "patient"
    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"
    SYSTEM = "system"

    # The hash of the text, in C: members are looked up in sets for every decision.
    __hash__ = str.__hash__

    @property
    def plural(self) -> str:
        """The word in the paths of the REST API."""
        return _PLURALS[self]

    @property
    def parent(self) -> Level | None:
        """The next level up; None for a patient and for ``system``."""
        return _PARENTS.get(self)


_PLURALS = {
    Level.PATIENT: "patients",
    Level.STUDY: "studies",
    Level.SERIES: "series",
    Level.INSTANCE: "instances",
    Level.SYSTEM: "system",
}
_PARENTS = {Level.STUDY: Level.PATIENT, Level.SERIES: Level.STUDY, Level.INSTANCE: Level.SERIES}
_NAMES = {level.value: level for level in Level} | {plural: level for level, plural in _PLURALS.items()}

ALL_LEVELS = frozenset(Level)
HIERARCHY = (Level.PATIENT, Level.STUDY, Level.SERIES, Level.INSTANCE)


def parse_level(text: str) -> Level | None:
    """The level that ``CheckedLevel`` or ``UncheckedLevels`` names, in any case, singular or plural; None if none.

    >>> parse_level("Studies"), parse_level("study ")
    (<Level.STUDY: 'study'>, None)
    """
    return _NAMES.get(text.lower()) if text.isascii() else None
