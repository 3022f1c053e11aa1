"""The reverse proxy of the orthanc-nginx image: which public path reaches which container, under which path.

These are facts for a mapper, by tag of the image and by its flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from policy.knowledge._files import read, span
from policy.knowledge.versions import Range, Version
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A public prefix that is passed on to a container."""

    prefix: str
    """Begins and ends with a slash; compared with case; the longest enabled one wins."""
    flag: str
    """The variable that switches it on with the exact text ``true``."""
    upstream: str
    """The host name that a container must have."""
    port: int
    target: str
    """What takes the place of the prefix: ``/`` strips it, the prefix itself keeps it."""
    versions: Range
    reaches_orthanc: bool
    """Whether an Orthanc answers there, hence perhaps the Authorization plugin."""
    condition: str
    """``client-certificate``: only for a verified one; else the empty text."""
    note: str
    source: str

    def path(self, public: str) -> str | None:
        """The path at the container for a normalised public path; None if it is not below the prefix."""
        return self.target + public.removeprefix(self.prefix) if public.startswith(self.prefix) else None

    def public(self, path: str) -> str | None:
        """The public path for a path at the container; None if it cannot be reached through this location."""
        return self.prefix + path.removeprefix(self.target) if path.startswith(self.target) else None


@dataclass(frozen=True, slots=True)
class DefaultAnswer:
    """What nginx answers where no prefix fits."""

    variant: str
    """``http`` (ENABLE_HTTPS is not true), ``https``, ``https-port-80`` or ``certbot``."""
    versions: Range
    status: int
    target: str | None
    """Where it redirects to; None for 404."""
    flag: str | None
    """The flag without which the answer is 404."""
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A variable of the image."""

    name: str
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class FlagDefault:
    """The value that a variable has in the image."""

    name: str
    value: str
    versions: Range
    source: str


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """Headers that a location sets towards the container; all others pass as they were sent."""

    prefix: str
    versions: Range
    headers: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Example:
    """A public address and what becomes of it, with HTTPS and all locations on."""

    public: str
    outcome: str
    container: str | None
    assumes: str
    source: str


@dataclass(frozen=True, slots=True)
class MappingStep:
    """One step from the public path to the path that Orthanc receives."""

    order: int
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Note:
    """What else the proxy does to a request."""

    what: str
    source: str


@cache
def locations() -> tuple[Location, ...]:
    """All locations of all tags."""
    data = read("nginx")
    return tuple(
        Location(
            prefix, flag, upstream, port, target, span(pair), bool(reaches), condition, note, data["sources"][source]
        )
        for prefix, flag, upstream, port, target, pair, reaches, condition, note, source in data["locations"]
    )


def enabled_locations(version: str | Version, variables: Mapping[str, str]) -> tuple[Location, ...]:
    """The locations that the image of ``version`` serves with these environment variables, longest prefix first.

    ``/orthanc-cert/`` is there with HTTPS only.
    """
    wanted = Version.parse(version)
    values = {**flag_defaults_of(wanted), **variables}
    https = values.get("ENABLE_HTTPS") == "true"
    found = [
        location
        for location in locations()
        if wanted in location.versions
        and values.get(location.flag) == "true"
        and (https or location.condition != "client-certificate")
    ]
    return tuple(sorted(found, key=lambda location: -len(location.prefix)))


@cache
def default_answers() -> tuple[DefaultAnswer, ...]:
    """What is answered where no prefix fits, by variant and tag."""
    data = read("nginx")
    return tuple(
        DefaultAnswer(variant, span(pair), status, target, flag, note, data["sources"][source])
        for variant, pair, status, target, flag, note, source in data["default_answers"]
    )


def default_answer(version: str | Version, variables: Mapping[str, str]) -> DefaultAnswer | None:
    """The answer for a path below no location; None where the tables do not say."""
    wanted = Version.parse(version)
    variant = "https" if {**flag_defaults_of(wanted), **variables}.get("ENABLE_HTTPS") == "true" else "http"
    return next((row for row in default_answers() if row.variant == variant and wanted in row.versions), None)


@cache
def flags() -> tuple[Flag, ...]:
    """The variables of the image."""
    data = read("nginx")
    return tuple(Flag(name, rule, data["sources"][source]) for name, rule, source in data["flags"])


@cache
def flag_defaults() -> tuple[FlagDefault, ...]:
    """The values of the variables in the image, by tag."""
    data = read("nginx")
    return tuple(
        FlagDefault(name, value, span(pair), data["sources"][source])
        for name, value, pair, source in data["flag_defaults"]
    )


@cache
def flag_defaults_of(version: str | Version) -> Mapping[str, str]:
    """The values of the variables in the image of ``version``."""
    wanted = Version.parse(version)
    return MappingProxyType({row.name: row.value for row in flag_defaults() if wanted in row.versions})


@cache
def headers() -> tuple[HeaderRule, ...]:
    """Headers that the locations set."""
    data = read("nginx")
    return tuple(
        HeaderRule(prefix, span(pair), tuple(names), data["sources"][source])
        for prefix, pair, names, source in data["headers"]
    )


@cache
def examples() -> tuple[Example, ...]:
    """Public addresses and what becomes of them."""
    data = read("nginx")
    return tuple(
        Example(public, outcome, container, assumes, data["sources"][source])
        for public, outcome, container, assumes, source in data["examples"]
    )


@cache
def algorithm() -> tuple[MappingStep, ...]:
    """The steps from the public path to the path at the container."""
    data = read("nginx")
    return tuple(MappingStep(order, what, data["sources"][source]) for order, what, source in data["algorithm"])


@cache
def notes() -> tuple[Note, ...]:
    """What else the proxy does."""
    data = read("nginx")
    return tuple(Note(what, data["sources"][source]) for what, source in data["notes"])
