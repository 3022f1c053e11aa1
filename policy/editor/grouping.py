"""Which files belong together: the folder that is analysed for a file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from policy.configuration.recognise import recognise
from policy.configuration.source import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DEPLOYMENTS = (Kind.COMPOSE, Kind.KUBERNETES, Kind.HELM)
_MOST_FILES = 60
"""Files of a workspace up to which they are taken for one deployment where no file says so."""
_LARGEST = 1_000_000


def root_of(path: str, workspace: Iterable[str]) -> Path:
    """The folder whose files belong with the file at ``path``; ``workspace`` are the folders open in the editor.

    The nearest folder that holds the description of a deployment (Compose, Kubernetes, Helm), upwards to the folder of
    the workspace; else the file's own folder where it holds both configuration and roles, or the workspace is large;
    else the folder of the workspace.
    """
    own = Path(path).parent
    limit = next((Path(one) for one in workspace if own.is_relative_to(one)), own)
    for folder in (own, *own.parents):
        kinds = set(_kinds(folder))
        if not kinds.isdisjoint(_DEPLOYMENTS):
            return folder
        if folder == own and {Kind.ORTHANC, Kind.PERMISSIONS} <= kinds:
            return own
        if folder == limit:
            break
    return limit if _is_small(limit) else own


def _kinds(folder: Path) -> Iterator[Kind]:
    try:
        for entry in sorted(folder.iterdir())[:_MOST_FILES]:
            if entry.suffix.lower() in (".yml", ".yaml", ".json", ".jsonc") and entry.is_file():
                status = entry.stat()
                if status.st_size <= _LARGEST:
                    kind = _kind(entry, status.st_mtime_ns, status.st_size)
                    if kind is not None:
                        yield kind
    except OSError:
        return


@lru_cache(maxsize=512)
def _kind(path: Path, _: int, __: int) -> Kind | None:
    """What a file is; time and size stand for its content."""
    try:
        recognised = recognise(path.read_bytes(), suffix=path.suffix.lower(), found=True)
    except OSError:
        return None
    return recognised.kind if recognised is not None else None


def _is_small(folder: Path) -> bool:
    from policy.configuration.reading import Files
    from policy.errors import PolicyError

    try:
        return sum(1 for _, _ in zip(Files(folder).search(folder), range(_MOST_FILES + 1), strict=False)) <= _MOST_FILES
    except PolicyError:
        return False
