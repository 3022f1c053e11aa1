"""What is deployed: the Orthanc servers and auth services that the given files describe, each with its versions.

This is the model that the engine compiles and that lint rules look at; ``policy.configuration.loading`` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from policy.configuration.mapped import Mapped
from policy.configuration.setting import Entry, Means, Setting
from policy.configuration.source import Location, Source
from policy.knowledge.versions import Version
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.configuration.proxy import ReverseProxy


@dataclass(frozen=True, slots=True)
class Known:
    """A version with the reason for it, which the report's first line repeats.

    ``assumed`` is true where nothing in the files tells it and the newest known version stands in.
    """

    version: Version
    because: str
    assumed: bool = False

    def __str__(self) -> str:
        return str(self.version)


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """An environment variable of a container: its name, its text (None: taken from the host), and where they stand.

    ``text`` is the value after Compose's own substitution; ``value_location`` spans the value as written.
    """

    name: str
    text: str | None
    name_location: Location
    value_location: Location | None
    written: Setting | None = field(default=None, repr=False)
    """The value as the file has it, before Compose's substitution; None for a line of an ``env_file``."""
    mapped: Mapped | None = field(default=None, repr=False)
    """What Compose replaced in it, where it holds JSON in which something was replaced."""
    marked: str | None = field(default=None, repr=False)
    """``text`` with marks (see :mod:`policy.configuration.substitution`) around names that only the host knows."""


@dataclass(frozen=True, slots=True, eq=False)
class UnsetVariable:
    """A variable that a file uses and nothing given sets; empty text stands in its place unless the host sets it."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Mount:
    """A file or folder of the host, a config or a secret, seen in a container under ``target``."""

    source_path: str | None
    target: str
    read_only: bool
    location: Location
    kind: str = "bind"
    """``bind`` (a file or folder of the host), ``volume``, ``config``, ``secret`` or ``tmpfs``."""
    files: Mapping[str, Source] = field(default_factory=dict)
    """The files that were given or found, by their path in the container."""
    unseen: bool = False
    """Whether it brings files into the container that the tool could not read."""


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """A service of a Compose file, or a container of a manifest: image, variables, mounts, published ports."""

    name: str
    source: Source
    location: Location
    """The place of its name."""
    project: str = ""
    """The files that describe it and the containers which it reaches by name; the same text for all of these."""
    image: str | None = None
    image_location: Location | None = None
    environment: Mapping[str, Variable] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    secrets: Mapping[str, Location] = field(default_factory=dict)
    """Secrets by the name of their file in ``/run/secrets``."""
    ports: Mapping[str, Location] = field(default_factory=dict)
    """Published ports, as they are written."""
    names: frozenset[str] = frozenset()
    """The host names by which other containers reach it."""
    role: str = ""
    """``orthanc``, ``auth-service``, ``nginx``, ``keycloak``, ``ohif``, or empty."""
    version: Known | None = None
    """The version of its image, where the image is known."""
    command: tuple[str, ...] | None = None
    command_location: Location | None = None
    entrypoint: Location | None = None
    """The place of an entry point of one's own, which takes the place of the image's."""
    unseen: tuple[Location, ...] = ()
    """Files of variables that it names and that were not given: a variable that is absent here may be there."""
    built: bool = False
    """Whether its image is built from a Dockerfile of one's own, which may hold files that are not seen here."""
    restart: str | None = None
    profiles: tuple[str, ...] = ()
    unset: tuple[UnsetVariable, ...] = ()
    """Names in it that Compose has to find in the environment of the host."""
    problems: tuple[Stop, ...] = ()
    """What keeps the container from being created."""


@dataclass(frozen=True, slots=True, eq=False)
class IgnoredFile:
    """A file that the real program will not read, and why; or that stops it."""

    source: Source | None
    location: Location
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """Why a container or server stops before it answers its first request.

    ``rule`` names the lint rule that reports it, where there is one.
    """

    reason: str
    location: Location | None
    rule: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OrthancServer:
    """One Orthanc: its effective configuration and who reads its files.

    ``configuration`` is the merged tree; its root is an object even where nothing was given.
    ``readers`` are the readers of its files in their order: ``("image", "core")`` in the orthancteam image, else
    ``("core",)``.
    """

    name: str
    configuration: Setting
    sources: tuple[Source, ...]
    readers: tuple[str, ...]
    plugin: Known
    orthanc: Known
    image: Known | None = None
    """The tag of the orthancteam/orthanc image, where the server runs in one."""
    container: Container | None = None
    auth_service: AuthService | None = None
    stops: tuple[Stop, ...] = ()
    enabled_plugins: frozenset[str] | None = None
    """Sections' names of the plugins that are known to be loaded; None where it cannot be known."""
    unseen: tuple[Location, ...] = ()
    """Places that bring in configuration which was not given: what is absent here may be there."""
    variables: Mapping[str, str | None] | None = None
    """The environment of the process, as far as it is known; None where nothing is known of it."""
    family: str = ""
    """How its files are put together: ``orthancteam`` (the image's script), ``jodogne`` (the other image), or empty
    for Orthanc started by hand."""

    @property
    def authorization(self) -> Setting | None:
        """The Authorization section, whatever its type; None where there is none."""
        return self.configuration.get("Authorization")

    def option(self, name: str) -> Entry | None:
        """The option ``name`` of the Authorization section."""
        section = self.authorization
        return section.members.get(name) if section is not None else None


@dataclass(frozen=True, slots=True, eq=False)
class AuthService:
    """One auth service: its files, its version, its container if one is described."""

    name: str
    version: Known
    permissions: Source | None = None
    anonymous: Source | None = None
    """The profile that is given and read; None where the service's own stands."""
    container: Container | None = None
    official: bool = True
    """False where the image is not the one of the Orthanc team: its behaviour is then unknown."""
    environment: Mapping[str, EffectiveVariable] = field(default_factory=dict)
    """Its variables with the defaults of its version; secrets' files win over variables of the same name."""
    unseen: tuple[Location, ...] = ()
    """Mounts onto its files that could not be read here."""
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EffectiveVariable:
    """What a program gets for one variable; ``value`` is None where the text is known to exist but not what it is."""

    name: str
    value: str | None
    means: Means
    location: Location | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """Everything that was given, sorted out."""

    sources: tuple[Source, ...]
    servers: tuple[OrthancServer, ...]
    auth_services: tuple[AuthService, ...]
    containers: tuple[Container, ...] = ()
    ignored: tuple[IgnoredFile, ...] = ()
    proxies: tuple[ReverseProxy, ...] = ()
    """The reverse proxies in front of the servers: public URL to path at Orthanc and back."""

    def sources_of(self, kind: str) -> tuple[Source, ...]:
        """The given files of one kind, in the order given."""
        return tuple(source for source in self.sources if source.kind == kind)
