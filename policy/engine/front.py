"""The reverse proxies of a deployment as the engine's :class:`policy.engine.proxy.Proxy` for one server."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from policy.configuration.deployment import OrthancServer
from policy.configuration.proxy import ReverseProxy, Routed
from policy.engine.proxy import Answered, Forwarded

_NOT_FOUND = 404


class Front:
    """What becomes of a public address on its way to one server.

    Of several proxies the one that is called by the address's host counts, else the first that leads to the server,
    else the first.
    """

    __slots__ = ("_proxies", "_server")

    def __init__(self, proxies: Sequence[ReverseProxy], server: OrthancServer) -> None:
        self._proxies = tuple(proxies)
        self._server = server

    @property
    def proxies(self) -> tuple[ReverseProxy, ...]:
        """The proxies, in the order in which they are asked."""
        return self._proxies

    @property
    def server(self) -> OrthancServer:
        """The server behind them."""
        return self._server

    def to_orthanc(self, url: str) -> Forwarded | Answered:
        """The path that the server gets, or who answers instead."""
        host = urlsplit(url).hostname
        named = [proxy for proxy in self._proxies if host in proxy.hosts]
        routed = [proxy.to_orthanc(url) for proxy in named or self._proxies]
        ours = [one for one in routed if one.server is self._server and one.path is not None]
        if ours and ours[0].path is not None:
            return Forwarded(ours[0].path, ours[0].conditions)
        return _answered(routed[0])

    def to_public(self, path: str) -> tuple[str, ...]:
        """The public paths under which ``path`` of the server can be called."""
        return tuple(dict.fromkeys(found for proxy in self._proxies for found in proxy.to_public(self._server, path)))


def _answered(routed: Routed) -> Answered:
    answer = routed.answer
    if routed.unknown:
        return Answered(_NOT_FOUND, f"where the reverse proxy sends it is not known: {routed.unknown}")
    if answer is not None:
        what = f"answers {answer.status}" if answer.status is not None else "serves a file of its own"
        where = f" to {answer.target}" if answer.target else ""
        because = f" ({answer.because})" if answer.because else ""
        return Answered(
            answer.status or 200, f"the reverse proxy {what}{where}{because}: it never reaches this Orthanc"
        )
    if routed.container is not None or routed.server is not None:
        name = routed.server.name if routed.server is not None else routed.container.name if routed.container else ""
        return Answered(_NOT_FOUND, f"the reverse proxy sends it to {name}: it never reaches this Orthanc")
    host = routed.upstream or "another host"
    return Answered(_NOT_FOUND, f"the reverse proxy sends it to {host}: it never reaches this Orthanc")
