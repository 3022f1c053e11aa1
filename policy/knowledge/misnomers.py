"""Names that people invent for options of the Authorization plugin, and names of other plugins that are real."""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Misnomer:
    """An invented name: ``name`` in small letters without separators, ``option`` what its author meant."""

    name: str
    option: str
    source: str


@cache
def misnomers() -> tuple[Misnomer, ...]:
    """All known ones."""
    data = read("misnomers")
    return tuple(Misnomer(name, option, data["sources"][source]) for name, option, source in data["misnomers"])


@cache
def more_names(section: str) -> tuple[str, ...]:
    """Further names below a section that exist beside those of :mod:`policy.knowledge.environment`."""
    prefix = f"{section}."
    return tuple(path[len(prefix) :] for path, _ in read("misnomers")["more_names"] if path.startswith(prefix))


def meant_by(name: str) -> str | None:
    """The option that ``name`` stands for, whatever its case and separators; None where nobody knows.

    >>> meant_by("TokenGetParameters")
    'TokenGetArguments'
    """
    wanted = name.casefold().replace("_", "").replace("-", "").replace(" ", "")
    return next((entry.option for entry in misnomers() if entry.name == wanted), None)
