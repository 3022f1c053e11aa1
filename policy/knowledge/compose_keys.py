"""The keys of a Compose file: what stands at its top, and what in a service.  Docker Compose refuses any other."""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class ComposeKey:
    """One key; ``place`` is ``top`` or ``service``."""

    name: str
    place: str
    source: str


@cache
def keys() -> tuple[ComposeKey, ...]:
    """All keys, those of older versions of the format included."""
    data = read("compose-keys")
    return tuple(ComposeKey(name, place, data["sources"][source]) for name, place, source in data["keys"])


@cache
def names(place: str) -> frozenset[str]:
    """The names of the keys at a place (``top`` or ``service``); those that begin with ``x-`` are free everywhere."""
    return frozenset(key.name for key in keys() if key.place == place)
