"""Which container the plugin of a server calls as its web service."""

from __future__ import annotations

from urllib.parse import urlsplit

from policy.configuration.deployment import Container, Deployment, OrthancServer
from policy.lint.views.options import ADDRESSES, text_of


def host_of(address: str) -> str:
    """The host of an address, in small letters; empty where there is none.

    >>> host_of("http://Auth:8000/user")
    'auth'
    """
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def called_container(server: OrthancServer, deployment: Deployment) -> Container | None:
    """The container that the first address of ``server`` names, or None where no file describes it."""
    host = next((host_of(address) for name in ADDRESSES if (address := text_of(server, name))), "")
    if not host:
        return None
    for container in deployment.containers:
        if host in {name.lower() for name in (container.name, *container.names)}:
            return container
    return None
