"""The reverse proxies before a server as data, so that a page can follow a public address to the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from policy.configuration.nginx_regex import ENOUGH
from policy.report.html.automaton import Sets, count

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.nginx_regex import Expression
    from policy.configuration.proxy import Answer, ReverseProxy, Route
    from policy.engine.front import Front
    from policy.report.html.exact import Exact

_PYTHON_ONLY = re.compile(r"\\[AZzGKQ]|\(\?(?![:=!])|\[\[:|[*+?}]\+")
"""What JavaScript reads otherwise than Python."""


def proxies(front: Front, exact: Exact, sets: Sets) -> list[dict[str, Any]] | None:
    """The proxies; None where one has a regular expression that a page cannot read."""
    routes = [route for proxy in front.proxies for route in proxy.routes]
    expressions = [route.pattern for route in routes if route.pattern is not None]
    expressions += [rewrite.pattern for route in routes for rewrite in route.rewrites]
    if any(_PYTHON_ONLY.search(one.text) for one in expressions):
        return None
    return [_proxy(one, front.server, exact, sets) for one in front.proxies]


def _proxy(proxy: ReverseProxy, server: OrthancServer, exact: Exact, sets: Sets) -> dict[str, Any]:
    return {
        "hosts": [exact(host) for host in sorted(proxy.hosts)],
        "routes": [_route(route, proxy, server, exact, sets) for route in proxy.routes],
        "default": _answer(proxy.default, exact),
        "plainHttp": _answer(proxy.plain_http, exact),
        "unknown": exact.shown(proxy.unknown),
    }


def _route(route: Route, proxy: ReverseProxy, server: OrthancServer, exact: Exact, sets: Sets) -> dict[str, Any]:
    reached, container = proxy.find(route.upstream, route.port) if route.upstream is not None else (None, None)
    other = next((one.name for one in (reached, container) if one is not None), route.upstream or "another host")
    return {
        "prefix": exact(route.prefix),
        "kind": route.kind,
        "pattern": _expression(route.pattern, exact, sets),
        "sends": route.upstream is not None,
        "ours": reached is server,
        "other": exact.shown(other),
        "target": None if route.target is None else exact(route.target),
        "rewrites": [
            {
                "pattern": _expression(rewrite.pattern, exact, sets),
                "replacement": exact(rewrite.replacement),
                "flag": rewrite.flag,
            }
            for rewrite in route.rewrites
        ],
        "answer": _answer(route.answer, exact),
        "certificate": route.client_certificate,
        "unknown": exact.shown(route.unknown),
        "conditions": [exact.shown(text) for text in (*proxy.conditions, *route.conditions)],
    }


def _expression(one: Expression | None, exact: Exact, sets: Sets) -> dict[str, Any] | None:
    """An expression, and with what to count whether looking for it ends soon, where it may not."""
    if one is None:
        return None
    doubtful = one.repeats > 1
    return {
        "text": exact(one.text),
        "flags": "i" if one.ignore_case else "",
        "enough": ENOUGH if doubtful else None,
        "count": count(one.count, sets) if doubtful else None,
    }


def _answer(answer: Answer | None, exact: Exact) -> dict[str, Any] | None:
    if answer is None:
        return None
    target = None if answer.target is None else exact.shown(answer.target)
    return {"status": answer.status, "target": target, "because": exact.shown(answer.because)}
