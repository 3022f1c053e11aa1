"""Servers and auth services out of files that no container is known to read.

Files of one folder with different top-level keys are one configuration, as when Orthanc is started on a folder; else
each is a server of its own.  Roles and anonymous profiles of one folder belong together.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from policy.configuration import core, image, roles
from policy.configuration.auth_environment import effective_environment
from policy.configuration.deployment import AuthService, Known, OrthancServer
from policy.configuration.given import Given
from policy.configuration.image import FileInContainer
from policy.configuration.source import Kind, Source
from policy.text import Span


def servers(
    sources: Sequence[Source], given: Given, environment: Mapping[str, str] | None
) -> tuple[OrthancServer, ...]:
    """A server for each configuration among ``sources``."""
    return tuple(_server(group, given, environment) for group in _groups(sources))


def _groups(sources: Sequence[Source]) -> list[list[Source]]:
    by_folder: dict[str, list[Source]] = {}
    for source in sources:
        by_folder.setdefault(source.folder, []).append(source)
    groups: list[list[Source]] = []
    for inside in by_folder.values():
        groups.extend([inside] if _disjoint(inside) else [[source] for source in inside])
    return groups


def _disjoint(sources: Sequence[Source]) -> bool:
    seen: set[str] = set()
    for source in sources:
        root = source.document.root
        keys = {member.key for member in root.members} if root is not None else set()
        if keys & seen or (source.bare_section and len(sources) > 1):
            return False
        seen |= keys
    return True


def _server(group: Sequence[Source], given: Given, environment: Mapping[str, str] | None) -> OrthancServer:
    versions = roles.orthanc_versions(None, given)
    known = dict(environment) if environment is not None else None
    name = posixpath.splitext(posixpath.basename(group[0].path))[0] if len(group) == 1 else group[0].folder
    if versions.image is not None:
        files = [FileInContainer(f"/etc/orthanc/{i:03}.json", s, s.place(Span(0, 0))) for i, s in enumerate(group)]
        started = image.start(files, {}, (), tag=versions.image.version, process=known, plain=True)
        configuration, sources, stops = started.configuration, started.sources, started.stops
    else:
        files = [FileInContainer(f"/{i:03}.json", source, source.place(Span(0, 0))) for i, source in enumerate(group)]
        read = core.start(files, "/", known, version=versions.orthanc.version)
        configuration, sources, stops = read.configuration, read.sources, read.stops
    return OrthancServer(
        name=posixpath.basename(name),
        configuration=configuration,
        sources=tuple(sources),
        readers=("image", "core") if versions.image is not None else ("core",),
        plugin=versions.plugin,
        orthanc=versions.orthanc,
        image=versions.image,
        stops=tuple(stops),
        variables=MappingProxyType(known) if known is not None else None,
    )


def auth_services(sources: Sequence[Source], given: Given) -> tuple[AuthService, ...]:
    """An auth service for each file of roles, with the anonymous profile beside it; profiles alone make one too."""
    permissions = [source for source in sources if source.kind is Kind.PERMISSIONS]
    anonymous = [source for source in sources if source.kind is Kind.ANONYMOUS]
    version = roles.auth_service_version(None, given)
    found: list[AuthService] = []
    for source in permissions:
        beside = [profile for profile in anonymous if profile.folder == source.folder]
        if not beside and len(permissions) == 1:
            beside = anonymous
        profile = beside[0] if len(beside) == 1 or (len(permissions) == 1 and beside) else None
        if profile is not None:
            anonymous = [other for other in anonymous if other is not profile]
        found.append(_service(source, profile, version))
    found.extend(_service(None, profile, version) for profile in anonymous)
    return tuple(found)


def _service(permissions: Source | None, anonymous: Source | None, version: Known) -> AuthService:
    first = permissions or anonymous
    return AuthService(
        name=posixpath.splitext(posixpath.basename(first.path))[0] if first is not None else "auth-service",
        version=version,
        permissions=permissions,
        anonymous=anonymous,
        environment=effective_environment(None, (), version.version),
    )


def pair(alone: Sequence[OrthancServer], services: Sequence[AuthService]) -> dict[int, AuthService]:
    """The auth service of each server by its index: the only one, or the only one of its folder."""
    paired: dict[int, AuthService] = {}
    for index, server in enumerate(alone):
        folders = {source.folder for source in server.sources}
        near = [
            service
            for service in services
            if any(
                source is not None and source.folder in folders for source in (service.permissions, service.anonymous)
            )
        ]
        if len(services) == 1:
            paired[index] = services[0]
        elif len(near) == 1:
            paired[index] = near[0]
    return paired
