"""The objects of SARIF 2.1.0 that reports use, as the standard names them.

A field that is None or empty is left out of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from policy.records import dataclass, field

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NAMES = {"schema": "$schema"}


@dataclass(frozen=True, slots=True)
class Message:
    """3.11; ``markdown`` is for viewers that show it."""

    text: str
    markdown: str | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """3.30; lines and columns from 1, the column of the end not included."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    snippet: Message | None = None


@dataclass(frozen=True, slots=True)
class ArtifactLocation:
    """3.4; ``uri`` is always a valid URI or relative reference."""

    uri: str
    uri_base_id: str | None = None


@dataclass(frozen=True, slots=True)
class PhysicalLocation:
    """3.29."""

    artifact_location: ArtifactLocation
    region: Region


@dataclass(frozen=True, slots=True)
class Location:
    """3.28."""

    physical_location: PhysicalLocation
    id: int | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class ReportingConfiguration:
    """3.50."""

    level: str


@dataclass(frozen=True, slots=True)
class ReportingDescriptor:
    """3.49: a rule."""

    id: str
    name: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: ReportingConfiguration
    properties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolComponent:
    """3.19: the driver."""

    name: str
    semantic_version: str
    version: str
    rules: tuple[ReportingDescriptor, ...]
    full_name: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """3.18."""

    driver: ToolComponent


@dataclass(frozen=True, slots=True)
class Replacement:
    """3.57."""

    deleted_region: Region
    inserted_content: Message


@dataclass(frozen=True, slots=True)
class ArtifactChange:
    """3.56."""

    artifact_location: ArtifactLocation
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """3.55."""

    description: Message
    artifact_changes: tuple[ArtifactChange, ...]


@dataclass(frozen=True, slots=True)
class Suppression:
    """3.35."""

    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """3.27."""

    rule_id: str
    level: str
    message: Message
    locations: tuple[Location, ...]
    partial_fingerprints: Mapping[str, str]
    rule_index: int | None = None
    kind: str | None = None
    related_locations: tuple[Location, ...] = ()
    fixes: tuple[Fix, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """3.14; an empty list of results says that nothing was found, so that it is never left out."""

    tool: Tool
    results: tuple[Result, ...]
    column_kind: str
    newline_sequences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """3.13: the file."""

    schema: str
    version: str
    runs: tuple[Run, ...]


_NEVER_LEFT_OUT = frozenset({"results", "rules", "text", "inserted_content"})


def plain(value: object) -> Any:
    """``value`` as plain data with the names of the standard."""
    if is_dataclass(value):
        members = ((item.name, getattr(value, item.name)) for item in fields(value))
        return {
            _camel(name): plain(member)
            for name, member in members
            if name in _NEVER_LEFT_OUT or member not in (None, (), {}, "")
        }
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    return value


def _camel(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
