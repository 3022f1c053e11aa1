"""The configuration keys of the Authorization plugin: types, defaults, versions, and what a wrong value does."""

from __future__ import annotations

from functools import cache
from typing import Any

from policy.knowledge._files import read, span
from policy.knowledge.versions import Range, Version
from policy.records import dataclass

SECTION = "Authorization"

NO_START = "no-start"
"""Orthanc does not start."""
DISABLED = "disabled"
"""Orthanc starts, the plugin switches itself off: nothing is filtered."""
UNNOTICED = "unnoticed"
"""The value is not read, so nothing happens."""


@dataclass(frozen=True, slots=True)
class WrongValue:
    """A value of the right type that the plugin refuses, and what then happens."""

    case: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Option:
    """One key that the plugin reads."""

    name: str
    section: str
    """The section it stands in; the empty text is the top level of the configuration."""
    types: tuple[str, ...]
    """Any of ``string``, ``boolean``, ``object``, ``array of strings``, ``array of rules``."""
    default: Any
    """The value where the key is absent; None: none, or (``Permissions``) the list of the release."""
    versions: Range
    aliases: tuple[str, ...]
    """Older names that are read in its place."""
    alias_of: str | None
    domain: str | None
    """The enumeration or table that its values belong to."""
    only_read_if: str | None
    meaning: str
    interactions: str
    wrong_type: str
    """:data:`NO_START`, :data:`DISABLED` or :data:`UNNOTICED`."""
    wrong_values: tuple[WrongValue, ...]
    notes: tuple[str, ...]
    source: str

    @property
    def path(self) -> str:
        """Section and name with a dot between."""
        return f"{self.section}.{self.name}" if self.section else self.name


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A closed list of values, each with the spellings that are accepted."""

    name: str
    values: tuple[tuple[str, tuple[str, ...]], ...]
    ignores_case: bool
    used_by: tuple[str, ...]
    since: Version
    source: str

    def value(self, text: str) -> str | None:
        """The value that ``text`` spells, or None if the plugin refuses it. Blanks are never removed."""
        wanted = text.lower() if self.ignores_case else text
        return next((value for value, spellings in self.values if wanted in spellings), None)


@dataclass(frozen=True, slots=True)
class StartUp:
    """A case at start and its outcome."""

    case: str
    outcome: str
    evidence: str
    source: str


@cache
def options() -> tuple[Option, ...]:
    """All keys of the section ``Authorization``, of every release."""
    return _options("options")


@cache
def keys_outside() -> tuple[Option, ...]:
    """Keys outside the section that the plugin reads, or was meant to read."""
    return _options("outside")


def option(name: str) -> Option | None:
    """The key ``name`` of the section; names have case."""
    return _by_name().get(name)


def options_of(version: str | Version) -> tuple[Option, ...]:
    """The keys of the section that the plugin of ``version`` reads; it ignores all others without a word."""
    wanted = Version.parse(version)
    return tuple(entry for entry in options() if wanted in entry.versions)


@cache
def enumerations() -> tuple[Enumeration, ...]:
    """The closed lists: access levels, HTTP methods, resource types in addresses, the order of tokens."""
    data = read("plugin-options")
    return tuple(
        Enumeration(
            name,
            tuple((value, tuple(spellings)) for value, spellings in values),
            bool(case),
            tuple(users),
            Version.parse(since),
            data["sources"][source],
        )
        for name, values, case, users, since, source in data["enumerations"]
    )


def enumeration(name: str) -> Enumeration:
    """The closed list ``name``; raises :class:`KeyError` where there is none."""
    for entry in enumerations():
        if entry.name == name:
            return entry
    raise KeyError(name)


def access_level(text: str) -> str | None:
    """The level that ``text`` names (``patient``, ``study``, ``series``, ``instance``, ``system``), or None.

    >>> access_level("Studies"), access_level("studies ")
    ('study', None)
    """
    return enumeration("access-level").value(text)


@cache
def start_up() -> tuple[StartUp, ...]:
    """What happens at start, case by case."""
    data = read("plugin-options")
    return tuple(
        StartUp(case, outcome, evidence, data["sources"][source])
        for case, outcome, evidence, source in data["start_up"]
    )


@cache
def _by_name() -> dict[str, Option]:
    return {entry.name: entry for entry in options()}


def _options(table: str) -> tuple[Option, ...]:
    data = read("plugin-options")
    found: list[Option] = []
    for (
        name, section, types, default, pair, aliases, alias_of, domain, only, meaning, interactions, wrong_type, wrong,
        notes, source,
    ) in data[table]:  # fmt: skip
        found.append(
            Option(
                name=name,
                section=section,
                types=tuple(types),
                default=default,
                versions=span(pair),
                aliases=tuple(aliases),
                alias_of=alias_of,
                domain=domain,
                only_read_if=only,
                meaning=meaning,
                interactions=interactions,
                wrong_type=wrong_type,
                wrong_values=tuple(WrongValue(case, outcome) for case, outcome in wrong),
                notes=tuple(notes),
                source=data["sources"][source],
            )
        )
    return tuple(found)
