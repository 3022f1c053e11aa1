"""What a container is, told by its image, else by what it is given; and the versions that this gives.

Image references are read by :func:`policy.knowledge.images.resolve`.
"""

from __future__ import annotations

from policy.configuration.deployment import Container, Known
from policy.configuration.given import Given
from policy.knowledge import images
from policy.records import dataclass

ORTHANC, AUTH_SERVICE, NGINX, KEYCLOAK, OHIF = "orthanc", "auth-service", "nginx", "keycloak", "ohif"

_AUTH_FOLDERS = ("/orthanc_auth_service", "/orthanc-auth-service")


@dataclass(frozen=True, slots=True)
class Role:
    """What a container is."""

    name: str
    """One of the names above, or empty."""
    family: str = ""
    """Whose image: ``orthancteam``, ``jodogne``, ``other``, or empty where it is not known."""
    facts: images.ImageFacts | None = None


def role_of(container: Container) -> Role:
    """What ``container`` is."""
    facts = images.resolve(container.image) if container.image else None
    if facts is not None:
        publisher = "orthancteam" if facts.publisher in ("orthancteam", "osimis") else facts.publisher
        return Role(facts.family, publisher, facts)
    if _gets_orthanc_variables(container):
        return Role(ORTHANC, "orthancteam" if _by_variables(container) else "")
    targets = [mount.target for mount in container.mounts]
    if "PERMISSIONS_FILE_PATH" in container.environment or any(target.startswith(_AUTH_FOLDERS) for target in targets):
        return Role(AUTH_SERVICE)
    if any(target == "/etc/orthanc" or target.startswith("/etc/orthanc/") for target in targets):
        return Role(ORTHANC)
    if any(target.startswith("/etc/nginx/") for target in targets):
        return Role(NGINX, "other")
    return Role("")


def _by_variables(container: Container) -> bool:
    return any(
        name == "ORTHANC_JSON" or name.startswith("ORTHANC__") or name.endswith("_PLUGIN_ENABLED")
        for name in container.environment
    )


def _gets_orthanc_variables(container: Container) -> bool:
    return _by_variables(container)


@dataclass(frozen=True, slots=True)
class OrthancVersions:
    """The versions of one Orthanc server."""

    plugin: Known
    orthanc: Known
    image: Known | None


def orthanc_versions(role: Role | None, given: Given, where: str = "") -> OrthancVersions:
    """The versions of a server: what the user said, else what its image tells, else the newest known.

    ``where`` names the file that holds the image reference; ``role`` is None for a server without a container.
    """
    image = _image(role, given, where)
    inside = images.closest(image.version) if image is not None else None
    facts = role.facts if role is not None else None
    if given.plugin is not None:
        plugin = Known(given.plugin, "the version of the plugin was given")
    elif inside is not None and image is not None:
        plugin = Known(inside.authorization, image.because, image.assumed)
    else:
        newest = images.newest()
        plugin = Known(newest.authorization, "no version is known, so the newest known is taken", assumed=True)
    if given.orthanc is not None:
        orthanc = Known(given.orthanc, "the version of Orthanc was given")
    elif inside is not None and image is not None:
        orthanc = Known(inside.orthanc, image.because, image.assumed)
    elif facts is not None and facts.orthanc is not None:
        orthanc = Known(facts.orthanc, _because(facts, where))
    else:
        orthanc = _orthanc_beside(plugin)
    return OrthancVersions(plugin, orthanc, image)


def _orthanc_beside(plugin: Known) -> Known:
    """A core for a plugin of which only the version is known: that of the newest image with it."""
    carrying = images.with_plugin(plugin.version)
    if plugin.assumed or not carrying:
        return Known(images.newest().orthanc, "no version is known, so the newest known is taken", assumed=True)
    because = f"the image {carrying[-1].version} has it beside the plugin {plugin.version}"
    return Known(carrying[-1].orthanc, because, assumed=True)


def _image(role: Role | None, given: Given, where: str) -> Known | None:
    if given.image is not None and (role is None or role.family in ("orthancteam", "")):
        return Known(given.image, "the tag of the image was given")
    if role is None or role.family != "orthancteam":
        return None
    facts = role.facts
    if facts is None:
        newest = images.newest()
        because = "its variables are those of the orthancteam/orthanc image, whose newest known tag is taken"
        return Known(newest.version, because, assumed=True)
    if facts.version is None:
        newest = images.newest()
        return Known(newest.version, _because(facts, where), assumed=True)
    return Known(facts.version, _because(facts, where), assumed=not facts.exact)


def auth_service_version(role: Role | None, given: Given, where: str = "") -> Known:
    """The version of an auth service, by the same order."""
    if given.auth_service is not None:
        return Known(given.auth_service, "the version of the auth service was given")
    facts = role.facts if role is not None else None
    if facts is not None and facts.auth_service is not None:
        return Known(facts.auth_service, _because(facts, where), assumed=not facts.exact)
    return newest_auth_service()


def newest_auth_service() -> Known:
    """The newest auth service known, where nothing tells."""
    from policy.knowledge import service

    return Known(service.newest().version, "no version is known, so the newest known is taken", assumed=True)


def image_version(role: Role, where: str) -> Known | None:
    """The version that a container's image tells, whatever it is."""
    facts = role.facts
    if facts is None or facts.version is None:
        return None
    return Known(facts.version, _because(facts, where), assumed=not facts.exact)


def _because(facts: images.ImageFacts, where: str) -> str:
    told = f"{where} has the image {facts.reference}" if where else f"the image is {facts.reference}"
    return " ".join((f"{told}.", *facts.assumptions)) if facts.assumptions else told
