"""What a person writes for a request: ``GET /path?query``, a path, a public address, or a :class:`Request`."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from policy.engine.decision import Reason
from policy.engine.proxy import Answered, Proxy
from policy.engine.request import NO_ARGUMENTS, Request, Seen, Stopped, bytes_of, headers_of, path_of, see
from policy.errors import UsageError

_METHOD = re.compile(r"([A-Za-z]{1,20})\s+(\S.*)", re.DOTALL)
_FAST = frozenset({"GET", "POST", "PUT", "DELETE"})
_SAFE = "/?#[]@!$&'()*+,;=:%-._~|\\\"<>^`{}"


def request_of(route: str | Request) -> Request:
    """The request that ``route`` stands for: method in capitals, blanks and letters beyond ASCII percent-encoded.

    Raises :class:`policy.errors.UsageError` for a route that is neither a path nor an address.

    >>> request_of("delete /studies/a b")
    Request(method='DELETE', target='/studies/a%20b', headers=(), body=None)
    """
    if isinstance(route, Request):
        return route
    if not isinstance(route, str):
        raise UsageError(f"{type(route).__name__} is no route", help="Write 'GET /studies', or a path.")
    match = _METHOD.fullmatch(route.strip())
    method, target = (match[1].upper(), match[2]) if match else ("GET", route.strip())
    if not target.startswith("/") and "://" not in target:
        raise UsageError(f"{route[:80]!r} is no route", help="Write 'GET /studies', a path, or a full address.")
    if not target.isascii() or " " in target:
        target = quote(bytes_of(target), safe=_SAFE)
    return Request(method, target)


def seen_of(route: str | Request, proxy: Proxy | None) -> tuple[Seen | Stopped, Request]:
    """What the filter sees of a route, after the proxy if its rules are known, and the request as Orthanc gets it."""
    request = request_of(route)
    if "://" in request.target and not request.target.startswith("/"):
        try:
            target = _behind_proxy(request.target, proxy)
        except ValueError:  # of urllib, for a host or a port that can be none
            raise UsageError(f"{request.target[:80]!r} is no address", help="Write http://HOST/PATH.") from None
        if isinstance(target, Stopped):
            return target, request
        request = Request(request.method, target, request.headers, request.body)
    headers = headers_of(request.headers) if request.headers else NO_ARGUMENTS
    if request.method in _FAST and "?" not in request.target and not headers:
        path = path_of(request.target)
        if path is not None:
            return Seen(request.method, path, request.method, NO_ARGUMENTS, NO_ARGUMENTS), request
    return see(request.method, request.target, headers), request


def _behind_proxy(url: str, proxy: Proxy | None) -> str | Stopped:
    if proxy is None:
        parts = urlsplit(url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    result = proxy.to_orthanc(url)
    if isinstance(result, Answered):
        return Stopped(Reason.PROXY, result.status, result.text)
    return result.target
