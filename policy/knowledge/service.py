"""The auth service (orthancteam/orthanc-auth-service): its tags, its files, its variables and what it does.

Versions are tags of the image, not headings of its release notes: in places the two disagree.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from policy.errors import UnknownVersion
from policy.knowledge._files import read, span
from policy.knowledge.versions import Range, Version
from policy.records import dataclass

FIRST_WITH_PROFILES = Version.parse("23.3.0")
"""The first tag under its present name, with roles and permissions."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of the image."""

    version: Version
    date: str
    image: str
    """The name of the image at that time."""
    python: str | None
    """The base image."""
    reader: str | None
    """What reads permissions.json: ``json`` (strict), ``json-with-comments``, or None (no such file yet)."""
    reader_version: str | None
    permissions: tuple[str, ...]
    """Permission names known, in the order in which they came."""
    share_types: tuple[str, ...]
    """Types of tokens known."""
    environment_added: tuple[str, ...]
    environment_removed: tuple[str, ...]
    changes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Pin:
    """Versions of the packages inside, for a range of tags."""

    versions: Range
    python: str
    fastapi: str
    pyjwt: str
    json_with_comments: str | None
    source: str


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """What a file in the image holds when nothing is mounted over it."""

    file: str
    versions: Range
    content: dict[str, Any]
    source: str


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key of permissions.json or anonymous-profile.json."""

    file: str
    path: str
    """Levels between dots; ``*`` is any role name."""
    versions: Range
    type: str
    required: bool
    default: Any
    null: str
    """``accepted`` or ``refused``."""
    aliases: tuple[str, ...]
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """Which spellings (hyphen or underscore) one place reads."""

    place: str
    versions: Range
    read: tuple[tuple[str, str], ...]
    """Pairs (spelling, what happens); ``no-silent`` is ignored without a word."""
    source: str


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """A variable that the service reads."""

    name: str
    versions: Range
    default: str | None
    flag: bool
    """On only for the exact text ``true``."""
    secret_file: bool
    """Whether ``/run/secrets/NAME`` is read before the variable."""
    confidential: bool
    """Whether its value must not be shown."""
    required: str | None
    """When the service exits without it; None: never."""
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class ShareType:
    """A type of share token."""

    name: str
    since: Version
    needs: tuple[str, ...]
    """Variables without which a token of this type cannot be made."""
    creatable: bool
    source: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something that the service does, and the tags in which it does so."""

    id: str
    subject: str
    versions: Range
    what: str
    source: str


@cache
def tags() -> tuple[Tag, ...]:
    """All tags, oldest first."""
    data = read("service")
    sources: list[str] = data["sources"]
    found: list[Tag] = []
    permissions: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    for name, date, image, python, reader, pin, names, types, added, removed, changes, source in data["tags"]:
        permissions += tuple(names)
        shares += tuple(types)
        found.append(
            Tag(
                Version.parse(name), date, image, python, reader, pin, permissions, shares,
                tuple(added), tuple(removed), tuple(changes), sources[source],
            )
        )  # fmt: skip
    return tuple(found)


@cache
def tag(version: str | Version) -> Tag:
    """The tag with this version.

    Raises :class:`policy.errors.UnknownVersion` where there is none; see :func:`closest` for a stand-in.
    """
    wanted = Version.parse(version)
    for known in tags():
        if known.version == wanted:
            return known
    raise UnknownVersion(
        f"the auth service {wanted} is not known",
        help=f"The nearest tag known is {closest(wanted).version}; the newest is {newest().version}.",
    )


def closest(version: str | Version) -> Tag:
    """The newest tag that is not newer than ``version``; the oldest one if all are newer."""
    wanted = Version.parse(version)
    older = [known for known in tags() if known.version <= wanted]
    return older[-1] if older else tags()[0]


def newest() -> Tag:
    """The newest tag known."""
    return tags()[-1]


@cache
def pins() -> tuple[Pin, ...]:
    """Versions of the packages inside. pydantic is never pinned."""
    data = read("service")
    return tuple(
        Pin(span(pair), python, fastapi, pyjwt, comments, data["sources"][source])
        for pair, python, fastapi, pyjwt, comments, source in data["pins"]
    )


@cache
def shipped_files() -> tuple[ShippedFile, ...]:
    """The files that lie in the image."""
    data = read("service")
    return tuple(
        ShippedFile(file, span(pair), content, data["sources"][source])
        for file, pair, content, source in data["shipped"]
    )


@cache
def file_keys() -> tuple[FileKey, ...]:
    """The keys of permissions.json and anonymous-profile.json, by version."""
    data = read("service-files")
    return tuple(
        FileKey(
            file, path, span(pair), kind, required, default, null, tuple(aliases), note, data["sources"][source]
        )
        for file, path, pair, kind, required, default, null, aliases, note, source in data["keys"]
    )  # fmt: skip


@cache
def spellings() -> tuple[Spelling, ...]:
    """Where a hyphen, where an underscore is read."""
    data = read("service-files")
    return tuple(
        Spelling(place, span(pair), tuple((key, what) for key, what in pairs), data["sources"][source])
        for place, pair, pairs, source in data["spellings"]
    )


@cache
def environment() -> tuple[EnvironmentVariable, ...]:
    """The variables that the service reads, or once read."""
    data = read("service-behaviour")
    return tuple(
        EnvironmentVariable(
            name, span(pair), default, bool(flag), bool(secret), bool(hidden), required, meaning,
            data["sources"][source],
        )
        for name, pair, default, flag, secret, hidden, required, meaning, source in data["environment"]
    )  # fmt: skip


@cache
def share_types() -> tuple[ShareType, ...]:
    """The types of share tokens."""
    data = read("service-behaviour")
    return tuple(
        ShareType(name, Version.parse(since), tuple(needs), bool(creatable), data["sources"][source])
        for name, since, needs, creatable, source in data["share_types"]
    )


@cache
def behaviours() -> tuple[Behaviour, ...]:
    """What the service does, by version."""
    data = read("service-behaviour")
    return tuple(
        Behaviour(key, subject, span(pair), what, data["sources"][source])
        for key, subject, pair, what, source in data["behaviours"]
    )


def behaves(identifier: str, version: str | Version) -> bool:
    """Whether the service of ``version`` does what the behaviour ``identifier`` says.

    Raises :class:`KeyError` for an identifier that the table does not have.
    """
    return Version.parse(version) in _by_id()[identifier].versions


@cache
def _by_id() -> dict[str, Behaviour]:
    return {row.id: row for row in behaviours()}
