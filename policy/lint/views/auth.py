"""The auth service of a deployment: whether its behaviour is known, which servers ask it, what they ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy.errors import UnknownVersion
from policy.knowledge.versions import Version
from policy.lint.views.options import ADDRESSES, text_of
from policy.lint.views.service import called_container

if TYPE_CHECKING:
    from policy.auth_service.behaviour import Behaviour
    from policy.configuration.deployment import AuthService, OrthancServer
    from policy.lint.context import Context

LABELS_FROM = Version.parse("23.9.0")
"""Roles have labels and are objects."""
MODEL_FROM = Version.parse("24.6.0")
"""The whole file is checked at start; both lists may be left out; a user may have several roles."""
PROFILE_FROM = Version.parse("25.8.0")
"""anonymous-profile.json is read."""
ASKS_FOR_NOBODY = Version.parse("0.10.0")
"""From this release of the plugin on, the profile of requests without a token is asked for."""

_OFFICIAL = "orthanc-auth-service"


def behaviour_of(service: AuthService) -> Behaviour | None:
    """How ``service`` behaves; None for a program of somebody else, and for tags before there were roles.

    An image that is built here is taken to hold the official program.
    """
    from policy.auth_service.behaviour import Behaviour

    if not is_official(service):
        return None
    try:
        return Behaviour.of(service.version.version)
    except UnknownVersion:
        return None


def is_official(service: AuthService) -> bool:
    """Whether ``service`` runs the program of the Orthanc team, as far as the files tell."""
    container = service.container
    if service.official or container is None:
        return service.official
    return container.built or _OFFICIAL in (container.image or "")


def servers_of(service: AuthService, context: Context) -> tuple[OrthancServer, ...]:
    """The servers that ask ``service``."""
    return tuple(server for server in context.deployment.servers if server.auth_service is service)


@dataclass(frozen=True, slots=True)
class Asked:
    """The service that a server asks: its version, and whether the files tell that it is the official one."""

    version: Version
    certain: bool


def asked_by(server: OrthancServer, context: Context) -> Asked | None:
    """The official service that ``server`` asks; None where it is somebody else's, or nothing tells."""
    service = server.auth_service
    if service is not None:
        return Asked(service.version.version, certain=True) if is_official(service) else None
    called = called_container(server, context.deployment)
    if called is not None and called.role != "auth-service":
        return None
    if any(_OFFICIAL in (text_of(server, name) or "") for name in ADDRESSES):
        from policy.knowledge import service as tags

        return Asked(tags.newest().version, certain=False)
    return None
