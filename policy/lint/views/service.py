"""The web service that the plugin of a server calls: its container, and whether it resolves api-keys."""

from __future__ import annotations

from urllib.parse import urlsplit

from policy.configuration.deployment import AuthService, Container, Deployment, EffectiveVariable, OrthancServer
from policy.knowledge.versions import Version
from policy.lint.views.options import ADDRESSES, text_of

API_KEY = "api-key"
"""The name of a token under which the official service looks for an api-key."""
_SECRET_ENOUGH = Version.parse("24.7.0")
"""From this tag on a client secret alone switches api-keys on."""


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


def api_keys(service: AuthService) -> tuple[EffectiveVariable, bool] | None:
    """The variable that makes the service resolve api-keys, and whether it says so itself; None where none does."""
    flag = service.environment.get("ENABLE_KEYCLOAK_API_KEYS")
    keycloak = service.environment.get("ENABLE_KEYCLOAK")
    if keycloak is None or keycloak.value != "true":
        return None
    if flag is not None and flag.value == "true":
        return flag, True
    secret = service.environment.get("KEYCLOAK_CLIENT_SECRET")
    if secret is not None and secret.value != "" and service.version.version >= _SECRET_ENOUGH:
        return secret, False
    return None
