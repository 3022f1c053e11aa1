"""Servers that share their data: what one of them protects, the other may give away."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from policy.lint.views.containers import includes, project_of, published
from policy.lint.views.options import authentication, filter_of
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment, OrthancServer
    from policy.configuration.source import Location

_HTTP = 8042
_DEFAULT_STORAGE = "/var/lib/orthanc/db"


@dataclass(frozen=True, slots=True)
class OpenSibling:
    """``server`` lets everybody in and holds the data of ``protected``; ``way`` is how it is reached, in words."""

    server: OrthancServer
    protected: OrthancServer
    shared: str
    way: str
    place: Location | None


@lru_cache(maxsize=2)
def open_siblings(deployment: Deployment) -> tuple[OpenSibling, ...]:
    """The servers without any door that share data with a server whose plugin filters, and can be reached."""
    protected = [server for server in deployment.servers if server.container is not None and filter_of(server).on]
    return tuple(_open_siblings(deployment, protected)) if protected else ()


def _open_siblings(deployment: Deployment, protected: list[OrthancServer]) -> Iterator[OpenSibling]:
    data = [(other, _data(other)) for other in protected]
    for server in deployment.servers:
        if server.container is None or server.unseen or filter_of(server).on or authentication(server).enabled:
            continue
        own, together = _data(server), {id(one) for one in project_of(server.container, deployment)}
        for other, theirs in data:
            shared = next((what for what, key in own.items() if key is not None and theirs[what] == key), None)
            if shared is None or id(other.container) not in together:
                continue
            way, place = reached(server, deployment)
            if way:
                yield OpenSibling(server, other, shared, way, place)
            break


def _data(server: OrthancServer) -> dict[str, object]:
    """Where the data of a server are, each kind by its name; None where that is not known."""
    return {"database": _database(server), "storage": _storage(server)}


def _database(server: OrthancServer) -> tuple[str, ...] | None:
    section = server.configuration.get("PostgreSQL")
    if section is None:
        return None
    index, host = section.get("EnableIndex"), section.get("Host")
    if host is None or not isinstance(host.value, str) or not host.known or (index and index.value is False):
        return None
    others = (section.get(name) for name in ("Port", "Database", "Schema", "DatabaseServerIdentifier"))
    return (host.value.lower(), *(str(setting.value) if setting is not None else "" for setting in others))


def _storage(server: OrthancServer) -> str | None:
    directory = server.configuration.get("StorageDirectory")
    path = directory.value if directory is not None and isinstance(directory.value, str) else _DEFAULT_STORAGE
    if server.container is None:
        return None
    for mount in server.container.mounts:
        if mount.target.rstrip("/") == path.rstrip("/") and mount.source_path:
            return mount.source_path
    return None


def reached(server: OrthancServer, deployment: Deployment) -> tuple[str, Location | None]:
    """How the server can be reached from outside, in words, and where that is written; empty if no file says so."""
    if server.container is None:
        return "", None
    for port in published(server.container):
        if includes(port.target, _HTTP) and not port.local:
            return "its port 8042 is published", port.location
    for proxy in deployment.proxies:
        public = proxy.to_public(server, "/")
        if public:
            return f"{proxy.name} passes {public[0]} on to it", None
    return "", None
