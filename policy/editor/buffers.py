"""The texts that the editor holds, saved or not, each recognised and parsed once a version."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import from_fs_path, to_fs_path

from policy.configuration.recognise import Recognised, read_as, recognise
from policy.configuration.source import Kind
from policy.records import dataclass, field
from policy.text import Document, parse
from policy.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = {
    "permissions.json": Kind.PERMISSIONS,
    "anonymous-profile.json": Kind.ANONYMOUS,
    "docker-compose.yml": Kind.COMPOSE,
    "docker-compose.yaml": Kind.COMPOSE,
    "compose.yml": Kind.COMPOSE,
    "compose.yaml": Kind.COMPOSE,
}
"""What a file will be while its text does not tell yet: here alone the name counts, since a new file is empty."""
_ENDINGS = (".json", ".jsonc", ".yml", ".yaml")


def real_path(uri: str) -> str | None:
    """The real path of a file's URI; None for what is no file."""
    path = to_fs_path(uri)
    return os.path.realpath(path) if path else None


def uri_of(path: str) -> str:
    """The URI of a file."""
    return str(from_fs_path(path))


class Buffer:
    """One open text. ``path`` is its real path; ``kind`` is None for a file that is none of ours.

    ``lines`` is the text without its tree, which is enough for places; the tree is made when somebody asks for it.
    """

    def __init__(self, uri: str, path: str, version: int, data: bytes, known: Recognised | None) -> None:
        self.uri = uri
        self.path = path
        self.version = version
        self.kind = known.kind if known is not None else None
        self.bare_section = known is not None and known.bare_section
        self.lines = Document(source=decode(data), root=None)

    @cached_property
    def document(self) -> Document:
        """The parsed text."""
        data = self.lines.data
        return parse(data) if self.kind is None else read_as(self.kind, data).document

    @property
    def data(self) -> bytes:
        """The text in bytes."""
        return self.lines.data


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
        before = self._by_path.get(path)
        known = _still(before) if before is not None and before.kind is not None else _recognised(path, data)
        self._by_path[path] = buffer = Buffer(uri, path, version, data, known)
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
        return {path: buffer.data for path, buffer in self._by_path.items()}

    def __iter__(self) -> Iterator[Buffer]:
        return iter(tuple(self._by_path.values()))


def _still(before: Buffer) -> Recognised | None:
    return Recognised(before.kind, before.lines, before.bare_section) if before.kind is not None else None


def _recognised(path: str, data: bytes) -> Recognised | None:
    """What a text is by its content; of one that does not tell yet, by the name of its file."""
    suffix = Path(path).suffix.lower()
    known = recognise(data, suffix=suffix)
    if known is not None or suffix not in _ENDINGS:
        return known
    name = Path(path).name
    kind = _NAMES.get(name, Kind.ORTHANC if "orthanc" in name else None)
    return read_as(kind, data) if kind is not None else None
