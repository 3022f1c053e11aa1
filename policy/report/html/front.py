"""The reverse proxies before a server as data, so that a page can follow a public address to the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.proxy import Answer, ReverseProxy, Route
    from policy.engine.front import Front
    from policy.report.html.exact import Exact

_PYTHON_ONLY = re.compile(r"\\[AZzGKQ]|\(\?(?![:=!])|\[\[:|[*+?}]\+")
"""What JavaScript reads otherwise than Python."""


def proxies(front: Front, exact: Exact) -> list[dict[str, Any]] | None:
    """The proxies; None where one has a regular expression that a page cannot read."""
    written = [_proxy(one, front.server, exact) for one in front.proxies]
    return None if any(one is None for one in written) else [one for one in written if one is not None]


def _proxy(proxy: ReverseProxy, server: OrthancServer, exact: Exact) -> dict[str, Any] | None:
    patterns = [route.pattern for route in proxy.routes if route.pattern is not None]
    patterns += [rewrite.pattern for route in proxy.routes for rewrite in route.rewrites]
    if any(_PYTHON_ONLY.search(pattern.pattern) for pattern in patterns):
        return None
    return {
        "hosts": [exact(host) for host in sorted(proxy.hosts)],
        "routes": [_route(route, proxy, server, exact) for route in proxy.routes],
        "default": _answer(proxy.default, exact),
        "plainHttp": _answer(proxy.plain_http, exact),
        "unknown": exact.shown(proxy.unknown),
    }


def _route(route: Route, proxy: ReverseProxy, server: OrthancServer, exact: Exact) -> dict[str, Any]:
    reached, container = proxy.find(route.upstream, route.port) if route.upstream is not None else (None, None)
    other = next((one.name for one in (reached, container) if one is not None), route.upstream or "another host")
    return {
        "prefix": exact(route.prefix),
        "kind": route.kind,
        "pattern": _pattern(route.pattern, exact),
        "sends": route.upstream is not None,
        "ours": reached is server,
        "other": exact.shown(other),
        "target": None if route.target is None else exact(route.target),
        "rewrites": [
            {
                "pattern": _pattern(rewrite.pattern, exact),
                "replacement": exact(rewrite.replacement),
                "flag": rewrite.flag,
            }
            for rewrite in route.rewrites
        ],
        "answer": _answer(route.answer, exact),
        "certificate": route.client_certificate,
        "unknown": exact.shown(route.unknown),
    }


def _pattern(pattern: re.Pattern[str] | None, exact: Exact) -> list[str] | None:
    if pattern is None:
        return None
    return [exact(pattern.pattern), "i" if pattern.flags & re.IGNORECASE else ""]


def _answer(answer: Answer | None, exact: Exact) -> dict[str, Any] | None:
    if answer is None:
        return None
    target = None if answer.target is None else exact.shown(answer.target)
    return {"status": answer.status, "target": target, "because": exact.shown(answer.because)}
