"""Logs as tables: lines of plain, gzip or Zstandard files, numbered, in Parquet files that every engine reads.

Three formats are told apart by what their lines look like: Orthanc's own log (``--verbose``), nginx's combined format,
and the log of the auth service.
"""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from policy.errors import Unreadable, UsageError
from policy.records import dataclass

if TYPE_CHECKING:
    import pyarrow

ORTHANC, NGINX, SERVICE = "orthanc", "nginx", "auth-service"
_SIGNS = {
    ORTHANC: re.compile(r"[IWETD]\d{4} \d\d:\d\d:\d\d\.\d+ .*\] "),
    NGINX: re.compile(r'\S+ \S+ \S+ \[[^\]]+\] "[^"]*" \d{3} (?:\d+|-)'),
    SERVICE: re.compile(r"\b(?:INFO|WARNING|ERROR|DEBUG):\w+:|validat(?:e|ing) token: \{"),
}
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_GZIP = b"\x1f\x8b"
_SNIFFED = 200
_BATCH = 200_000
_CHUNK = 1 << 20

Progress = Callable[[int], None]
"""Told how many bytes of the files were read since the last call."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one format: a folder of Parquet files with the columns ``file``, ``line`` and ``text``."""

    kind: str
    folder: Path
    count: int


def size(paths: Iterable[Path]) -> int:
    """How many bytes the files hold as they lie there.

    :raises Unreadable: for a file that is not there.
    """
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}", file=str(path)) from None
    return total


def read(paths: Sequence[Path], folder: Path, progress: Progress = lambda _: None) -> tuple[Lines, ...]:
    """Write the lines of ``paths`` below ``folder``, one table for each format that there is.

    :raises Unreadable: for a file that cannot be opened or unpacked.
    :raises UsageError: for a file in none of the formats, or without the package that unpacks it.
    """
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    columns = [("file", arrow.int32()), ("line", arrow.int64()), ("text", arrow.string())]
    schema = arrow.schema(columns)
    counts: dict[str, int] = {}
    for number, path in enumerate(paths):
        kind = ""
        at = 0
        try:
            for batch in _batches(path, progress):
                if not kind:
                    kind = _kind(batch[:_SNIFFED], path)
                    (folder / kind).mkdir(exist_ok=True)
                table = _table(arrow, schema, number, at, batch)
                parquet.write_table(table, folder / kind / f"{number:05}-{at:012}.parquet", compression="none")
                at += len(batch)
        except (OSError, EOFError) as error:
            raise Unreadable(f"cannot be read: {error}", file=str(path)) from None
        if kind:
            counts[kind] = counts.get(kind, 0) + at
    return tuple(Lines(kind, folder / kind, counts[kind]) for kind in sorted(counts))


def _table(arrow: pyarrow, schema: pyarrow.Schema, number: int, at: int, batch: list[str]) -> pyarrow.Table:
    import numpy

    length = len(batch)
    columns = [
        arrow.repeat(arrow.scalar(number, arrow.int32()), length),
        arrow.array(numpy.arange(at, at + length)),
        arrow.array(batch, arrow.string()),
    ]
    return arrow.Table.from_arrays(columns, schema=schema)


def _kind(lines: Sequence[str], path: Path) -> str:
    scores = {kind: sum(sign.search(line) is not None for line in lines) for kind, sign in _SIGNS.items()}
    best = max(scores, key=lambda kind: scores[kind])
    if not scores[best]:
        raise UsageError(
            "is in no format that is known",
            file=str(path),
            help="Known are Orthanc's log, nginx's combined format, and the log of the auth service.",
        )
    return best


def _batches(path: Path, progress: Progress) -> Iterator[list[str]]:
    lines: list[str] = []
    rest = ""
    with path.open("rb") as raw:
        for chunk in _unpacked(raw, path, progress):
            # Only line feeds end a line: a log may hold any other character.
            found = (rest + chunk.decode("utf-8", "backslashreplace")).split("\n")
            rest = found.pop()
            lines += found
            if len(lines) >= _BATCH:
                yield lines
                lines = []
    if rest:
        lines.append(rest)
    if lines:
        yield lines


def _unpacked(raw: BinaryIO, path: Path, progress: Progress) -> Iterator[bytes]:
    """Pieces of the text; a character is never cut in two."""
    counted = cast("BinaryIO", io.BufferedReader(_Counted(raw, progress), _CHUNK))
    start = counted.peek(4)[:4]  # type: ignore[attr-defined]
    stream: BinaryIO = counted
    if start.startswith(_GZIP):
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=counted))
    elif start == _ZSTANDARD:
        stream = _zstandard(counted, path)
    tail = b""
    while True:
        try:
            chunk = stream.read(_CHUNK)
        except (OSError, EOFError):
            raise
        except Exception as error:  # zlib and Zstandard have errors of their own
            raise Unreadable(f"cannot be unpacked: {error}", file=str(path)) from None
        if not chunk:
            break
        data = tail + chunk
        cut = data.rfind(b"\n") + 1
        tail = data[cut:]
        if cut:
            yield data[:cut]
    if tail:
        yield tail


def _zstandard(stream: BinaryIO, path: Path) -> BinaryIO:
    try:
        import zstandard
    except ImportError:
        raise UsageError(
            "is packed with Zstandard, and the package that unpacks it is missing",
            file=str(path),
            help="Install policy-lint[replay].",
        ) from None
    reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return cast("BinaryIO", reader)


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, raw: BinaryIO, progress: Progress) -> None:
        self._raw = raw
        self._progress = progress

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """As of any raw file."""
        data = self._raw.read(len(buffer))  # type: ignore[arg-type]
        buffer[: len(data)] = data  # type: ignore[index]
        self._progress(len(data))
        return len(data)
