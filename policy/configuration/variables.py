"""Names and values of variables by the rules of the orthancteam/orthanc image.

Source: orthanc-server/orthanc-builder ``docker/orthanc/helpers.py``, ``configurator.py``, ``env-var-non-standards.json``
and ``env-var-legacy.json``; the tables of them are in :mod:`policy.knowledge.environment`.
"""

from __future__ import annotations

import enum
from functools import cache, lru_cache

from policy.knowledge import environment
from policy.knowledge.versions import Range, Version
from policy.records import dataclass


class Use(enum.StrEnum):
    """What the image makes of a variable."""

    WHOLE = "whole configuration"
    """``ORTHANC_JSON``."""
    SECRET = "secret"  # noqa: S105 - a kind of variable
    """It names a file of ``/run/secrets``."""
    OPTION = "option"
    SWITCH = "plugin"
    """It switches a plugin on or off."""
    PASSWORD = "password"  # noqa: S105 - a kind of variable
    """``ORTHANC_PASSWORD``, from 26.7.0 on."""
    CRASH = "crash"
    """Its name makes the script fail."""
    NONE = "none"
    """The script does not look at it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the image makes of one variable's name."""

    use: Use
    path: tuple[str, ...] = ()
    """The option that it sets."""
    legacy: bool = False
    """Whether it is an old name, which stops the container from 26.7.0 on."""
    switch: environment.PluginSwitch | None = None


@lru_cache(maxsize=65_536)
def reading(name: str, tag: Version) -> Reading:
    """What the image of that tag makes of a variable called ``name``.

    >>> reading("ORTHANC__DICOM_WEB__PUBLIC_ROOT", Version.parse("26.8.1")).path
    ('DicomWeb', 'PublicRoot')
    """
    if name == environment.WHOLE_CONFIGURATION:
        return Reading(Use.WHOLE)
    if name == environment.PASSWORD and tag >= environment.NO_USER_STOPS:
        return Reading(Use.PASSWORD)
    if name.endswith(environment.SECRET_SUFFIX):
        return Reading(Use.SECRET)
    return option_reading(name, tag) or _switch_reading(name)


@lru_cache(maxsize=4096)
def option_reading(name: str, tag: Version) -> Reading | None:
    """What option ``name`` sets, also as the name of a secret; None if it is the name of none."""
    for versions, target in _aliases().get(name, ()):
        if tag in versions:
            return Reading(Use.OPTION, target)
    if name in _legacy():
        return Reading(Use.OPTION, _legacy()[name], legacy=True)
    if not name.startswith(environment.PREFIX):
        return None
    for prefix, section in _prefixes():
        # Older images had these sections' variables one by one in the table of aliases, to the same paths.
        if name.startswith(prefix):
            rest = _camel(name[len(prefix) :])
            return Reading(Use.OPTION, (section, *rest)) if rest is not None else Reading(Use.CRASH)
    path = _camel(name[len(environment.PREFIX) :])
    return Reading(Use.OPTION, path) if path is not None else Reading(Use.CRASH)


def _switch_reading(name: str) -> Reading:
    return _switches().get(name) or Reading(Use.NONE)


@cache
def _switches() -> dict[str, Reading]:
    found: dict[str, Reading] = {}
    for switch in environment.plugin_switches():
        found.setdefault(switch.variable, Reading(Use.SWITCH, switch=switch))
        if switch.legacy_variable:
            found.setdefault(switch.legacy_variable, Reading(Use.SWITCH, legacy=True, switch=switch))
    return found


def _camel(name: str) -> tuple[str, ...] | None:
    """The path that words and levels stand for; None where a word is empty, on which the script fails."""
    levels = []
    for level in name.split("__"):
        words = level.split("_")
        if not all(words):
            return None
        levels.append("".join(word[0] + word[1:].lower() for word in words))
    return tuple(levels)


@cache
def _aliases() -> dict[str, list[tuple[Range, tuple[str, ...]]]]:
    found: dict[str, list[tuple[Range, tuple[str, ...]]]] = {}
    for alias in environment.aliases():
        found.setdefault(alias.variable, []).append((alias.versions, tuple(alias.path.split("."))))
    return found


@cache
def _legacy() -> dict[str, tuple[str, ...]]:
    return {row.variable: tuple(row.path.split(".")) for row in environment.legacy_variables()}


@cache
def _prefixes() -> tuple[tuple[str, str], ...]:
    return tuple((row.prefix, row.section) for row in environment.section_prefixes())
