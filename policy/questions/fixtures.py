"""Resources of a test file as an archive, and their names in routes.

A route names a resource in braces: ``{outside}`` is its Orthanc identifier, ``{outside.uid}`` its DICOM identifier,
``{outside.patient}`` (or study, series, instance) what lies above or below it, ``{outside.patient.uid}`` that one's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policy.errors import UsageError
from policy.testing import Archive

if TYPE_CHECKING:
    from policy.questions.cases import Resource

_LEVELS = ("patient", "study", "series", "instance")
_PLACE = re.compile(r"\{([^{}]*)\}")


class Fixtures:
    """The archive that holds the resources and nothing else, and the texts that name them."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self._given = resources
        self._chains: dict[str, dict[str, str]] = {}
        """For each resource: the key of the resource of each level that belongs to it."""
        self._entries: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}
        for name in resources:
            self._chain(name, ())
        self.archive = Archive({self._ids[key]: entry for key, entry in self._entries.items()})

    def fill(self, route: str) -> tuple[str, bool]:
        """The route with identifiers in the place of names, and whether there were any.

        :raises UsageError: for a name that stands for nothing.
        """
        found = False

        def identifier(match: re.Match[str]) -> str:
            nonlocal found
            found = True
            name, _, rest = match[1].partition(".")
            level, _, last = rest.rpartition(".") if rest.endswith("uid") else (rest, "", "")
            chain = self._chains.get(name)
            if chain is None or (level and level not in _LEVELS):
                known = ", ".join(self._chains) or "none"
                raise UsageError(f"no resource is called {match[1]!r}", help=f"Resources of this file: {known}.")
            key = chain[level or self._given[name].level]
            return str(self._entries[key]["dicom-uid"]) if last else self._ids[key]

        return _PLACE.sub(identifier, route), found

    def _chain(self, name: str, below: tuple[str, ...]) -> dict[str, str]:
        if name in self._chains:
            return self._chains[name]
        given = self._given[name]
        at = _LEVELS.index(given.level)
        chain: dict[str, str] = {}
        if given.parent is not None:
            chain |= self._parent(name, below)
        for level in _LEVELS:
            depth = _LEVELS.index(level)
            if depth < at and level in chain:
                continue
            own = depth == at
            key = name if own else f"{name}.{level}"
            chain[level] = key
            self._entries[key] = {
                "level": level,
                "dicom-uid": (given.uid if own else None) or _uid(key),
                "labels": list(given.labels) if own else [],
                "parent": None if depth == 0 else self._ids[chain[_LEVELS[depth - 1]]],
            }
            self._ids[key] = (given.id if own else None) or _identifier(key)
        self._chains[name] = chain
        return chain

    def _parent(self, name: str, below: tuple[str, ...]) -> dict[str, str]:
        given = self._given[name]
        parent, at = str(given.parent), _LEVELS.index(given.level)
        above = self._given.get(parent)
        if above is None or parent in below or _LEVELS.index(above.level) + 1 != at:
            wanted = f"a {_LEVELS[at - 1]}" if at else "nothing"
            raise UsageError(f"the parent of {name!r} must be {wanted} of this file, and {parent!r} is none")
        found = self._chain(parent, (*below, name))
        return {level: found[level] for level in _LEVELS[:at]}


def _identifier(key: str) -> str:
    digest = hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))


def _uid(key: str) -> str:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big")
    return f"2.25.{number}"
