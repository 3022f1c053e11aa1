"""The roles and the anonymous profile of an auth service as it is deployed: of its files, or of its image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.auth_service.anonymous import anonymous_profile, image_anonymous_profile
from policy.auth_service.roles import Roles

if TYPE_CHECKING:
    from policy.auth_service.profile import Profile
    from policy.configuration.deployment import AuthService

_IMAGE_PROFILE = "/orthanc_auth_service/anonymous-profile.json"


def roles_of(service: AuthService) -> Roles | None:
    """The roles as ``service`` reads them; None where it is not known what it reads.

    :raises ServerRefuses: where the service would not start with its file.
    """
    if service.permissions is not None:
        document = service.permissions.document
        return Roles.from_document(document, auth_service=str(service.version), file=service.permissions.path)
    return Roles.of_image(auth_service=str(service.version)) if _has_its_own_files(service) else None


def anonymous_of(service: AuthService) -> Profile:
    """The profile of requests without a token.

    Without a container that is described, the image's own file is not known to be there: the fixed profile stands.
    """
    version = str(service.version)
    if service.anonymous is not None:
        return anonymous_profile(service.anonymous.document.data, auth_service=version)
    path = service.environment.get("ANONYMOUS_PROFILE_FILE_PATH")
    if _has_its_own_files(service) and (path is None or path.value == _IMAGE_PROFILE):
        return image_anonymous_profile(auth_service=version)
    return anonymous_profile(None, auth_service=version)


def _has_its_own_files(service: AuthService) -> bool:
    """Whether the service runs in the official image and nothing unknown is mounted over the image's files."""
    return service.container is not None and service.official and not service.unseen
