"""Reverse proxies: which server and which path a public URL reaches, and back.

nginx decodes a path, resolves ``.`` and ``..`` and merges slashes before it looks for a location, and sends on the
decoded path, encoded anew, where it changes the path; else the path as it was sent.
Source: documentation of ngx_http_core_module and ngx_http_proxy_module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote_to_bytes, urlsplit

from policy.configuration.deployment import Container, OrthancServer
from policy.configuration.nginx_regex import Endless, Expression
from policy.configuration.source import Location
from policy.records import dataclass, field

_UNESCAPED = "!\"$&'()*+,-./:;<=>@[\\]^_`{|}~"
"""What nginx leaves as it is in a path that it sends on, beside letters and digits."""
_MOST_REWRITES = 10


Find = Callable[[str, int | None], tuple[OrthancServer | None, Container | None]]
"""Gives the server and the container behind a host name and a port."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the proxy answers itself; ``status`` is None where it serves a file of its own."""

    status: int | None
    target: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a public URL leads: a path at a server, at another container, or an answer of the proxy itself."""

    server: OrthancServer | None = None
    path: str | None = None
    """The path with its query, as the server receives it."""
    upstream: str | None = None
    """The host to which the proxy sends it."""
    container: Container | None = None
    answer: Answer | None = None
    route: Route | None = None
    unknown: str = ""
    """Why it is not known where it leads, in words; ``server`` and ``path`` are then None, ``upstream`` the empty text."""
    conditions: tuple[str, ...] = ()
    """What in the request may keep the proxy from passing it on, in words."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A ``rewrite``: what of a path it matches, what comes in its place, and what then happens."""

    pattern: Expression
    replacement: str
    flag: str
    """``break``, ``last``, ``redirect``, ``permanent``, or empty."""


@dataclass(frozen=True, slots=True)
class Route:
    """One location of a proxy."""

    prefix: str
    """The text of the location: a prefix, a path, or a regular expression."""
    kind: str = "prefix"
    """``prefix``, ``first`` (``^~``: no regular expression is looked at), ``exact`` or ``regex``."""
    pattern: Expression | None = None
    upstream: str | None = None
    port: int | None = None
    target: str | None = None
    """What takes the place of the prefix; None: the path is sent on as it came (or as a rewrite left it)."""
    rewrites: tuple[Rewrite, ...] = ()
    answer: Answer | None = None
    client_certificate: bool = False
    """Whether it is there only for clients with a verified certificate."""
    location: Location | None = None
    unknown: str = ""
    """Why it is not known where a request of this location goes, in words."""
    conditions: tuple[str, ...] = ()
    """Where the proxy may answer itself, depending on the request, in words."""

    def matches(self, path: str) -> bool:
        """Whether the location takes a decoded path."""
        if self.kind == "exact":
            return path == self.prefix
        if self.pattern is not None:
            return self.pattern.search(path) is not None
        return path.startswith(self.prefix)


@dataclass(frozen=True, slots=True, eq=False)
class ReverseProxy:
    """One nginx, or one of its servers, in front of the containers."""

    name: str
    routes: tuple[Route, ...]
    default: Answer
    """What it answers where no location fits."""
    hosts: frozenset[str] = frozenset()
    """Names by which it is called; empty: any."""
    ports: frozenset[int] = frozenset()
    https: bool = False
    plain_http: Answer | None = None
    """What it answers on http where it speaks https."""
    container: Container | None = None
    find: Find = field(default=lambda _host, _port: (None, None), repr=False)
    unknown: str = ""
    """Why it is not known where any request goes, in words."""
    conditions: tuple[str, ...] = ()

    def to_orthanc(self, url: str, *, client_certificate: bool = False) -> Routed:
        """Where a public URL, or a path with its query, leads.

        >>> proxy = ReverseProxy("nginx", (Route("/orthanc/", upstream="orthanc", target="/"),), Answer(404, None, ""))
        >>> proxy.to_orthanc("https://pacs.example.org/orthanc//modalities?expand").path
        '/modalities?expand'
        """
        parts = _split(url)
        if parts is None:
            return Routed(answer=Answer(400, None, "this is no URL"))
        scheme, raw, query = parts
        if scheme == "http" and self.plain_http is not None:
            return Routed(answer=self.plain_http)
        path = normalise(raw)
        if path is None:
            return Routed(answer=Answer(400, None, "the path leads above the root"))
        if self.unknown:
            return Routed(upstream="", unknown=self.unknown)
        try:
            return self._routed(path, raw, query, client_certificate=client_certificate)
        except Endless as endless:
            return Routed(upstream="", unknown=f"to look for {endless} in this path may take for ever")

    def _routed(self, path: str, raw: str, query: str, *, client_certificate: bool) -> Routed:
        changed = False
        for _ in range(_MOST_REWRITES):
            route = self._location(path)
            if route is None:
                return Routed(answer=self._slash(path, query) or self.default)
            if route.client_certificate and not client_certificate:
                return Routed(answer=self.default, route=route)
            if route.unknown:
                return Routed(upstream="", route=route, unknown=route.unknown)
            again, path, answer, rewritten = _rewritten(route, path, query)
            changed = changed or rewritten
            if answer is not None:
                return Routed(answer=answer, route=route)
            if not again:
                return self._sent(route, path, raw if not changed else None, query, here=not rewritten)
        return Routed(answer=Answer(500, None, "its rewrites go round in circles"))

    def to_public(self, server: OrthancServer, path: str) -> tuple[str, ...]:
        """The public paths under which ``path`` of ``server`` can be reached."""
        found = []
        for route in self.routes:
            if route.upstream is None or route.kind not in ("prefix", "first"):
                continue
            reached = self.find(route.upstream, route.port)[0]
            if reached is not server:
                continue
            if route.target is not None and path.startswith(route.target):
                candidate = route.prefix + path.removeprefix(route.target)
            elif route.target is None and not route.rewrites and path.startswith(route.prefix):
                candidate = path
            elif route.rewrites:
                candidate = route.prefix.rstrip("/") + path
            else:
                continue
            back = self.to_orthanc(candidate, client_certificate=True)
            if back.server is server and back.path in (path, _encode(path)):
                found.append(candidate)
        return tuple(found)

    def _location(self, path: str) -> Route | None:
        longest: Route | None = None
        for route in self.routes:
            if route.kind == "exact" and route.matches(path):
                return route
            if (
                route.kind in ("prefix", "first")
                and route.matches(path)
                and (longest is None or len(route.prefix) > len(longest.prefix))
            ):
                longest = route
        if longest is not None and longest.kind == "first":
            return longest
        for route in self.routes:
            if route.kind == "regex" and route.matches(path):
                return route
        return longest

    def _slash(self, path: str, query: str) -> Answer | None:
        """The redirect by which nginx adds the slash that a proxied prefix ends in; None: there is no such prefix."""
        with_slash = f"{path}/"
        if any(route.prefix == with_slash and route.upstream and route.kind != "exact" for route in self.routes):
            return Answer(301, with_slash + query, "the slash at the end of the location is added")
        return None

    def _sent(self, route: Route, path: str, raw: str | None, query: str, *, here: bool) -> Routed:
        """The request as it is sent on; ``raw``: the path as it came, ``here``: the location has not rewritten it."""
        if route.upstream is None:
            return Routed(answer=route.answer or Answer(None, None, "the proxy serves a file of its own"), route=route)
        if route.target is not None and here:
            sent = _encode(route.target + path.removeprefix(route.prefix))
        else:
            sent = _encode(path) if raw is None else raw
        server, container = self.find(route.upstream, route.port)
        return Routed(
            server,
            sent + query,
            route.upstream,
            container,
            None,
            route,
            conditions=(*self.conditions, *route.conditions),
        )


