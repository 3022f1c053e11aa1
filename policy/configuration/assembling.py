"""Containers to servers and auth services: who gets which file, and what each makes of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from policy.configuration import core, image, roles
from policy.configuration.auth_environment import effective_environment, reads
from policy.configuration.deployment import (
    AuthService,
    Container,
    IgnoredFile,
    Mount,
    OrthancServer,
    Stop,
)
from policy.configuration.given import Given
from policy.configuration.image import FileInContainer, SecretFile
from policy.configuration.registry import Registry
from policy.configuration.roles import Role, role_of
from policy.configuration.source import Kind, Location, Source
from policy.records import dataclass, field, replace

_MOST_FILES_OF_A_MOUNT = 200
_SECRETS = "/run/secrets"
_CONFIGURATION_FOLDERS = {
    roles.ORTHANC: ("/etc/orthanc", "/run/secrets"),
    roles.AUTH_SERVICE: ("/orthanc_auth_service", "/orthanc-auth-service", "/run/secrets"),
    roles.NGINX: ("/etc/nginx",),
}
_KINDS = {roles.ORTHANC: Kind.ORTHANC, roles.AUTH_SERVICE: Kind.PERMISSIONS, roles.NGINX: Kind.NGINX}


@dataclass(slots=True)
class Assembled:
    """What the containers of a project make together."""

    containers: list[Container] = field(default_factory=list)
    servers: list[OrthancServer] = field(default_factory=list)
    auth_services: list[AuthService] = field(default_factory=list)
    ignored: list[IgnoredFile] = field(default_factory=list)


def assemble(described: Iterable[Container], registry: Registry, folder: Path, given: Given) -> Assembled:
    """The servers and auth services among ``described``, with the files that lie in ``folder``."""
    made = Assembled()
    for bare in described:
        role = role_of(bare)
        container = bare
        if role.name:
            container = replace(
                bare,
                role=role.name,
                version=roles.image_version(role, bare.source.path),
                mounts=tuple(_with_files(bare, mount, role, registry, folder) for mount in bare.mounts),
            )
        made.containers.append(container)
        if role.name == roles.ORTHANC:
            server, ignored = _server(container, role, registry, folder, given)
            made.servers.append(server)
            made.ignored.extend(ignored)
        elif role.name == roles.AUTH_SERVICE:
            service, ignored = _auth_service(container, role, registry, folder, given)
            made.auth_services.append(service)
            made.ignored.extend(ignored)
    _add_unofficial(made, registry, folder, given)
    made.servers = [replace(server, auth_service=_asked(server, made.auth_services)) for server in made.servers]
    return made


def _add_unofficial(made: Assembled, registry: Registry, folder: Path, given: Given) -> None:
    """Containers of unknown images that a server asks for permissions: auth services of somebody's own."""
    hosts = {host for server in made.servers for host in _asked_hosts(server)}
    for index, container in enumerate(made.containers):
        if container.role == "" and hosts & {name.lower() for name in container.names}:
            container = replace(container, role=roles.AUTH_SERVICE)  # noqa: PLW2901 - the same container, told apart
            made.containers[index] = container
            made.auth_services.append(_auth_service(container, Role(""), registry, folder, given)[0])


def _with_files(container: Container, mount: Mount, role: Role, registry: Registry, folder: Path) -> Mount:
    """``mount`` with the files that it brings into the folders where the program looks."""
    folders = _CONFIGURATION_FOLDERS.get(role.name, ())
    target = posixpath.normpath(mount.target)
    wanted = (*folders, *(posixpath.dirname(path) for path in _named_paths(container)))
    if posixpath.dirname(target) == _SECRETS and not target.endswith(".json"):
        return mount  # its text is no configuration
    looked_at = any(
        target == inner or target.startswith(f"{inner}/") or inner.startswith(f"{target}/") for inner in wanted
    )
    if mount.kind == "volume" and looked_at:
        return replace(mount, unseen=True)
    elsewhere = bool(folders) and target.lower().endswith((".json", ".jsonc"))
    if mount.kind not in ("bind", "config", "secret") or not (looked_at or elsewhere):
        return mount
    if mount.files:
        return mount
    if mount.source_path is None:
        return replace(mount, unseen=looked_at)
    kind = _kind_for(role.name, target, container)
    path = Path(mount.source_path)
    if not registry.files.is_folder(path):
        source = registry.beside(path, kind, folder)
        files = {target: source} if source is not None else {}
        return replace(mount, files=MappingProxyType(files), unseen=source is None and looked_at)
    found: dict[str, Source] = {}
    for name in _listed(registry, path, folder):
        inner_target = posixpath.join(target, name)
        if (source := registry.beside(path / name, _kind_for(role.name, inner_target, container), folder)) is not None:
            found[inner_target] = source
    return replace(mount, files=MappingProxyType(found), unseen=not found)


