"""Public addresses that the files of a deployment repeat, and where each of them leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from policy.lint.views.containers import NGINX, known_value, project_of, value_of
from policy.lint.views.options import given, value_place
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Container, Deployment, OrthancServer
    from policy.configuration.proxy import ReverseProxy, Routed
    from policy.configuration.source import Location

OHIF_ROOTS = ("PUBLIC_OHIF_ROOT", "OhifViewer3PublicRoot")


@dataclass(frozen=True, slots=True)
class Address:
    """An address under ``name``, as it is written at ``location``; a path alone is one too."""

    name: str
    url: str
    location: Location

    @property
    def shown(self) -> str:
        """The address for messages, without a password in it."""
        from policy.configuration.secrets import masked

        return masked(self.url)

    @property
    def parts(self) -> SplitResult | None:
        """The pieces of the URL; None for what is none."""
        try:
            parts = urlsplit(self.url)
            parts.port  # noqa: B018 - raises on a port that is no number
        except ValueError:
            return None
        return parts

    @property
    def host(self) -> str:
        """The host in small letters; empty for a path alone."""
        return (self.parts.hostname or "") if self.parts is not None else ""

    @property
    def path(self) -> str:
        """The path, at least a slash."""
        return (self.parts.path or "/") if self.parts is not None else "/"

    @property
    def scheme(self) -> str:
        """``http``, ``https``, or empty for a path alone."""
        return self.parts.scheme if self.parts is not None else ""


def of_service(service: AuthService, *names: str) -> Iterator[Address]:
    """The addresses among the variables of an auth service, as far as they are known."""
    for name in names:
        variable = service.environment.get(name)
        value = known_value(variable)
        if variable is not None and value and variable.location is not None:
            yield Address(name, value.strip(), variable.location)


def of_server(server: OrthancServer, *path: str) -> Iterator[Address]:
    """The address at ``path`` of the configuration, if a text stands there."""
    entry = given(server, *path)
    if entry is None or not isinstance(entry.setting.value, str) or not entry.setting.known:
        return
    location = value_place(server, entry)
    if location is not None and entry.setting.value and "${" not in entry.setting.value:
        yield Address(path[-1], entry.setting.value, location)


def ohif_root(server: OrthancServer) -> Iterator[Address]:
    """Where Orthanc Explorer 2 opens OHIF, where it is told to."""
    switch = server.configuration.get("OrthancExplorer2", "UiOptions", "EnableOpenInOhifViewer3")
    if switch is not None and switch.value is True:
        yield from of_server(server, "OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot")


def public_hosts(container: Container, deployment: Deployment) -> frozenset[str]:
    """The hosts under which people reach the project of ``container``, as far as the files tell."""
    together = project_of(container, deployment)
    found = {(value_of(one, "DOMAIN_NAME") or "").lower() for one in together if one.role == NGINX}
    for service in deployment.auth_services:
        if service.container in together:
            found |= {address.host for address in of_service(service, "PUBLIC_ORTHANC_ROOT")}
    return frozenset(found - {""})


def elsewhere(address: Address, container: Container, deployment: Deployment) -> bool:
    """Whether an address has a host of its own, so that the proxies beside ``container`` say nothing about it."""
    hosts = public_hosts(container, deployment)
    return bool(address.host and hosts) and address.host not in hosts


def proxies_beside(container: Container, deployment: Deployment) -> tuple[ReverseProxy, ...]:
    """The reverse proxies of the project of ``container`` that pass something on."""
    together = project_of(container, deployment)
    return tuple(proxy for proxy in deployment.proxies if proxy.container in together and proxy.routes)


def proxies_to(server: OrthancServer, deployment: Deployment) -> tuple[ReverseProxy, ...]:
    """The reverse proxies through which ``server`` can be reached."""
    return tuple(proxy for proxy in deployment.proxies if proxy.to_public(server, "/"))


def led_by(proxy: ReverseProxy, address: Address) -> Routed:
    """Where ``proxy`` leads an address, its scheme left aside: http is sent on to https first."""
    return proxy.to_orthanc(address.path)
