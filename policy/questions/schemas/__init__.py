"""JSON Schemas of the files, made from the tables: what editors complete and check.

A schema says what the programs of a version make use of; it is stricter than the programs, which ignore an unknown key
without a word.  Names that begin with an underscore are let through as comments.
The files in ``schemas/`` are those of all known versions, one for each that differs from the one before.

Beside the words of the standard, editors made of the language service of VS Code understand three more, which others
pass over: ``enumDescriptions``, ``allowComments`` and ``allowTrailingCommas``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from policy.knowledge import plugin
from policy.knowledge import service as auth_service
from policy.knowledge.versions import Version
from policy.questions.schemas import linter, server, service
from policy.questions.schemas.words import Schema

_BY_PLUGIN: Mapping[str, Callable[[plugin.Release], Schema]] = MappingProxyType(
    {"authorization": server.authorization, "orthanc": server.orthanc}
)
_BY_SERVICE: Mapping[str, tuple[Version, Callable[[Version], Schema]]] = MappingProxyType(
    {
        "permissions": (service.FIRST_PERMISSIONS, service.permissions),
        "anonymous-profile": (service.FIRST_ANONYMOUS, service.anonymous),
    }
)
_OURS: Mapping[str, Callable[[], Schema]] = MappingProxyType(
    {"policy-lint": linter.settings, "policy-test": linter.tests}
)
NAMES: tuple[str, ...] = tuple(sorted((*_BY_PLUGIN, *_BY_SERVICE, *_OURS)))
"""The schemas there are."""


def schema(name: str, version: str | Version | None = None) -> Schema:
    """The schema called ``name`` (one of :data:`NAMES`) for one version of the program that reads the file.

    ``version`` is that of the Authorization plugin for ``authorization`` and ``orthanc``, that of the auth service for
    ``permissions`` and ``anonymous-profile``, and of no meaning for the others; None is the newest known.

    :raises KeyError: for an unknown name.
    :raises UnknownVersion: for a version that the tables do not know, or that has no such file.
    """
    if name in _BY_PLUGIN:
        return _BY_PLUGIN[name](plugin.release(version) if version is not None else plugin.newest())
    if name in _BY_SERVICE:
        first, make = _BY_SERVICE[name]
        known = auth_service.tag(version) if version is not None else auth_service.newest()
        return make(service.with_file(name, known.version, first))
    return _OURS[name]()


def versions(name: str) -> tuple[Version, ...]:
    """The versions for which there is a schema called ``name``, oldest first; none where it has no versions."""
    if name in _BY_PLUGIN:
        return plugin.versions()
    if name in _BY_SERVICE:
        first, _ = _BY_SERVICE[name]
        return tuple(tag.version for tag in auth_service.tags() if tag.version >= first)
    return ()


def different(name: str) -> Iterator[tuple[Version, Version, Schema]]:
    """Runs of versions with the same schema, oldest first: the first version, the last one, and the schema of the last.

    Only the title, which names the version, differs within a run.
    """
    made = [(version, schema(name, version)) for version in versions(name)]
    for _, run in groupby(made, key=lambda pair: _without_titles(pair[1])):
        members = list(run)
        yield members[0][0], members[-1][0], members[-1][1]


def _without_titles(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: _without_titles(held) for key, held in value.items() if not (key == "title" and isinstance(held, str))
        }
    return [_without_titles(one) for one in value] if isinstance(value, list) else value
