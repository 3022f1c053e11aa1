"""The services of a Compose project as containers: image, variables, mounts, secrets, ports, names.

Source: the Compose specification, chapter "Services".
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from policy.configuration import dotenv
from policy.configuration.compose import Project, Reader
from policy.configuration.compose_merge import as_object, names_as_object
from policy.configuration.deployment import Container, Mount, Stop, UnsetVariable, Variable
from policy.configuration.interpolation import InterpolationError
from policy.configuration.mapped import Mapped
from policy.configuration.recognise import recognise
from policy.configuration.setting import Entry, Setting
from policy.configuration.source import Kind, Location, Source
from policy.configuration.substitution import shown
from policy.regex import regex
from policy.text import embedded
from policy.text.embedding import substituted

_WINDOWS_DRIVE = regex(r"[A-Za-z]:[\\/]")
_MODE = regex(r"(?:r[ow]|[zZ]|nocopy|cached|delegated|consistent|[rs]?(?:shared|private|slave))(?:,|$)")


def containers(project: Project, read: Reader) -> Iterator[Container]:
    """The containers of ``project`` in the order of the file."""
    for name, entry in project.services.items():
        yield _container(project, name, entry, read)


def _container(project: Project, name: str, entry: Entry, read: Reader) -> Container:
    place = entry.key_origin.location
    assert place is not None  # noqa: S101 - every entry of a Compose tree stands in a file
    already, already_unset = len(project.problems), len(project.unset)
    written = entry.setting
    service = project.put_in(written)
    image = service.get("image")
    command = service.get("command")
    unseen: list[Location] = []
    environment, unset = _environment(project, written, service, read, unseen)
    mounts = (*_volumes(project, service), *_configs(project, service), *_secrets(project, service))
    restart = service.get("restart")
    problems = [*project.refusals.get(name, ()), *project.problems[already:]]
    if service.kind != "object":
        problems.append(Stop(f"Docker Compose refuses the file: the service {name} is no object.", place))
    return Container(
        name=name,
        source=place.source,
        location=place,
        project=" ".join(source.path for source in project.sources),
        image=_shown(image),
        image_location=image.origin.location if image is not None else None,
        environment=environment,
        mounts=_last_of_each_target(mounts),
        secrets=MappingProxyType(
            {posixpath.basename(mount.target): mount.location for mount in mounts if mount.kind == "secret"}
        ),
        ports=_ports(service),
        names=_names(name, service),
        command=_words(command),
        command_location=command.origin.location if command is not None else None,
        entrypoint=_place_of_words(service.get("entrypoint")),
        unseen=(*project.unseen.get(name, ()), *unseen),
        built=service.get("build") is not None,
        restart=_shown(restart),
        profiles=tuple(str(item.value) for item in (service.get("profiles") or service).items),
        unset=(*project.unset[already_unset:], *unset),
        problems=tuple(problems),
    )


def _text(setting: Setting | None) -> str | None:
    """A scalar as Compose hands it on: numbers and booleans become text."""
    if setting is None or setting.kind in ("object", "array", "null", "missing") or setting.value is None:
        return None
    if isinstance(setting.value, bool):
        return "true" if setting.value else "false"
    return str(setting.value)


def _shown(setting: Setting | None) -> str | None:
    text = _text(setting)
    return shown(text) if text is not None else None


def _words(command: Setting | None) -> tuple[str, ...] | None:
    if command is None or command.kind in ("null", "missing"):
        return None
    if command.kind == "array":
        return tuple(_text(item) or "" for item in command.items)
    import shlex

    try:
        return tuple(shlex.split(_text(command) or ""))
    except ValueError:
        return ((_text(command) or ""),)


def _place_of_words(setting: Setting | None) -> Location | None:
    """Where words are written; None where there are none, which an empty list or text means too."""
    return setting.origin.location if setting is not None and _words(setting) else None


def _environment(
    project: Project, written: Setting, service: Setting, read: Reader, unseen: list[Location]
) -> tuple[Mapping[str, Variable], list[UnsetVariable]]:
    """The variables: those of ``env_file`` first, then those of ``environment``, which win."""
    variables: dict[str, Variable] = {}
    unset: list[UnsetVariable] = []
    for variable in _from_files(project, service, read, unseen):
        variables[variable.name] = variable
    raw = as_object(written.get("environment") or service)
    environment = service.get("environment")
    if environment is None:
        return MappingProxyType(variables), unset
    for name, entry in as_object(environment).members.items():
        location = entry.key_origin.location
        if location is None:
            continue
        value = entry.setting
        text = _text(value)
        if value.kind in ("object", "array"):
            project.problems.append(
                Stop(f"Docker Compose refuses the file: the variable {name} is no text.", value.origin.location)
            )
        elif value.kind in ("null", "missing"):
            text = project.variables.get(name)
            if text is None and not project.host_known:
                unset.append(UnsetVariable(name, location))
            if text is None and project.host_known:
                continue
        before = raw.members.get(name)
        variables.pop(name, None)
        variables[name] = Variable(
            name,
            shown(text) if text is not None else None,
            location,
            value.origin.location,
            before.setting if before is not None else None,
            _mapped(project, before.setting) if before is not None else None,
            text,
        )
    return MappingProxyType(variables), unset


def _mapped(project: Project, written: Setting) -> Mapped | None:
    """What Compose replaces in JSON, so that its parts can be found in the file."""
    value = written.value
    if not isinstance(value, str) or "$" not in value or not value.lstrip().startswith(("{", "[", "/")):
        return None
    try:
        return project.text(value).mapped
    except InterpolationError:
        return None


def _from_files(project: Project, service: Setting, read: Reader, unseen: list[Location]) -> Iterator[Variable]:
    env_file = service.get("env_file")
    if env_file is None:
        return
    known = dict(project.variables)
    for item in env_file.items if env_file.kind == "array" else (env_file,):
        path = item.get("path") if item.kind == "object" else item
        form = item.get("format") if item.kind == "object" else None
        if path is None or not isinstance(path.value, str):
            continue
        source = read(_base(project, path) / path.value, Kind.ENVIRONMENT)
        if source is None:
            if path.origin.location is not None:
                unseen.append(path.origin.location)
            continue
        raw = form is not None and form.value == "raw"
        for line in dotenv.read(source.document.text, known, raw=raw):
            value = line.value if line.value is not None else project.variables.get(line.name)
            if value is not None:
                known[line.name] = value
            yield Variable(
                line.name,
                value,
                source.place(line.name_span),
                source.place(line.value_span) if line.value_span is not None else None,
            )


def _base(project: Project, setting: Setting) -> Path:
    """The folder against which a path is resolved: the project's, or that of a file that was included or extended."""
    place = setting.origin.location
    if place is None or place.source in project.sources:
        return project.folder
    return Path(place.source.folder)


