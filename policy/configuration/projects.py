"""Which Compose files run together.

Named files of one folder that define the same services are taken in the order given, as ``docker compose -f A -f B``
does; in a folder the file with ``.override`` goes over the one without, and a file whose services are incomplete goes
over the default one, in a project of its own.
"""

from __future__ import annotations

import posixpath
import re

from policy.configuration import dotenv
from policy.configuration.source import Source
from policy.regex import regex

_DEFAULT = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDE = regex(r"^(?P<base>.+)\.override(?P<suffix>\.ya?ml)$")


def group(named: list[Source], found: list[Source], variables: list[Source]) -> list[tuple[Source, ...]]:
    """The projects that Compose files make: ``named`` by somebody, or ``found`` in a folder.

    ``variables`` are files of variables: a ``.env`` may say in ``COMPOSE_FILE`` which files run together.
    """
    projects: list[list[Source]] = []
    for source in named:
        for project in projects:
            if project[0].folder == source.folder and _services(project[0]) & _services(source):
                project.append(source)
                break
        else:
            projects.append([source])
    by_folder: dict[str, list[Source]] = {}
    for source in found:
        if source not in named:
            by_folder.setdefault(source.folder, []).append(source)
    for folder, sources in by_folder.items():
        together = _said(sources, [source for source in variables if source.folder == folder])
        rest = [source for source in sources if source not in together]
        projects.extend([*([together] if together else []), *_in_folder(rest)])
    return [tuple(project) for project in projects]


def is_default(source: Source) -> bool:
    """Whether Compose takes this file where none is named."""
    return posixpath.basename(source.path) in _DEFAULT


def _said(sources: list[Source], variables: list[Source]) -> list[Source]:
    """The files that ``COMPOSE_FILE`` in ``.env`` names, in its order."""
    by_name = {posixpath.basename(source.path): source for source in sources}
    for source in variables:
        if posixpath.basename(source.path) == ".env":
            values = {line.name: line.value for line in dotenv.read(source.document.text, {})}
            names = re.split(r"[:;,]", values.get("COMPOSE_FILE") or "")
            return [by_name[name] for name in map(posixpath.normpath, filter(None, names)) if name in by_name]
    return []


def _in_folder(sources: list[Source]) -> list[list[Source]]:
    by_name = {posixpath.basename(source.path): source for source in sources}
    overrides: dict[str, Source] = {}
    for name, source in by_name.items():
        match = _OVERRIDE.match(name)
        if match:
            base = next(
                (n for n in (match["base"] + s for s in (match["suffix"], ".yml", ".yaml")) if n in by_name), None
            )
            if base is not None:
                overrides[base] = source
    over = set(map(id, overrides.values()))
    default = next((by_name[name] for name in _DEFAULT if name in by_name), None)
    projects = []
    for name, source in by_name.items():
        if id(source) in over:
            continue
        if default is not None and source is not default and _is_partial(source, default):
            projects.append([default, source])
            continue
        projects.append([source, overrides[name]] if name in overrides else [source])
    return projects


def _services(source: Source) -> frozenset[str]:
    root = source.document.root
    services = root.get("services") if root is not None else None
    return frozenset(member.key for member in services.members) if services is not None else frozenset()


def _is_partial(source: Source, base: Source) -> bool:
    """Whether a service of ``source`` is complete only over the one of that name in ``base``."""
    root = source.document.root
    services = root.get("services") if root is not None else None
    known = _services(base)
    return services is not None and any(
        member.key in known and not {"image", "build", "extends"} & {inner.key for inner in member.value.members}
        for member in services.members
    )