def _named_paths(container: Container) -> Iterator[str]:
    for name in ("PERMISSIONS_FILE_PATH", "ANONYMOUS_PROFILE_FILE_PATH"):
        variable = container.environment.get(name)
        if variable is not None and variable.text:
            yield variable.text


def _kind_for(role: str, target: str, container: Container) -> Kind:
    if role != roles.AUTH_SERVICE:
        return _KINDS.get(role, Kind.ORTHANC)
    anonymous = container.environment.get("ANONYMOUS_PROFILE_FILE_PATH")
    if (anonymous is not None and anonymous.text == target) or "anonymous" in posixpath.basename(target):
        return Kind.ANONYMOUS
    return Kind.PERMISSIONS


def _listed(registry: Registry, path: Path, root: Path) -> list[str]:
    """The names in a mounted folder that may be configuration."""
    if not registry.files.exists_within(path, root):
        return []
    names = registry.files.names(path)
    return [name for name in names if name.lower().endswith((".json", ".jsonc", ".conf"))][:_MOST_FILES_OF_A_MOUNT]


def _files(container: Container) -> list[FileInContainer]:
    """The files of all mounts; a mount onto a file hides the one of that name in a folder that is mounted too."""
    files: dict[str, FileInContainer] = {}
    for mount in sorted(container.mounts, key=lambda item: posixpath.normpath(item.target).count("/")):
        for target, source in mount.files.items():
            files[posixpath.normpath(target)] = FileInContainer(target, source, mount.location)
        if mount.unseen and not mount.files:
            files[posixpath.normpath(mount.target)] = FileInContainer(mount.target, None, mount.location)
    return list(files.values())


def _secrets(container: Container, registry: Registry, folder: Path) -> list[SecretFile]:
    """The files of ``/run/secrets``, however they came there."""
    secrets: dict[str, SecretFile] = {}
    for mount in container.mounts:
        target = posixpath.normpath(mount.target)
        path = Path(mount.source_path) if mount.source_path is not None and mount.kind != "volume" else None
        if target == _SECRETS and path is not None and registry.files.exists_within(path, folder):
            for name in registry.files.names(path):
                secrets[name] = SecretFile(name, registry.raw(path / name, folder), mount.location)
        elif posixpath.dirname(target) == _SECRETS:
            text = registry.raw(path, folder) if path is not None else None
            name = posixpath.basename(target)
            secrets[name] = SecretFile(name, text, mount.location)
    return list(secrets.values())


def _server(
    container: Container, role: Role, registry: Registry, folder: Path, given: Given
) -> tuple[OrthancServer, list[IgnoredFile]]:
    versions = roles.orthanc_versions(role, given, container.source.path)
    files = _files(container)
    secrets = _secrets(container, registry, folder)
    stops = list(container.problems)
    process = {name: variable.text for name, variable in container.environment.items()}
    unseen = list(_unseen(container))
    by_hand = _other_configuration(container, role)
    if versions.image is not None and by_hand is None:
        started = image.start(files, container.environment, secrets, tag=versions.image.version)
        server = OrthancServer(
            name=container.name,
            configuration=started.configuration,
            sources=tuple(started.sources),
            readers=("image", "core"),
            plugin=versions.plugin,
            orthanc=versions.orthanc,
            image=versions.image,
            container=container,
            stops=(*stops, *started.stops),
            enabled_plugins=started.plugins,
            unseen=(*unseen, *started.unseen),
            variables=MappingProxyType(process),
            family="orthancteam",
        )
        return server, started.ignored
    read = core.start(files, by_hand or "/etc/orthanc", process, version=versions.orthanc.version)
    if by_hand is not None and versions.image is not None:
        stops.extend(_command_stops(container))
    if not read.sources:  # the image's own file, or one that was not given
        unseen.append(container.command_location or container.location)
    server = OrthancServer(
        name=container.name,
        configuration=read.configuration,
        sources=tuple(read.sources),
        readers=("core",),
        plugin=versions.plugin,
        orthanc=versions.orthanc,
        image=versions.image,
        container=container,
        stops=(*stops, *read.stops),
        enabled_plugins=frozenset() if versions.image is not None else None,
        unseen=(*unseen, *read.unseen),
        variables=MappingProxyType(process),
        family=role.family or "other",
    )
    return server, read.ignored