def host_path(project: Project, setting: Setting, written: str) -> str | None:
    """The path on this machine that a volume names; None for a named volume and for the home folder."""
    if written.startswith(("./", "../", "/")) or written in (".", ".."):
        return str(_base(project, setting) / written)
    return None


def _volumes(project: Project, service: Setting) -> Iterator[Mount]:
    volumes = service.get("volumes")
    for item in volumes.items if volumes is not None else ():
        place = item.origin.location
        if place is None:
            continue
        if item.kind == "object":
            yield from _long_volume(project, item, place)
        elif (text := _text(item)) is not None:
            source, target, mode = _short_volume(text)
            path = host_path(project, item, source) if source is not None else None
            outside = source is not None and source.startswith(("~", "$"))
            kind = "bind" if path is not None or outside or (source and _WINDOWS_DRIVE.match(source)) else "volume"
            yield Mount(path if path is not None else source, target, "ro" in mode.split(","), place, kind)


def _short_volume(text: str) -> tuple[str | None, str, str]:
    """Source, target and mode of ``[SOURCE:]TARGET[:MODE]``; a colon behind a drive's letter is no separator."""
    head = ""
    if _WINDOWS_DRIVE.match(text):
        head, text = text[:2], text[2:]
    parts = text.split(":")
    if len(parts) == 1:
        return None, head + parts[0], ""
    if len(parts) == 2 and not head and _MODE.match(parts[1]) and not parts[1].startswith("/"):
        return None, parts[0], parts[1]
    return head + parts[0], parts[1], ":".join(parts[2:])