def _split(url: str) -> tuple[str, str, str] | None:
    """Scheme, path as sent and query with its question mark."""
    if url.startswith("/"):
        path, mark, query = url.partition("?")
        return "", path.partition("#")[0] if not mark else path, f"?{query.partition('#')[0]}" if mark else ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not parts.netloc:
        return None
    return parts.scheme, parts.path or "/", f"?{parts.query}" if "?" in url.partition("#")[0] else ""


def normalise(path: str) -> str | None:
    """A path as nginx compares it: decoded, without ``.`` and ``..``, slashes merged; None: it leads above the root."""
    decoded = unquote_to_bytes(_bytes(path)).decode("utf-8", "surrogateescape")
    parts: list[str] = []
    segments = decoded.split("/")
    for segment in segments:
        if segment == "..":
            if not parts:
                return None
            parts.pop()
        elif segment not in ("", "."):
            parts.append(segment)
    ends = segments[-1] in ("", ".", "..")
    return "/" + "/".join(parts) + ("/" if ends and parts else "")


def _encode(path: str) -> str:
    return quote(_bytes(path), safe=_UNESCAPED)


def _bytes(path: str) -> bytes:
    """The bytes of a path, surrogates for bytes and any others; never fails."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        return path.encode("utf-8", "surrogatepass")


def _rewritten(route: Route, path: str, query: str) -> tuple[bool, str, Answer | None, bool]:
    """What the rewrites of a location make of a path: whether to look for a location again, the path, an answer."""
    changed = False
    for rewrite in route.rewrites:
        match = rewrite.pattern.search(path)
        if match is None:
            continue
        new = _filled(rewrite.replacement, match)
        if rewrite.flag in ("redirect", "permanent") or new.startswith(("http://", "https://")):
            status = 301 if rewrite.flag == "permanent" else 302
            return False, path, Answer(status, new + query, "a rewrite redirects"), changed
        if not new:
            return False, path, Answer(500, None, "a rewrite leaves an empty path"), changed
        path, changed = new.partition("?")[0], True
        if rewrite.flag == "last":
            return True, path, None, True
        if rewrite.flag == "break":
            break
    return False, path, None, changed


def _filled(replacement: str, match: re.Match[str]) -> str:
    return re.sub(
        r"\$(\d)",
        lambda number: (match[int(number[1])] or "") if int(number[1]) <= match.re.groups else "",
        replacement,
    )


def finder(servers: Iterable[OrthancServer], containers: Iterable[Container]) -> Find:
    """Gives the server and container behind a host name and port of a proxy."""
    by_container = {id(server.container): server for server in servers if server.container is not None}
    by_name: dict[str, Container] = {}
    for container in containers:
        for name in container.names:
            by_name.setdefault(name.lower(), container)
    alone = [server for server in servers if server.container is None]

    def find(host: str, port: int | None) -> tuple[OrthancServer | None, Container | None]:
        container = by_name.get(host.lower())
        if container is not None:
            return by_container.get(id(container)), container
        looks_right = port == 8042 or "orthanc" in host.lower()
        if not by_name and len(alone) == 1 and looks_right:
            return alone[0], None
        return None, None

    return find
