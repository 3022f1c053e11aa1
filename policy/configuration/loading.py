"""From paths to a :class:`policy.configuration.deployment.Deployment`: the one way in.

Files are recognised by their content, Compose files say who reads which file and in which version, and what nobody
reads is listed as ignored.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from policy.configuration import assembling, loose
from policy.configuration import projects as compose_projects
from policy.configuration.compose import project
from policy.configuration.containers import containers
from policy.configuration.deployment import Container, Deployment, IgnoredFile
from policy.configuration.given import NOTHING_GIVEN, Given
from policy.configuration.reading import Files
from policy.configuration.registry import NotRecognised, Registry
from policy.configuration.routing import proxies
from policy.configuration.source import Kind, Source
from policy.errors import UsageError
from policy.records import replace
from policy.text import Span

__all__ = ["Given", "load"]


def load(
    paths: Sequence[Path | str],
    *,
    stdin_kind: Kind | None = None,
    stdin: bytes | None = None,
    given: Given = NOTHING_GIVEN,
    env: Mapping[str, str] | None = None,
    here: Path | None = None,
    texts: Mapping[str, bytes] | None = None,
) -> Deployment:
    """What the files and folders at ``paths`` deploy; ``-`` stands for ``stdin``, taken for ``stdin_kind``.

    ``given`` are versions that win over what files tell.
    ``env`` is the environment in which Compose or Orthanc is started; None: not known, so that a variable that no file
    sets stays as it is written.
    ``here`` is the folder against which paths are resolved and reported; None: the current one.
    ``texts`` stand in place of the contents of files, by their real paths: changes that are tried or not saved yet.

    Raises :class:`policy.errors.PolicyError`: a file that cannot be read, or holds nothing that the tool knows.
    """
    relative = not any(Path(path).is_absolute() for path in paths)
    files = Files(here.absolute() if here is not None else Path.cwd(), relative, texts or {})
    registry = Registry(files)
    with _collector_paused():
        return _load(registry, paths, stdin_kind, stdin, given, env)


def _load(
    registry: Registry,
    paths: Sequence[Path | str],
    stdin_kind: Kind | None,
    stdin: bytes | None,
    given: Given,
    env: Mapping[str, str] | None,
) -> Deployment:
    files = registry.files
    named: list[Source] = []
    found: list[Source] = []
    unrecognised: list[tuple[Path, NotRecognised]] = []
    for path in paths:
        if str(path) == "-":
            if stdin is None:
                raise UsageError("standard input was named but not given")
            named.append(registry.give_text(stdin, stdin_kind))
        elif files.is_folder(Path(path)):
            found.extend(registry.give_folder(Path(path)))
        else:
            try:
                named.append(registry.give(Path(path)))
            except NotRecognised as error:
                unrecognised.append((Path(path), error))
    deployment = _Loading(registry, _unique(named), _unique(found), given, env).deployment()
    for unknown, refusal in unrecognised:
        if not registry.has(unknown):  # else a mount has said what it is
            raise refusal
    return deployment


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No collection of cycles while many small values are made that all stay: it took a fourth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _unique(sources: list[Source]) -> list[Source]:
    return list({id(source): source for source in sources}.values())


class _Loading:
    """The sources of a run on their way to a deployment."""

    def __init__(
        self,
        registry: Registry,
        named: list[Source],
        found: list[Source],
        given: Given,
        env: Mapping[str, str] | None,
    ) -> None:
        self.registry = registry
        self.named = named
        self.found = found
        self.given = given
        self.env = env
        self.parts: set[int] = set()
        """Compose files that others include or extend."""

    def deployment(self) -> Deployment:
        together = [(sources, self._project(sources)) for sources in self._projects()]
        assembled = [made for sources, made in together if not self._is_part(sources)]
        assembled.extend(self._described())
        servers = [server for made in assembled for server in made.servers]
        services = [service for made in assembled for service in made.auth_services]
        described = [container for made in assembled for container in made.containers]
        ignored = [file for made in assembled for file in made.ignored]
        alone = self._unread(described, ignored)
        loose_servers = loose.servers([s for s in alone if s.kind is Kind.ORTHANC], self.given, self.env)
        loose_services = loose.auth_services(alone, self.given)
        paired = loose.pair(loose_servers, loose_services or tuple(services))
        servers.extend(replace(server, auth_service=paired.get(index)) for index, server in enumerate(loose_servers))
        ignored.extend(self._beside_compose(alone, described))
        given = _unique([*self.named, *self.found, *self.registry.sources])
        found_proxies = tuple(proxies(tuple(given), tuple(servers), tuple(described), self.registry))
        sources = _unique([*given, *self.registry.sources])  # with the files that nginx includes
        carried = [source for server in servers for source in server.sources if source.variable is not None]
        return Deployment(
            sources=(*sources, *_unique(carried)),
            servers=tuple(servers),
            auth_services=(*services, *loose_services),
            containers=tuple(described),
            ignored=tuple(ignored),
            proxies=found_proxies,
        )

    def _projects(self) -> list[tuple[Source, ...]]:
        return compose_projects.group(
            [source for source in self.named if source.kind is Kind.COMPOSE],
            [source for source in self.found if source.kind is Kind.COMPOSE],
            [source for source in self.found if source.kind is Kind.ENVIRONMENT],
        )

    def _is_part(self, sources: tuple[Source, ...]) -> bool:
        """Whether a Compose file is there for others only; the one that Compose takes by itself is not."""
        return len(sources) == 1 and id(sources[0]) in self.parts and not compose_projects.is_default(sources[0])

    def _project(self, sources: tuple[Source, ...]) -> assembling.Assembled:
        folder = Path(sources[0].folder)

        def read(path: Path, kind: Kind) -> Source | None:
            source = self.registry.beside(path, kind, folder)
            if kind is Kind.COMPOSE and source is not None:
                self.parts.add(id(source))
            return source

        made = project(sources, read, self.env)
        return assembling.assemble(containers(made, read), self.registry, folder, self.given)

    def _described(self) -> list[assembling.Assembled]:
        """What Kubernetes manifests, taken together, and each file of Helm values describe."""
        sources = _unique([*self.named, *self.found])
        manifests = [source for source in sources if source.kind is Kind.KUBERNETES]
        groups: list[tuple[Source, list[Container]]] = []
        if manifests:
            from policy.configuration import kubernetes  # few deployments have manifests

            groups.append((manifests[0], list(kubernetes.containers(manifests))))
        values = [source for source in sources if source.kind is Kind.HELM]
        if values:
            from policy.configuration import helm  # nor values

            groups.extend((source, list(helm.containers(source))) for source in values)
        return [assembling.assemble(found, self.registry, Path(source.folder), self.given) for source, found in groups]

    def _unread(self, described: list[Container], ignored: list[IgnoredFile]) -> list[Source]:
        """The given files that no container has in it."""
        mounted = {
            id(source) for container in described for mount in container.mounts for source in mount.files.values()
        }
        mounted |= {id(file.source) for file in ignored}
        return [source for source in _unique([*self.named, *self.found]) if id(source) not in mounted]

    def _beside_compose(self, alone: list[Source], described: list[Container]) -> list[IgnoredFile]:
        """Files beside a Compose file that defines who should read them, but hands them to nobody."""
        wanted = {Kind.ORTHANC: "orthanc", Kind.PERMISSIONS: "auth-service", Kind.ANONYMOUS: "auth-service"}
        found = []
        for source in alone:
            role = wanted.get(source.kind)
            near = [
                container
                for container in described
                if container.role == role and container.source.folder == source.folder and not container.built
            ]
            if role is not None and near:
                reason = f"no mount of {near[0].name} in {near[0].source.path} hands it to the container"
                found.append(IgnoredFile(source, source.place(Span(0, 0)), reason))
        return found
