"""The auth service of a deployment: whether its behaviour is known, which servers ask it, what they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.errors import UnknownVersion
from policy.knowledge.versions import Version
from policy.lint.views.options import ADDRESSES, text_of, token_names
from policy.lint.views.service import called_container
from policy.records import dataclass

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

_SECRET_ALONE = Version.parse("24.7.0")
"""From here on the client secret alone switches the admin client on."""

_OFFICIAL = "orthanc-auth-service"
_API_KEY = "api-key"


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


def visitors_by_bad_tokens(server: OrthancServer, service: AuthService) -> bool:
    """Whether a token that is no good brings the anonymous profile to ``server``.

    The service answers it for JWTs that it cannot use since 24.6.1, but nothing for an api-key that nobody has; without
    its admin client it takes an api-key for a JWT.
    """
    behaviour = behaviour_of(service)
    names = {token.name for token in token_names(server)}
    if behaviour is None or behaviour.bad_token_fails or not names:
        return False
    return names != {_API_KEY} or (service.container is not None and not has_admin_client(service))


def has_admin_client(service: AuthService) -> bool:
    """Whether the service can ask Keycloak about users and roles, as far as its variables tell."""
    flag = service.environment.get("ENABLE_KEYCLOAK_API_KEYS")
    if flag is not None and flag.value == "true":
        return True
    return service.version.version >= _SECRET_ALONE and "KEYCLOAK_CLIENT_SECRET" in service.environment


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
