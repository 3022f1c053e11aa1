"""Files as a git revision has them, laid out in a folder that is there for a while; the repository is only read.

A revision is written as git writes it: ``HEAD~1:`` is the whole tree, ``HEAD~1:deploy/orthanc.jsonc`` one path of it,
``HEAD~1:./orthanc.jsonc`` a path from the current folder on.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from policy.errors import UsageError

_LARGEST = 1 << 20
"""Larger files are no configuration, and stay in the repository."""
_MOST = 20_000
_LARGEST_TREE = 200_000_000
"""Bytes of all files together; they are written to the disk."""
_TIMEOUT = 60


class _Blob(NamedTuple):
    name: str
    path: str
    link: bool


def is_revision(text: str, here: Path | None = None) -> bool:
    """Whether ``text`` names a revision: it has a colon and is no file.

    >>> is_revision("HEAD~1:"), is_revision("orthanc.jsonc")
    (True, False)
    """
    named = ":" in text and not text.startswith((":", "-"))
    # Path.exists raises for a name that is too long.
    return named and not os.path.exists((here or Path.cwd()) / text)  # noqa: PTH110


@contextmanager
def laid_out(text: str, here: Path | None = None) -> Iterator[tuple[Path, Path]]:
    """A folder with the whole tree of a revision, and in it, as a relative path, what ``text`` names.

    Raises :class:`UsageError` where git, the repository, the revision or the path is not there.
    """
    revision, _, named = text.partition(":")
    folder = here or Path.cwd()
    if named.startswith(("./", "../")) or named == ".":
        inside = _git(folder, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip()
        named = _joined(inside, named, text)
    tree = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}", what=text).decode().strip()
    blobs = _blobs(folder, tree)
    wanted = named.strip("/")
    if wanted and not any(blob.path == wanted or blob.path.startswith(f"{wanted}/") for blob in blobs):
        raise UsageError(f"{text}: the revision has no such path", help="Paths begin at the top of the repository.")
    with tempfile.TemporaryDirectory(prefix="policy-") as name:
        root = Path(name)
        _write(folder, blobs, root)
        yield root, Path(wanted or ".")


def _joined(inside: str, named: str, text: str) -> str:
    parts: list[str] = list(PurePosixPath(inside).parts)
    for part in PurePosixPath(named).parts:
        if part == "..":
            if not parts:
                raise UsageError(f"{text}: the path leads out of the repository")
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _blobs(folder: Path, tree: str) -> list[_Blob]:
    found = []
    size = 0
    for row in _git(folder, "ls-tree", "-r", "-l", "-z", "--full-tree", tree).split(b"\0"):
        head, _, path = row.partition(b"\t")
        fields = head.split()
        if len(fields) != 4 or fields[1] != b"blob" or int(fields[3]) > _LARGEST:
            continue
        name = path.decode("utf-8", "surrogateescape")
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            continue
        found.append(_Blob(fields[2].decode(), name, link=fields[0] == b"120000"))
        size += int(fields[3])
    if len(found) > _MOST or size > _LARGEST_TREE:
        raise UsageError(
            f"the revision has more than {_MOST} files or {_LARGEST_TREE / 1e6:.0f} MB",
            help="Compare two folders instead.",
        )
    return found


def _write(folder: Path, blobs: list[_Blob], root: Path) -> None:
    names = dict.fromkeys(blob.name for blob in blobs)
    contents = _contents(_git(folder, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()))
    for blob in blobs:
        target = root / blob.path
        data = contents.get(blob.name, b"")
        if blob.link:  # written as a copy of what it leads to, so that nothing leads out of the folder
            aim = _followed(blob, blobs, contents)
            if aim is None:
                continue
            data = aim
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        except (OSError, ValueError) as error:  # a full disk, or names that this system cannot have
            raise UsageError(f"the files of the revision cannot be laid out: {error}") from None


def _followed(blob: _Blob, blobs: list[_Blob], contents: dict[str, bytes]) -> bytes | None:
    """What a symbolic link to a file of the same tree leads to; None for any other."""
    aim = contents.get(blob.name, b"").decode("utf-8", "surrogateescape")
    parts = list(PurePosixPath(blob.path).parts[:-1])
    for part in PurePosixPath(aim).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    path = "/".join(parts)
    found = next((one for one in blobs if one.path == path and not one.link), None)
    return contents.get(found.name) if found is not None else None


def _contents(output: bytes) -> dict[str, bytes]:
    """The objects in the output of ``git cat-file --batch``."""
    found: dict[str, bytes] = {}
    place = 0
    while place < len(output):
        end = output.index(b"\n", place)
        fields = output[place:end].split()
        if len(fields) != 3:
            place = end + 1
            continue
        size = int(fields[2])
        found[fields[0].decode()] = output[end + 1 : end + 1 + size]
        place = end + size + 2
    return found


def _git(folder: Path, *arguments: str, given: bytes | None = None, what: str = "") -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no argument that begins with a dash is the user's
            # What a partial clone lacks is not fetched: nothing here speaks to a network.
            ["git", "-c", "protocol.allow=never", *arguments],  # noqa: S607 - the user's own git
            cwd=folder,
            env=os.environ | {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise UsageError(
            "git cannot be started here", help="Revisions are read with git; give files instead."
        ) from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise UsageError(
            f"{what or 'git'}: {said or 'there is no such revision'}",
            help="Write REVISION:PATH as git does, or the path of a file or folder that exists.",
        )
    return done.stdout
