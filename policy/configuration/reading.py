"""Files from this machine: found, bounded, each read once.

Everything that touches the disk is here; what comes out is bytes with the name by which reports call them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from policy.errors import Unreadable
from policy.records import dataclass, field

LARGEST_FILE = 10_000_000
"""Bytes; nothing that people deploy is larger."""
DEEPEST_FOLDER = 8
MOST_FILES = 5_000
"""Files looked at in one given folder."""

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "dist", "build"})
_ENDINGS = frozenset({".json", ".jsonc", ".json5", ".yml", ".yaml", ".env", ".conf"})
"""Endings that are looked at when a folder is searched; a file that is named is read whatever its name."""
_LARGEST_FOUND = 5_000_000
"""A file of a searched folder above this is data, not configuration."""


@dataclass(slots=True)
class Files:
    """The files of one run: names for reports, each text read once.

    ``here`` is the folder against which reported names are relative.
    """

    here: Path = field(default_factory=Path.cwd)
    relative: bool = True
    """Whether files outside of ``here`` are called by a relative path too, as the paths that were named are."""
    texts: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    """What stands in place of the content of files, by their real paths: changes that are tried or not saved yet."""
    _cache: dict[Path, bytes] = field(default_factory=dict)

    def absolute(self, path: Path) -> Path:
        """``path`` from the root, without following links: a link is reported by its own name."""
        return Path(os.path.abspath(self.here / path))  # noqa: PTH100 - resolve() would follow links

    def name(self, path: Path) -> str:
        """How reports call ``path``: relative to where the command runs if it lies there, forward slashes."""
        try:
            return self.absolute(path).relative_to(self.here).as_posix()
        except ValueError:
            absolute = self.absolute(path)
            return (Path(os.path.relpath(absolute, self.here)) if self.relative else absolute).as_posix()

    def read(self, path: Path) -> bytes:
        """The content of ``path``.

        Raises :class:`policy.errors.Unreadable` where it cannot be read, is no regular file or is too large.
        """
        key = self.absolute(path)
        if key not in self._cache:
            instead = self._instead(key)
            self._cache[key] = instead if instead is not None else self._read(key, self.name(path))
        return self._cache[key]

    def _instead(self, path: Path) -> bytes | None:
        try:
            return self.texts.get(os.path.realpath(path)) if self.texts else None
        except (OSError, ValueError):  # such a path cannot exist; reading it will say so
            return None

    def _read(self, path: Path, name: str) -> bytes:
        try:
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                raise Unreadable("this is a folder, not a file", file=name)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("this is no regular file", file=name, help="Give a file or a folder.")
            if status.st_size > LARGEST_FILE:
                raise Unreadable(
                    f"the file holds {status.st_size / 1e6:.0f} MB; the limit is {LARGEST_FILE / 1e6:.0f} MB",
                    file=name,
                    help="Configuration files are far smaller: is this the right file?",
                )
            return path.read_bytes()
        except FileNotFoundError:
            raise Unreadable("there is no such file", file=name, help="Check the path.") from None
        except PermissionError:
            raise Unreadable(
                "the file may not be read by this user", file=name, help="Grant read access, or run as its owner."
            ) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a valid path"
            raise Unreadable(f"the file cannot be read: {reason}", file=name, help="Check the path.") from None

    def is_folder(self, path: Path) -> bool:
        """Whether ``path`` is a folder; False also where that cannot be told."""
        try:
            return (self.here / path).is_dir()
        except (OSError, ValueError):
            return False

    def exists_within(self, path: Path, root: Path) -> bool:
        """Whether ``path`` is a file or folder that really lies in ``root``, links resolved."""
        try:
            real = (self.here / path).resolve(strict=True)
            return real.is_relative_to((self.here / root).resolve())
        except (OSError, ValueError, RuntimeError):
            return False

    def search(self, folder: Path) -> Iterator[Path]:
        """The files below ``folder`` that may be configuration, sorted, at most :data:`MOST_FILES`.

        Hidden folders and those of package managers are skipped; links that lead out of ``folder`` are not followed.
        Raises :class:`policy.errors.Unreadable` where the folder itself cannot be listed or holds too much.
        """
        root = (self.here / folder).resolve()
        pending: list[tuple[Path, int]] = [(folder, 0)]
        seen: set[Path] = set()
        count = 0
        while pending:
            current, depth = pending.pop()
            entries = self._entries(current, is_root=depth == 0)
            folders: list[Path] = []
            for entry in entries:
                path = current / entry.name
                if entry.is_symlink() and not self._leads_inside(path, root):
                    continue
                if entry.is_dir():
                    real = (self.here / path).resolve()
                    if depth < DEEPEST_FOLDER and self._entered(entry.name) and real not in seen:
                        seen.add(real)
                        folders.append(path)
                elif self._looked_at(entry):
                    count += 1
                    if count > MOST_FILES:
                        raise Unreadable(
                            f"the folder holds more than {MOST_FILES} files that may be configuration",
                            file=self.name(folder),
                            help="Give the folder of the deployment itself, or its files.",
                        )
                    yield path
            pending.extend((path, depth + 1) for path in reversed(folders))

    def names(self, folder: Path) -> list[str]:
        """The names in ``folder``, sorted; none where it cannot be listed."""
        try:
            return sorted(entry.name for entry in (self.here / folder).iterdir())
        except OSError:
            return []

    def _entries(self, folder: Path, *, is_root: bool) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.here / folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if is_root:
                raise Unreadable(f"the folder cannot be listed: {error.strerror}", file=self.name(folder)) from None
            return []

    def _leads_inside(self, path: Path, root: Path) -> bool:
        try:
            return (self.here / path).resolve(strict=True).is_relative_to(root)
        except (OSError, RuntimeError):
            return False

    @staticmethod
    def _entered(name: str) -> bool:
        return not name.startswith(".") and name not in _SKIPPED_FOLDERS

    @staticmethod
    def _looked_at(entry: os.DirEntry[str]) -> bool:
        name = entry.name.lower()
        if name != ".env" and name.startswith("."):
            return False
        if Path(name).suffix not in _ENDINGS and name != ".env":  # .env itself has no ending
            return False
        try:
            return entry.is_file() and entry.stat().st_size <= _LARGEST_FOUND
        except OSError:
            return False
