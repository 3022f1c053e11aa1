"""Public URLs of a deployment: through which proxy, or past all of them, to which server."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from policy.configuration import roles
from policy.configuration.deployment import Container, Deployment, OrthancServer
from policy.configuration.proxy import ReverseProxy, Routed, finder
from policy.configuration.registry import Registry
from policy.configuration.source import Kind, Source


def proxies(
    sources: tuple[Source, ...],
    servers: tuple[OrthancServer, ...],
    containers: tuple[Container, ...],
    registry: Registry,
) -> Iterator[ReverseProxy]:
    """The reverse proxies among containers and files; those that reach a server come first.

    What the files of nginx include is read through ``registry``.
    """
    by_project: dict[str, list[Container]] = {}
    for container in containers:
        by_project.setdefault(container.project, []).append(container)
    included: set[int] = set()
    for container in containers:
        if container.role != roles.NGINX:
            continue
        find = finder(servers, by_project[container.project])
        if container.version is not None:
            from policy.configuration.nginx_image import proxy_of_image  # with its tables only where it is used

            yield proxy_of_image(container, container.version.version, find)
        elif any(source.kind is Kind.NGINX for mount in container.mounts for source in mount.files.values()):
            from policy.configuration import nginx_include, nginx_plain  # few deployments have one

            read, parts = nginx_include.of_container(container, registry)
            included.update(map(id, parts))
            for source, top in read:
                yield from nginx_plain.proxies(source, find, container, top)
    mounted = {id(source) for container in containers for mount in container.mounts for source in mount.files.values()}
    loose = [source for source in sources if source.kind is Kind.NGINX and id(source) not in mounted | included]
    if not loose:
        return
    from policy.configuration import nginx_include, nginx_plain

    for source, top in nginx_include.of_files(loose, registry):
        near = [container for container in containers if container.source.folder == source.folder]
        yield from nginx_plain.proxies(source, finder(servers, near or containers), None, top)


def to_orthanc(deployment: Deployment, url: str, *, client_certificate: bool = False) -> Routed | None:
    """Where a public URL leads; None where nothing of the deployment says.

    A URL with the published port of an Orthanc goes past every proxy; else the proxy of that host name is asked, or
    the first one that fits the scheme.
    """
    direct = _direct(deployment, url)
    if direct is not None:
        return direct
    chosen = _chosen(deployment.proxies, url)
    return chosen.to_orthanc(url, client_certificate=client_certificate) if chosen is not None else None


def _direct(deployment: Deployment, url: str) -> Routed | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if port is None:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    for server in deployment.servers:
        container = server.container
        if container is None:
            continue
        published = any(_ports(item) == (str(port), "8042") for item in container.ports)
        if published or (parts.hostname in container.names and port == 8042):
            return Routed(server, path, container.name, container)
    return None


def _ports(written: str) -> tuple[str, str]:
    """The ports of host and container in ``[ADDRESS:]HOST:CONTAINER``; empty for the host where Docker picks one."""
    parts = written.removesuffix("/tcp").split(":")
    return (parts[-2] if len(parts) > 1 else ""), parts[-1]


def _public_ports(proxy: ReverseProxy) -> set[int]:
    """The ports by which a proxy is reached from outside: those that its container publishes, else its own."""
    if proxy.container is None:
        return set(proxy.ports)
    own = {str(port) for port in proxy.ports}
    pairs = [_ports(item) for item in proxy.container.ports]
    return {int(host) for host, inner in pairs if inner in own and host.isdigit()} or set(proxy.ports)


def _chosen(candidates: tuple[ReverseProxy, ...], url: str) -> ReverseProxy | None:
    parts = urlsplit(url) if not url.startswith("/") else None
    host = parts.hostname if parts is not None else None
    fitting = [proxy for proxy in candidates if not proxy.hosts or host is None or host in proxy.hosts]
    fitting = fitting or list(candidates)
    if parts is not None and len(fitting) > 1:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        fitting = [proxy for proxy in fitting if port in _public_ports(proxy)] or fitting
    useful = [proxy for proxy in fitting if any(proxy.find(r.upstream, r.port)[0] for r in proxy.routes if r.upstream)]
    return next(iter((useful if parts is None else fitting) or fitting), None)
