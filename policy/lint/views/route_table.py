"""The known routes by their paths, so that a pattern meets only those that begin as it does."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
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
        #: Of the templates with names one each, by their literal beginning; the others are their own example.
        self._literals: dict[bytes, list[Known]] = {}
        for known in {known.template: known for known in reversed(self.all)}.values():
            literal = known.template.partition("{")[0].partition("*")[0].encode()
            if literal != known.data:
                self._literals.setdefault(literal, []).append(known)
        self._sorted_literals = sorted(self._literals)
        self._root = root
        self._templates: dict[str, Pattern] = {}
        self._matched: dict[Pattern, tuple[Known, ...]] = {}
        self._met: dict[Pattern, tuple[Known, ...]] = {}

    def matched(self, pattern: Pattern) -> tuple[Known, ...]:
        """The known routes, whatever their method, whose example path the pattern matches."""
        found = self._matched.get(pattern)
        if found is None:
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
            found = self._met[pattern] = self._meet(pattern)
        return found

    def _meet(self, pattern: Pattern) -> tuple[Known, ...]:
        from policy.errors import PolicyError
        from policy.patterns.language import intersection

        near = list(self._near(pattern.prefix))
        fewest = (fewest_slashes(pattern) or 0) if near else 0
        found: set[str] = set()
        for known in near:
            if known.template.count("/") < fewest and not known.template.endswith(("*", "{path}")):
                continue
            try:
                if intersection(pattern, self._compiled(known)) is not None:
                    found.add(known.template)
            except PolicyError:
                continue
        return tuple(known for known in self.all if known.template in found) if found else ()

    def _near(self, prefix: bytes) -> Iterator[Known]:
        """One of each template with names whose literal beginning goes on with these bytes, or they with it."""
        for length in range(len(prefix)):
            yield from self._literals.get(prefix[:length], ())
        start = bisect_left(self._sorted_literals, prefix)
        for literal in self._sorted_literals[start:]:
            if not literal.startswith(prefix):
                return
            yield from self._literals[literal]

    def _compiled(self, known: Known) -> Pattern:
        """The template as a pattern."""
        from policy.patterns import compile as compiled

        found = self._templates.get(known.template)
        if found is None:
            plain = known.template.replace("*", ".*") if known.route is None else known.route.expression(self._root)
            found = self._templates[known.template] = compiled(f"^{plain}$")
        return found


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