def _unseen(container: Container) -> Iterator[Location]:
    """Places that bring in configuration which was not given, beside single files."""
    for mount in container.mounts:
        if mount.unseen and not mount.files and posixpath.normpath(mount.target) == "/etc/orthanc":
            yield mount.location
    yield from container.unseen
    if container.built:
        yield container.location
    if container.entrypoint is not None:
        yield container.entrypoint


def _other_configuration(container: Container, role: Role) -> str | None:
    """The path that ``command`` hands to Orthanc in place of the generated file, or None."""
    if not container.command:
        return None
    if role.family == "orthancteam":
        return container.command[-1] if container.command != ("/tmp/orthanc.json",) else None  # noqa: S108
    paths = [word for word in container.command if word.startswith("/") and not word.endswith("/Orthanc")]
    return paths[-1] if paths else None


def _command_stops(container: Container) -> Iterator[Stop]:
    if container.command is not None and len(container.command) != 1:
        yield Stop(
            "the entry point of the image takes exactly one argument; the container stops",
            container.command_location,
            "command-override",
        )


def _auth_service(
    container: Container, role: Role, registry: Registry, folder: Path, given: Given
) -> tuple[AuthService, list[IgnoredFile]]:
    version = roles.auth_service_version(role, given, container.source.path)
    environment = effective_environment(container, _secrets(container, registry, folder), version.version)
    files = {posixpath.normpath(file.target): file for file in _files(container)}

    def at(name: str) -> FileInContainer | None:
        variable = environment.get(name) if reads(name, version.version) else None
        return files.get(posixpath.normpath(variable.value)) if variable is not None and variable.value else None

    permissions, anonymous = at("PERMISSIONS_FILE_PATH"), at("ANONYMOUS_PROFILE_FILE_PATH")
    used = {id(file) for file in (permissions, anonymous) if file is not None}
    ignored = [
        IgnoredFile(file.source, file.location, f"the auth service {version} does not look at {target}")
        for target, file in files.items()
        if id(file) not in used and file.source is not None and file.source.kind in (Kind.PERMISSIONS, Kind.ANONYMOUS)
    ]
    unseen = [file.location for file in (permissions, anonymous) if file is not None and file.source is None]
    unseen.extend(
        mount.location for mount in container.mounts if mount.unseen and mount.target.rstrip("/").count("/") <= 1
    )
    if container.built:
        unseen.append(container.location)
    service = AuthService(
        name=container.name,
        version=version,
        permissions=permissions.source if permissions is not None else None,
        anonymous=anonymous.source if anonymous is not None else None,
        container=container,
        official=role.family == "orthancteam",
        environment=environment,
        unseen=tuple(unseen),
        stops=container.problems,
    )
    return service, ignored


_URLS = ("WebServiceRootUrl", "WebServiceUserProfileUrl", "WebServiceTokenValidationUrl", "WebService")


def _asked_hosts(server: OrthancServer) -> Iterator[str]:
    """The hosts of the web service that a server's Authorization section names, in lower case."""
    for name in _URLS:
        entry = server.option(name)
        if entry is None or not isinstance(entry.setting.value, str):
            continue
        try:
            host = urlsplit(entry.setting.value).hostname
        except ValueError:
            continue
        if host:
            yield host


def _asked(server: OrthancServer, services: list[AuthService]) -> AuthService | None:
    """The auth service that a server asks: the one whose host its URLs name.

    Where the name is that of no container (a public address, a misspelling) it is the only one there is.
    """
    for host in _asked_hosts(server):
        for service in services:
            if service.container is not None and host in {name.lower() for name in service.container.names}:
                return service
    return services[0] if len(services) == 1 else None
