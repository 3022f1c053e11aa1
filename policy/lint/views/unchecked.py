"""What the unchecked folders and resources of a server let everybody GET."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from policy.configuration.deployment import OrthancServer
from policy.configuration.setting import Setting
from policy.configuration.source import Location
from policy.knowledge.plugin import standard_configurations
from policy.lint.views.options import filter_of, place, standards, texts_of
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.knowledge.routes import Handler, Route


@dataclass(frozen=True, slots=True)
class Unchecked:
    """One entry: ``text`` as it is compared, ``folder`` whether as a prefix, and where it stands."""

    text: str
    folder: bool
    setting: Setting
    location: Location

    @property
    def everything(self) -> bool:
        """Whether it is a prefix of every path."""
        return self.folder and self.text in ("", "/")

    @property
    def option(self) -> str:
        """The name of the list that it stands in."""
        return "UncheckedFolders" if self.folder else "UncheckedResources"


@dataclass(frozen=True, slots=True)
class Opened:
    """A route that an entry excuses from every check, with a path that shows it."""

    route: Route
    witness: str


def unchecked(server: OrthancServer) -> Iterator[Unchecked]:
    """The entries that the files of ``server`` give; nothing where there is no filter to excuse anything from."""
    if not filter_of(server).on:
        return
    for name, folder in (("UncheckedFolders", True), ("UncheckedResources", False)):
        for setting in texts_of(server, name):
            location = place((setting.origin,), server)
            if location is not None:
                yield Unchecked(str(setting.value), folder, setting, location)


def dicom_web_root(server: OrthancServer) -> str:
    """Below which path DICOMweb answers on this server."""
    from policy.knowledge.routes import DICOM_WEB_ROOT

    root = server.configuration.get("DicomWeb", "Root")
    if root is None or not isinstance(root.value, str) or not root.value.strip("/"):
        return DICOM_WEB_ROOT
    return f"/{root.value.strip('/')}/"


def opened(server: OrthancServer, entry: Unchecked, method: str = "GET") -> tuple[Opened, ...]:
    """The known routes with ``method`` that have a path which ``entry`` covers, as if it excused that method."""
    return _opened(entry.text, method, dicom_web_root(server), folder=entry.folder)


@lru_cache(maxsize=256)
def _opened(written: str, method: str, root: str, *, folder: bool) -> tuple[Opened, ...]:
    from policy.knowledge.routes import routes, with_root

    found: list[Opened] = []
    for route in routes():
        # A template that begins with a name (served folders) could be anything: it proves nothing about an entry.
        if route.method == method and not route.path.startswith("/{"):
            witness = _covered(written, with_root(route.path, root), with_root(route.witness, root), folder=folder)
            if witness is not None:
                found.append(Opened(route, witness))
    return tuple(found)


def pages(entry: Unchecked) -> list[Handler]:
    """What the core answers below a prefix without routes (``/app/``, ``/webdav/``), as far as ``entry`` covers it."""
    from policy.knowledge.routes import handlers

    return [
        handler for handler in handlers() if _covered(entry.text, handler.path, handler.witness, folder=entry.folder)
    ]


@cache
def static_folders() -> frozenset[str]:
    """Folders of static pages: those of the standard configurations and of the old Orthanc Explorer."""
    from policy.knowledge.routes import handlers

    folders = {folder for standard in standard_configurations() for folder in standard.unchecked_folders}
    folders |= {handler.path.rstrip("*") for handler in handlers() if handler.kind == "static"}
    return frozenset(folders)


def excused_folders(server: OrthancServer) -> frozenset[str]:
    """All prefixes that the plugin excuses on this server, those of the standard configurations included."""
    own = {str(setting.value) for setting in texts_of(server, "UncheckedFolders")}
    return frozenset(own | {folder for standard in standards(server) for folder in standard.unchecked_folders})


def _covered(written: str, template: str, witness: str, *, folder: bool) -> str | None:
    """A path of ``template`` that the entry ``written`` covers, or None.

    The path is ``witness`` where the whole template is covered; else the text of the entry, completed.
    """
    literal = template.partition("{")[0].partition("*")[0]
    if not written.startswith(literal) and not (folder and literal.startswith(written)):
        return None
    path = witness.partition("?")[0]
    if folder and literal.startswith(written):
        return path
    # The server drops a slash at the end, after the filter has compared the path with it.
    found = _instance(written if folder else written.rstrip("/"), template, path, whole=not folder)
    return written if found is not None and not folder else found


def _instance(text: str, template: str, witness: str, *, whole: bool) -> str | None:
    """``text`` completed to a path of ``template`` with the segments of ``witness``; None where none begins so."""
    written, shape, example = text.split("/"), template.split("/"), witness.split("/")
    for i, segment in enumerate(written):
        if i >= len(shape):
            return None
        if shape[i] in ("*", "{path}"):
            return text if text.rstrip("/") != "/".join(written[:i]) else None
        last = i == len(written) - 1
        if shape[i].startswith("{"):
            if not segment and not last:
                return None
        elif not (segment == shape[i] or (last and not whole and shape[i].startswith(segment))):
            return None
    if whole:
        return text if len(written) == len(shape) and written[-1] else None
    end = len(written) - 1
    rest = [example[end] if end < len(example) and not shape[end].startswith("{") else written[end]]
    if shape[end].startswith("{") and not written[end]:
        rest = [example[end]] if end < len(example) else []
    return "/".join([*written[:end], *rest, *example[end + 1 :]])