def _long_volume(project: Project, item: Setting, place: Location) -> Iterator[Mount]:
    target = _text(item.get("target"))
    if target is None:
        return
    source = item.get("source")
    kind = _text(item.get("type")) or "volume"
    read_only = item.get("read_only")
    path = _text(source)
    if kind == "bind" and path is not None and source is not None:
        path = host_path(project, source, path if path.startswith(("/", ".")) else f"./{path}")
    yield Mount(path, target, read_only is not None and read_only.value is True, place, kind)


def _configs(project: Project, service: Setting) -> Iterator[Mount]:
    yield from _handed_over(project, service, "configs", "config")


def _secrets(project: Project, service: Setting) -> Iterator[Mount]:
    yield from _handed_over(project, service, "secrets", "secret")


def _handed_over(project: Project, service: Setting, key: str, kind: str) -> Iterator[Mount]:
    """Configs and secrets: the service names them, the top of the file says where they come from."""
    given = service.get(key)
    defined = project.root.get(key)
    for item in given.items if given is not None else ():
        place = item.origin.location
        name = _text(item.get("source") if item.kind == "object" else item)
        if place is None or name is None:
            continue
        target = _text(item.get("target")) if item.kind == "object" else None
        if kind == "secret":
            target = target or name
            target = target if target.startswith("/") else f"/run/secrets/{target}"
        else:
            target = target or f"/{name}"
        definition = defined.get(name) if defined is not None else None
        file = definition.get("file") if definition is not None else None
        path = None
        if file is not None and isinstance(file.value, str):
            written = _text(project.put_in(file)) or ""
            path = str(_base(project, file) / written)
        content = definition.get("content") if definition is not None and kind == "config" else None
        source = _written_out(project, content, name) if content is not None else None
        files = MappingProxyType({target: source} if source is not None else {})
        yield Mount(path, target, read_only=True, location=place, kind=kind, files=files)


def _written_out(project: Project, content: Setting, name: str) -> Source | None:
    """A config whose text stands in the Compose file itself, its variables put in, its places those of that file."""
    place, node = content.origin.location, content.node
    if place is None or node is None or node.kind != "string" or not isinstance(node.value, str):
        return None
    recognised = recognise(node.value.encode("utf-8", "surrogateescape"))
    kind = recognised.kind if recognised is not None else Kind.ORTHANC
    if kind in (Kind.COMPOSE, Kind.KUBERNETES, Kind.HELM):
        return None
    inner = embedded(place.source.document, node)
    if "$" in node.value:
        try:
            # What only the host knows stays as it is written where no reader of its own would ask for it.
            made = project.text(node.value) if kind is Kind.ORTHANC else project.text(node.value, _as_written)
        except InterpolationError as error:
            project.problems.append(
                Stop(f"Docker Compose refuses the file: {error.message}", place, "dollar-in-compose")
            )
            return None
        project.unset.extend(UnsetVariable(missing.name, place) for missing in made.missing)
        inner = substituted(inner, made.mapped.text, made.mapped.origin)
    return Source(place.source.path, kind, inner, place.source.folder, f"config {name}")


def _as_written(expression: str, _before: str) -> str:
    return expression


def _last_of_each_target(mounts: tuple[Mount, ...]) -> tuple[Mount, ...]:
    by_target: dict[str, Mount] = {}
    for mount in mounts:
        by_target[posixpath.normpath(mount.target)] = mount
    return tuple(by_target.values())


def _ports(service: Setting) -> Mapping[str, Location]:
    ports: dict[str, Location] = {}
    given = service.get("ports")
    for item in given.items if given is not None else ():
        place = item.origin.location
        if place is None:
            continue
        if item.kind == "object":
            target, published = _text(item.get("target")), _text(item.get("published"))
            if target is not None:
                ports[f"{published}:{target}" if published else target] = place
        elif (text := _text(item)) is not None:
            ports[text] = place
    return MappingProxyType(ports)


def _names(name: str, service: Setting) -> frozenset[str]:
    names = {name}
    for key in ("container_name", "hostname"):
        if (text := _text(service.get(key))) is not None:
            names.add(text)
    networks = service.get("networks")
    for entry in names_as_object(networks).members.values() if networks is not None else ():
        aliases = entry.setting.get("aliases")
        names.update(str(item.value) for item in (aliases.items if aliases is not None else ()))
    return frozenset(names)
