"""The texts that the editor holds, saved or not, each recognised and parsed once a version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import from_fs_path, to_fs_path

from policy.configuration.recognise import read_as, recognise
from policy.configuration.source import Kind
from policy.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policy.text import Document

_NAMES = {
    "permissions.json": Kind.PERMISSIONS,
    "anonymous-profile.json": Kind.ANONYMOUS,
    "docker-compose.yml": Kind.COMPOSE,
    "docker-compose.yaml": Kind.COMPOSE,
    "compose.yml": Kind.COMPOSE,
    "compose.yaml": Kind.COMPOSE,
}
"""What a file will be while its text does not tell yet: here alone the name counts, since a new file is empty."""


def real_path(uri: str) -> str | None:
    """The real path of a file's URI; None for what is no file."""
    path = to_fs_path(uri)
    return os.path.realpath(path) if path else None


def uri_of(path: str) -> str:
    """The URI of a file."""
    return str(from_fs_path(path))


@dataclass(slots=True, eq=False)
class Buffer:
    """One open text. ``kind`` is None for a file that is none of ours."""

    uri: str
    path: str
    """The real path."""
    version: int
    document: Document
    kind: Kind | None
    bare_section: bool = False


@dataclass(slots=True)
class Buffers:
    """All open texts."""

    _by_path: dict[str, Buffer] = field(default_factory=dict)

    def put(self, uri: str, version: int, text: str) -> Buffer | None:
        """Keep the text of a version; None for what is no file.

        What was recognised once stays what it was while its text is half-typed.
        """
        path = real_path(uri)
        if path is None:
            return None
        data = text.encode("utf-8", "surrogatepass")
        known = recognise(data, suffix=Path(path).suffix.lower())
        before = self._by_path.get(path)
        name = Path(path).name
        kind = before.kind if before is not None else _NAMES.get(name, Kind.ORTHANC if "orthanc" in name else None)
        if known is None and (kind is not None and Path(path).suffix.lower() in (".json", ".jsonc", ".yml", ".yaml")):
            known = read_as(kind, data)
        if known is None:
            from policy.text import parse

            buffer = Buffer(uri, path, version, parse(data), None)
        else:
            buffer = Buffer(uri, path, version, known.document, known.kind, known.bare_section)
        self._by_path[path] = buffer
        return buffer

    def drop(self, uri: str) -> None:
        """Forget a closed text."""
        self._by_path.pop(real_path(uri) or "", None)

    def get(self, uri: str) -> Buffer | None:
        """The open text of a URI."""
        return self._by_path.get(real_path(uri) or "")

    def at(self, path: str) -> Buffer | None:
        """The open text of a real path."""
        return self._by_path.get(path)

    def uri(self, path: str) -> str:
        """The URI of a file by its real path: as the editor calls it, where it is open."""
        buffer = self._by_path.get(path)
        return buffer.uri if buffer is not None else uri_of(path)

    def texts(self) -> dict[str, bytes]:
        """All texts by real path, for the loader."""
        return {path: buffer.document.data for path, buffer in self._by_path.items()}

    def __iter__(self) -> Iterator[Buffer]:
        return iter(tuple(self._by_path.values()))
