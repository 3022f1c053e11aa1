"""The routes of an Orthanc server: those of the core (1.13.0) and those that plugins add or replace."""

from __future__ import annotations

import re
from functools import cache

from policy.knowledge._files import read, version
from policy.knowledge.versions import Version
from policy.records import dataclass

CORE = ""
"""The name of the core where the name of a plugin stands."""

DICOM_WEB_ROOT = "/dicom-web/"


@dataclass(frozen=True, slots=True)
class Route:
    """One path with one method."""

    plugin: str
    """The plugin that registers it; the empty text is the core."""
    method: str
    path: str
    """A template: ``{name}`` is any text within a segment, ``{path}`` and ``*`` any tail."""
    level: str
    """What it reads or changes: ``patient`` … ``instance``, ``system``, or ``none`` (a static page)."""
    kind: str
    """``read``, ``list``, ``query``, ``download``, ``modify``, ``delete``, ``send``, ``admin`` and so on."""
    sensitivity: tuple[str, ...]
    """Names of :func:`sensitivities`."""
    since: Version | None
    """The first release of the core or plugin with it; None: not known."""
    since_exact: bool
    """False: that release or an earlier one."""
    conditions: tuple[str, ...]
    """Settings that remove or block it, in words."""
    witness: str
    """A concrete target."""
    overrides_core: bool
    deprecated: bool
    note: str
    source: str

    @property
    def reaches_patient_data(self) -> bool:
        """Whether patient data is read, changed or deleted."""
        return not _PATIENT_DATA.isdisjoint(self.sensitivity)

    @property
    def changes_server(self) -> bool:
        """Whether the server is another one afterwards."""
        return self.method != "GET" and not _CHANGES.isdisjoint(self.sensitivity)

    def expression(self, root: str = DICOM_WEB_ROOT) -> str:
        """A regular expression for exactly the paths of the template, with the DICOMweb ``root`` put in."""
        return _expression(with_root(self.path, root))


_PATIENT_DATA = frozenset(
    {"phi-read", "phi-write", "phi-delete", "bulk", "exfiltration", "code-execution"}
)  # fmt: skip
_CHANGES = frozenset(
    {
        "phi-write", "phi-delete", "exfiltration-path", "access-control", "server-config", "server-control",
        "code-execution", "filesystem-write", "audit-loss", "network-config",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RoutePlugin:
    """A plugin whose routes are in the table."""

    name: str
    root: str | None
    """The root that its configuration can move; None: fixed paths."""
    notes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Handler:
    """Something of the core that answers below a prefix without being a route."""

    path: str
    methods: tuple[str, ...]
    level: str
    kind: str
    sensitivity: tuple[str, ...]
    conditions: tuple[str, ...]
    witness: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class RoutingFact:
    """How the server finds its routes."""

    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Why a route matters."""

    name: str
    meaning: str
    source: str


@cache
def routes() -> tuple[Route, ...]:
    """All routes: the core's first, then each plugin's."""
    data = read("routes")
    sources: list[str] = data["sources"]
    return tuple(
        Route(
            plugin, method, path, level, kind, tuple(sensitivity), version(since), bool(exact), tuple(conditions),
            witness, bool(overrides), bool(deprecated), note, sources[source],
        )
        for plugin, method, path, level, kind, sensitivity, since, exact, conditions, witness, overrides, deprecated,
        note, source in data["routes"]
    )  # fmt: skip


@cache
def core_routes() -> tuple[Route, ...]:
    """The routes of the core."""
    return tuple(route for route in routes() if route.plugin == CORE)


@cache
def plugin_routes(plugin: str | None = None) -> tuple[Route, ...]:
    """The routes of one plugin, or of all of them."""
    return tuple(route for route in routes() if route.plugin and plugin in (None, route.plugin))


@cache
def plugins() -> tuple[RoutePlugin, ...]:
    """The plugins whose routes are known; scripts in Python, Java or Lua add routes that nobody can list."""
    data = read("routes")
    return tuple(
        RoutePlugin(name, root, tuple(notes), data["sources"][source]) for name, root, notes, source in data["plugins"]
    )


@cache
def handlers() -> tuple[Handler, ...]:
    """What the core answers besides its routes: ``/app`` and ``/webdav``."""
    data = read("routes")
    return tuple(
        Handler(
            path, tuple(methods), level, kind, tuple(sensitivity), tuple(conditions), witness, note,
            data["sources"][source],
        )
        for path, methods, level, kind, sensitivity, conditions, witness, note, source in data["handlers"]
    )  # fmt: skip


@cache
def routing_facts() -> tuple[RoutingFact, ...]:
    """How a request finds its route."""
    data = read("routes")
    return tuple(RoutingFact(what, data["sources"][source]) for what, source in data["facts"])


@cache
def sensitivities() -> tuple[Sensitivity, ...]:
    """The words of :attr:`Route.sensitivity`."""
    data = read("routes")
    return tuple(Sensitivity(name, meaning, data["sources"][source]) for name, meaning, source in data["sensitivities"])


def with_root(path: str, root: str = DICOM_WEB_ROOT) -> str:
    """``path`` with another DICOMweb root in place of ``/dicom-web/``; other paths stay as they are.

    >>> with_root("/dicom-web/studies", "/pacs/")
    '/pacs/studies'
    """
    if root == DICOM_WEB_ROOT or not path.startswith(DICOM_WEB_ROOT):
        return path
    return f"/{root.strip('/')}/{path.removeprefix(DICOM_WEB_ROOT)}".replace("//", "/")


def find(method: str, path: str, root: str = DICOM_WEB_ROOT) -> tuple[Route, ...]:
    """The routes that ``path`` (without query string) reaches, plugins before the core, the most literal first.

    One slash at the end is dropped, as the server does after the filter.
    Folders that a site serves under names of its own (``/{folder}/{path}``) are left out: they would fit any path.
    """
    wanted = path.rstrip("/") or "/"
    segments = wanted.count("/")
    hits = [
        route
        for route in _by_method(method)
        if (route.path.endswith(("*", "{path}")) or route.path.rstrip("/").count("/") <= segments)
        and (_compiled(route.expression(root)).fullmatch(path) or _compiled(route.expression(root)).fullmatch(wanted))
    ]
    return tuple(sorted(hits, key=lambda route: (route.plugin == CORE, route.path.count("{") + route.path.count("*"))))


@cache
def _by_method(method: str) -> tuple[Route, ...]:
    return tuple(route for route in routes() if route.method == method and not route.path.startswith("/{"))


@cache
def _expression(path: str) -> str:
    parts = re.split(r"(\{[^}]*\}|\*)", path)
    return "".join(
        (".*" if part in ("*", "{path}") else "[^/]+") if part[:1] in ("{", "*") else re.escape(part) for part in parts
    )


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)
