"""Files of an export, in a folder or in an archive that is the same, bit for bit, for the same policy."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policy.errors import Unreadable
from policy.text.visible import escaped_json
from policy.text.write import write

Files = Mapping[str, bytes]
"""By path inside the export, with slashes."""


def json_file(value: Any) -> bytes:
    """A value as a file of JSON."""
    return (escaped_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n").encode()


def archive(files: Files) -> bytes:
    """The files as ``tar.gz``, as OPA takes a bundle: no owner, no time, in order of their names."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name in sorted(files):
            about = tarfile.TarInfo(f"/{name}")
            about.size = len(files[name])
            about.mode = 0o644
            tar.addfile(about, io.BytesIO(files[name]))
    return packed.getvalue()


def put(files: Files, target: Path) -> tuple[Path, ...]:
    """Write the files into a folder, or as an archive where ``target`` ends in ``.tar.gz`` or ``.tgz``.

    A folder is made if it is not there; other files in it stay.  The result names what was written.
    Raises :class:`policy.errors.Unreadable` where that is impossible.
    """
    if target.name.endswith((".tar.gz", ".tgz")):
        write(target, archive(files), create=True)
        return (target,)
    written = []
    for name, data in sorted(files.items()):
        file = target / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unreadable(f"the folder cannot be made: {error.strerror or error}", file=str(file.parent)) from error
        write(file, data, create=True)
        written.append(file)
    return tuple(written)
