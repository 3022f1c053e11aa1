"""Variables whose spelling keeps them from the option that is meant."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.configuration.variables import Reading

_PREFIX = "ORTHANC__"


def meant_by_variable(name: str, reading: Reading) -> tuple[str, str] | None:
    """The option that a variable nearly sets, and the variable that sets it; None where nothing is wrong.

    The two differ in case alone: in letters of the name, or in underscores, which make capitals.
    """
    known, folded = _known()
    path = ".".join(reading.path)
    if path in known or (path and path.partition(".")[0] in _sections() and path.count(".") > 1):
        return None
    if not reading.path:
        path = name[len(_PREFIX) :].replace("__", ".").replace("_", "")
    found = folded.get(path.lower())
    return found if found is not None and found[1] != name else None


def by_spelling(variable: str | None) -> bool:
    """Whether the spelling of a variable made a key that nothing reads: variable-not-upper-case tells how to write it."""
    if variable is None or not variable.startswith(_PREFIX):
        return False
    from policy.configuration.variables import option_reading
    from policy.knowledge.images import newest

    reading = option_reading(variable, newest().version)
    return reading is not None and meant_by_variable(variable, reading) is not None


@cache
def _known() -> tuple[frozenset[str], dict[str, tuple[str, str]]]:
    from policy.knowledge import environment

    folded = {row.path.lower(): (row.path, row.variable) for row in environment.options()}
    return frozenset(environment.option_paths()), folded


@cache
def _sections() -> frozenset[str]:
    """Options with names of one's own below them."""
    return frozenset({"RegisteredUsers", "OrthancPeers", "DicomModalities"})
