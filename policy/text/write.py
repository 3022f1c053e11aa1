"""A file replaced at one stroke: readers see the old bytes or the new ones, never half.

The new bytes are first written to a file beside the old one.
A process that is killed in between leaves that file behind; the next write in the folder takes it away.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from pathlib import Path

from policy.errors import Unreadable
from policy.regex import regex

_LEFT_BEHIND = regex(r"\.policy-[0-9a-f]{12}\.new")
_ABANDONED = 600.0
"""Seconds after which nobody is writing to such a file any more; a write takes less than one."""


def write(path: str | os.PathLike[str], data: bytes, *, expected: bytes | None = None, create: bool = False) -> bool:
    """Writes the bytes in the place of the file's; the result is False where they are the same already.

    Mode and owner stay; a symbolic link stays, and what it points to is replaced.
    With ``expected`` the file must still hold these bytes, until it is replaced; with ``create`` it need not be there, and a pipe or a device
    is written to.
    Raises Unreadable where the file is none, changed in between, or cannot be written.
    """
    shown = os.fspath(path)
    try:
        real = Path(path).resolve(strict=not create)
        if create and not real.exists():
            _replace(real, data, None, shown)
            return True
        before = real.stat()
        if not stat.S_ISREG(before.st_mode):
            if not create or stat.S_ISDIR(before.st_mode):
                raise Unreadable("this is no ordinary file", file=shown)
            real.write_bytes(data)
            return True
        now = real.read_bytes()
        if expected is not None and now != expected:
            raise _changed(shown)
        if now == data:
            return False
        if not os.access(real, os.W_OK):
            raise Unreadable("the file is not writable", file=shown)
        _replace(real, data, before, shown, unchanged=expected is not None)
    except OSError as error:
        raise Unreadable(f"the file cannot be written: {error.strerror or error}", file=shown) from error
    except RuntimeError as error:  # Path.resolve, up to Python 3.12, for a loop of links
        raise Unreadable("the file is a loop of symbolic links", file=shown) from error
    return True


def _changed(shown: str) -> Unreadable:
    return Unreadable("the file was changed in the meantime", file=shown, help="Run the command again.")


def _replace(real: Path, data: bytes, before: os.stat_result | None, shown: str, *, unchanged: bool = False) -> None:
    """With ``unchanged`` the file must be the one that ``before`` tells of, up to the last moment."""
    _take_away_what_was_left(real.parent)
    handle, name = _beside(real, 0o600 if before is not None else 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if before is not None:
                with contextlib.suppress(OSError, AttributeError):
                    # Only root may give a file away; the mode comes last, since a change of owner clears bits of it.
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                name.chmod(stat.S_IMODE(before.st_mode))
            os.fsync(file.fileno())
        if unchanged and before is not None and _marks(real.stat()) != _marks(before):
            raise _changed(shown)
        name.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            name.unlink()
        raise
    _sync(real.parent)


def _marks(of: os.stat_result) -> tuple[int, int, int, int]:
    """What differs once somebody has written to the file or put another in its place."""
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns


def _take_away_what_was_left(folder: Path) -> None:
    """Remove the files that killed processes left behind; those of a writer at work are younger and stay."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _LEFT_BEHIND.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _ABANDONED:
                        Path(entry.path).unlink()


def _beside(real: Path, mode: int) -> tuple[int, Path]:
    """A new file in the same folder, open; its name is short whatever the other's is, and ``mode`` goes by the mask."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    while True:
        name = real.parent / f".policy-{secrets.token_hex(6)}.new"
        with contextlib.suppress(FileExistsError):
            return os.open(name, flags, mode), name


def _sync(folder: Path) -> None:
    """The new name reaches the disk too, where the system lets folders be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
