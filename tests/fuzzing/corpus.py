"""The kept inputs: one archive for each target, which the ordinary tests replay."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).parent / "corpus"


def kept(target: str) -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of each kept input."""
    path = _FOLDER / f"{target}.tar.xz"
    if not path.exists():
        return
    with tarfile.open(path) as archive:
        for entry in archive:
            content = archive.extractfile(entry)
            if content is not None:
                yield entry.name, content.read()


def unpack(target: str, folder: Path) -> None:
    """Puts the kept inputs into a folder."""
    for name, data in kept(target):
        (folder / Path(name).name).write_bytes(data)


def pack(target: str, folder: Path) -> int:
    """Keeps the inputs of a folder, named by what they hold; how many they are. Equal folders give equal archives."""
    inputs = {hashlib.sha256(data).hexdigest()[:16]: data for data in (path.read_bytes() for path in folder.iterdir())}
    _FOLDER.mkdir(exist_ok=True)
    with tarfile.open(_FOLDER / f"{target}.tar.xz", "w:xz", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(inputs.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return len(inputs)
