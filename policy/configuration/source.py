"""A file that was given or found, with what it holds and how it was recognised."""

from __future__ import annotations

import enum

from policy.records import dataclass, field
from policy.text import Document, Position, Span


class Kind(enum.StrEnum):
    """What a file is, recognised by its content and never by its name."""

    ORTHANC = "orthanc"
    """A configuration of Orthanc: the core's options and the sections of its plugins."""
    PERMISSIONS = "permissions"
    """The roles of the auth service (``permissions.json``)."""
    ANONYMOUS = "anonymous"
    """The profile of requests without a token (``anonymous-profile.json``)."""
    COMPOSE = "compose"
    """A Docker Compose file."""
    KUBERNETES = "kubernetes"
    """Kubernetes manifests: ConfigMap, Secret, Deployment and their kin."""
    HELM = "helm"
    """The values of a Helm chart."""
    ENVIRONMENT = "environment"
    """Lines of NAME=value (``.env``, ``env_file``)."""
    NGINX = "nginx"
    """An nginx configuration."""
    REALM = "realm"
    """An export of a Keycloak realm."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One text with its origin.

    ``path`` is how the file is called in reports: relative to where the command runs, with forward slashes; ``<stdin>``
    for standard input.
    """

    path: str
    kind: Kind
    document: Document
    folder: str = field(default="", repr=False)
    """The folder of the file on this machine, against which the relative paths in it are resolved."""
    variable: str | None = None
    """The environment variable (or the key of a ConfigMap) that holds this text, where it stands inside another file;
    the spans of ``document`` are then those of that file."""
    at: tuple[str, ...] = ()
    """The path in Orthanc's configuration at which ``variable`` puts this text; empty: it is a whole configuration."""
    bare_section: bool = False
    """Whether it holds the options of the Authorization section at its top, without the section itself."""

    def place(self, span: Span) -> Location:
        """The place of ``span`` in this file."""
        return Location(self, span)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; lines and columns are computed when they are asked for."""

    source: Source
    span: Span

    @property
    def start(self) -> Position:
        """Line and column of the first character, from 1, in characters."""
        return self.source.document.position(self.span.start)

    @property
    def end(self) -> Position:
        """Line and column behind the last character, from 1, in characters."""
        return self.source.document.position(self.span.end)

    def __str__(self) -> str:
        position = self.start
        return f"{self.source.path}:{position.line}:{position.column}"
