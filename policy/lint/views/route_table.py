"""The known routes by their paths, so that a pattern meets only those that begin as it does."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from policy.knowledge.routes import CORE, handlers, routes, with_root
from policy.knowledge.versions import Version
from policy.lint.views.unchecked import dicom_web_root
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.knowledge.routes import Route
    from policy.lint.context import Context
    from policy.patterns import Pattern
    from policy.patterns.templates import Run, Templates

_PLACEHOLDER = re.compile(r"(\{[^}]*\}|\*)")
"""What stands for any name in a template, or for whatever follows."""
_MOST_PATTERNS = 400
"""Of so many patterns the routes are kept."""
_SECTIONS = {
    "dicom-web": "DicomWeb",
    "orthanc-explorer-2": "OrthancExplorer2",
    "stone-webviewer": "StoneWebViewer",
    "ohif": "OHIF",
    "volview": "VolView",
    "stl": "STL",
    "worklists": "Worklists",
    "transfers": "Transfers",
    "tcia": "Tcia",
    "wsi": "Wsi",
    "web-viewer": "WebViewer",
    "osimis-viewer": "WebViewer",
}
"""The section whose plugin registers the routes; plugins without one here may always be there."""
_ALIASES = {"GET": ("HEAD", "OPTIONS", "PROPFIND"), "PUT": ("PROPPATCH", "LOCK", "UNLOCK", "MKCOL")}
"""How the filter sees the methods that it does not know."""


@dataclass(frozen=True, slots=True)
class Known:
    """A known path with its method. ``route`` is None for what the core answers below a prefix (``/app/``)."""

    method: str
    path: str
    """A concrete path, without query string."""
    data: bytes
    template: str
    route: Route | None

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


class RouteTable:
    """All known routes of all plugins and versions, below one DICOMweb root.

    Folders that a site serves under names of its own are left out: they could be anything.
    """

    def __init__(self, root: str) -> None:
        found = [
            Known(route.method, path, path.encode(), with_root(route.path, root), route)
            for route in routes()
            if not route.path.startswith("/{")
            for path in (with_root(route.witness.partition("?")[0], root),)
        ]
        for handler in handlers():
            methods = {
                method
                for method in ("GET", "POST", "PUT", "DELETE")
                if method in handler.methods or not set(_ALIASES.get(method, ())).isdisjoint(handler.methods)
            }
            found += [
                Known(method, handler.witness, handler.witness.encode(), handler.path, None) for method in methods
            ]
        self.all = tuple(sorted(found, key=lambda known: (known.data, known.method)))
        self._paths = [known.data for known in self.all]
        #: Of the templates with names one each; the others are their own example.
        self._named = [
            known
            for known in {known.template: known for known in reversed(self.all)}.values()
            if _PLACEHOLDER.search(known.template)
        ]
        self._templates: Templates | None = None
        self._matched: dict[Pattern, tuple[Known, ...]] = {}
        self._met: dict[Pattern, tuple[Known, ...]] = {}

    def matched(self, pattern: Pattern) -> tuple[Known, ...]:
        """The known routes, whatever their method, whose example path the pattern matches."""
        found = self._matched.get(pattern)
        if found is None:
            _make_room(self._matched)
            found = self._matched[pattern] = self._match(pattern)
        return found

    def _match(self, pattern: Pattern) -> tuple[Known, ...]:
        prefix = pattern.prefix
        start = bisect_left(self._paths, prefix)
        found: list[Known] = []
        answers: dict[bytes, bool] = {}
        for known in self.all[start:]:
            if not known.data.startswith(prefix):
                break
            answer = answers.get(known.data)
            if answer is None:
                answer = answers[known.data] = pattern.matches(known.data)
            if answer:
                found.append(known)
        return tuple(found)

    def met(self, pattern: Pattern) -> tuple[Known, ...]:
        """Those of which the pattern matches some path, be it not the example; exact, and dearer than ``matched``."""
        found = self._met.get(pattern)
        if found is None:
            _make_room(self._met)
            found = self._met[pattern] = self._meet(pattern)
        return found

    def _meet(self, pattern: Pattern) -> tuple[Known, ...]:
        from policy.errors import PolicyError

        if self._templates is None:
            self._templates = _templates(self._named)
        try:
            found = {self._named[number].template for number in self._templates.met_by(pattern)}
        except PolicyError:
            return ()
        return tuple(known for known in self.all if known.template in found) if found else ()


def _make_room(kept: dict[Pattern, tuple[Known, ...]]) -> None:
    """Forgets all that is kept of patterns where it is too much."""
    if len(kept) >= _MOST_PATTERNS:
        kept.clear()


def _templates(named: Iterable[Known]) -> Templates:
    from policy.patterns.templates import NAME, REST, Templates

    def pieces(known: Known) -> list[bytes | Run]:
        parts = _PLACEHOLDER.split(known.template)
        return [
            part.encode() if part[:1] not in ("{", "*") else REST if part in ("*", "{path}") else NAME
            for part in parts
            if part
        ]

    return Templates(map(pieces, named))


def fewest_slashes(pattern: Pattern) -> int | None:
    """How many slashes each path that the pattern matches has at least; None where no path matches, or nothing is known."""
    automaton = pattern.automaton
    if automaton is None:
        return None
    best = {automaton.start: 0}
    pending = deque([automaton.start])
    while pending:
        state = pending.popleft()
        if automaton.final[state]:
            return best[state]
        for mask, target in automaton.arcs(state):
            price = best[state] + (mask == _SLASH)
            if price < best.get(target, price + 1):
                best[target] = price
                if mask == _SLASH:
                    pending.append(target)
                else:
                    pending.appendleft(target)
    return None


_SLASH = 1 << ord("/")


def table(server: OrthancServer, context: Context) -> RouteTable:
    """The known routes with the DICOMweb root of ``server``."""
    return table_for(dicom_web_root(server), context)


def table_for(root: str, context: Context) -> RouteTable:
    """The known routes with this DICOMweb root."""
    return context.once(("route table", root), lambda: RouteTable(root))


def is_here(route: Route | None, server: OrthancServer) -> bool:
    """Whether ``server`` may have the route: False only where version or plugins are known to lack it."""
    if route is None:
        return True
    if route.plugin == CORE:
        return route.since is None or not _older(server, route.since)
    section = _SECTIONS.get(route.plugin)
    if section is None or server.enabled_plugins is None or server.unseen:
        return True
    return section.lower() in {name.lower() for name in server.enabled_plugins}


def surroundings(server: OrthancServer) -> tuple[object, ...]:
    """All of ``server`` that the known routes depend on (:func:`table`, :func:`is_here`): servers that agree in it share
    what is found out about a pattern.
    """
    orthanc = server.orthanc
    return (dicom_web_root(server), orthanc.version, orthanc.assumed, server.enabled_plugins, bool(server.unseen))


def why_not_here(route: Route, server: OrthancServer) -> str:
    """Why the route is not on ``server``, for the end of a sentence."""
    if route.plugin == CORE:
        return f"Orthanc has it from {route.since} on, and this is {server.orthanc.version}"
    return f"it belongs to the plugin {route.plugin}, which is not loaded here"


def _older(server: OrthancServer, since: Version) -> bool:
    return not server.orthanc.assumed and server.orthanc.version < since


def methods_of(found: Iterable[Known]) -> tuple[str, ...]:
    """The methods of these, in the usual order."""
    present = {known.method for known in found}
    return tuple(method for method in ("GET", "POST", "PUT", "DELETE") if method in present)
