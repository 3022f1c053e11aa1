"""Kubernetes manifests as containers: ConfigMaps, Secrets and the workloads that use them.

Source: the Kubernetes API reference, ``v1`` PodSpec, ConfigMap, Secret, Service and ``apps/v1`` workloads.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from policy import text
from policy.configuration.deployment import Container, Mount, Variable
from policy.configuration.recognise import recognise
from policy.configuration.setting import Entry, Setting
from policy.configuration.source import Kind, Location, Source
from policy.records import dataclass, field, replace
from policy.regex import regex
from policy.text import Node

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob")
_REFERENCE = regex(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")


@dataclass(slots=True)
class _Objects:
    """What the manifests define, by name."""

    texts: dict[tuple[str, str], Mapping[str, Entry]] = field(default_factory=dict)
    """Members of ConfigMaps and Secrets by (kind, name)."""
    encoded: set[tuple[str, str, str]] = field(default_factory=set)
    """Members (kind, name, key) that are written in Base64."""
    workloads: list[Setting] = field(default_factory=list)
    services: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    """Names of services with the labels that they select."""


def containers(sources: Sequence[Source]) -> Iterator[Container]:
    """The containers of the workloads in ``sources``, which are taken together."""
    objects = _Objects()
    for source in sources:
        for root in roots(source):
            _collect(Setting.from_node(source, root), objects)
    project = " ".join(source.path for source in sources)
    for workload in objects.workloads:
        for container in _of_workload(workload, objects):
            yield replace(container, project=project)


def roots(source: Source) -> Iterator[Node]:
    """The documents of a file, the items of a ``List`` each for itself."""
    document = source.document
    for root in getattr(document, "roots", None) or ((document.root,) if document.root is not None else ()):
        kind = root.get("kind") if root.kind == "object" else None
        items = root.get("items")
        if kind is not None and isinstance(kind.value, str) and kind.value.endswith("List") and items is not None:
            yield from items.items
        else:
            yield root


def _collect(thing: Setting, objects: _Objects) -> None:
    kind, name = _word(thing.get("kind")), _word(thing.get("metadata", "name"))
    if kind in ("ConfigMap", "Secret") and name is not None:
        members: dict[str, Entry] = {}
        for key in ("data", "stringData"):
            inner = thing.get(key)
            for member, entry in (inner.members if inner is not None else {}).items():
                members[member] = entry
                if kind == "Secret" and key == "data":
                    objects.encoded.add((kind, name, member))
        objects.texts[kind, name] = members
    elif kind == "Service" and name is not None:
        selector = thing.get("spec", "selector")
        labels = {key: str(entry.setting.value) for key, entry in (selector.members if selector else {}).items()}
        objects.services.append((name, labels))
    elif kind in _WORKLOADS:
        objects.workloads.append(thing)


def _word(setting: Setting | None) -> str | None:
    return setting.value if setting is not None and isinstance(setting.value, str) else None


def _of_workload(workload: Setting, objects: _Objects) -> Iterator[Container]:
    spec = workload.get("spec")
    while spec is not None and spec.get("containers") is None:
        template = spec.get("template") or spec.get("jobTemplate")
        spec = template.get("spec") if template is not None else None
        if template is not None and spec is not None:
            workload = template
    if spec is None:
        return
    labels = workload.get("metadata", "labels")
    own = {key: str(entry.setting.value) for key, entry in (labels.members if labels is not None else {}).items()}
    names = {name for name, wanted in objects.services if wanted and wanted.items() <= own.items()}
    volumes = {_word(item.get("name")): item for item in _items(spec.get("volumes"))}
    for item in _items(spec.get("containers")):
        container = _container(item, volumes, objects, names)
        if container is not None:
            yield container


def _items(setting: Setting | None) -> tuple[Setting, ...]:
    return setting.items if setting is not None else ()


def _container(
    item: Setting, volumes: Mapping[str | None, Setting], objects: _Objects, names: set[str]
) -> Container | None:
    named, image = item.get("name"), item.get("image")
    place = (named or item).origin.location
    if place is None:
        return None
    mounts = tuple(mount for each in _items(item.get("volumeMounts")) for mount in _mounts(each, volumes, objects))
    args, entrypoint = item.get("args"), item.get("command")
    name = _word(named) or "container"
    return Container(
        name=name,
        source=place.source,
        location=place,
        image=_word(image),
        image_location=image.origin.location if image is not None else None,
        environment=MappingProxyType(_environment(item, objects)),
        mounts=mounts,
        secrets=MappingProxyType({posixpath.basename(m.target): m.location for m in mounts if m.kind == "secret"}),
        names=frozenset({name, *names}),
        command=tuple(str(word.value) for word in args.items) if args is not None and args.items else None,
        command_location=args.origin.location if args is not None else None,
        entrypoint=entrypoint.origin.location if entrypoint is not None and entrypoint.items else None,
        unseen=tuple(_not_given(item, objects)),
    )


def _not_given(item: Setting, objects: _Objects) -> Iterator[Location]:
    """The ConfigMaps and Secrets that the container takes all its variables from and that are not among the files."""
    for each in _items(item.get("envFrom")):
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = each.get(key)
            if reference is None or (kind, _word(reference.get("name")) or "") in objects.texts:
                continue
            if reference.origin.location is not None:
                yield reference.origin.location


def _environment(item: Setting, objects: _Objects) -> dict[str, Variable]:
    variables: dict[str, Variable] = {}
    for each in _items(item.get("envFrom")):
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = each.get(key)
            name = _word(reference.get("name")) if reference is not None else None
            prefix = _word(each.get("prefix")) or ""
            for member, entry in objects.texts.get((kind, name or ""), {}).items():
                value = _held(objects, kind, name or "", member, entry)
                _add(variables, prefix + member, value, entry.key_origin.location, entry.setting)
    for each in _items(item.get("env")):
        named = each.get("name")
        name = _word(named)
        if named is None or name is None:
            continue
        place = named.origin.location
        given, origin = each.get("value"), each.get("valueFrom")
        if given is not None:
            value = _filled(str(given.value), variables) if given.value is not None else ""
            _add(variables, name, value, place, given)
        elif origin is not None:
            _from_reference(variables, name, place, origin, objects)
    return variables


def _from_reference(
    variables: dict[str, Variable], name: str, place: Location | None, origin: Setting, objects: _Objects
) -> None:
    for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        reference = origin.get(key)
        if reference is None:
            continue
        holder, member = _word(reference.get("name")) or "", _word(reference.get("key")) or ""
        entry = objects.texts.get((kind, holder), {}).get(member)
        if entry is not None:
            _add(variables, name, _held(objects, kind, holder, member, entry), place, entry.setting)
            return
    _add(variables, name, None, place, None)


def _held(objects: _Objects, kind: str, name: str, member: str, entry: Entry) -> str | None:
    value = str(entry.setting.value) if entry.setting.value is not None else ""
    if (kind, name, member) not in objects.encoded:
        return value
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _add(
    variables: dict[str, Variable], name: str, value: str | None, place: Location | None, written: Setting | None
) -> None:
    if place is not None:
        at = written.origin.location if written is not None else None
        variables.pop(name, None)
        variables[name] = Variable(name, value, place, at, written, marked=value)


def _filled(value: str, variables: Mapping[str, Variable]) -> str:
    """``$(NAME)`` is replaced by an earlier variable, ``$$`` is a dollar; what is not set stays."""

    def replaced(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        earlier = variables.get(match[1])
        return earlier.text if earlier is not None and earlier.text is not None else match[0]

    return _REFERENCE.sub(replaced, value) if "$" in value else value


def _mounts(item: Setting, volumes: Mapping[str | None, Setting], objects: _Objects) -> Iterator[Mount]:
    target, place = _word(item.get("mountPath")), item.origin.location
    if target is None or place is None:
        return
    sub_path = _word(item.get("subPath"))
    volume = volumes.get(_word(item.get("name")))
    read_only = item.get("readOnly")
    writable = read_only is None or read_only.value is not True
    for key, kind, name_key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
        held = volume.get(key) if volume is not None else None
        if held is None:
            continue
        name = _word(held.get(name_key)) or ""
        known = objects.texts.get((kind, name))
        paths = {_word(each.get("key")) or "": _word(each.get("path")) or "" for each in _items(held.get("items"))}
        if known is None:
            yield Mount(None, target, read_only=True, location=place, kind=key, unseen=True)
            return
        for member, entry in known.items():
            file = paths.get(member, member) if paths else member
            if (paths and member not in paths) or (sub_path is not None and file != sub_path):
                continue
            at = target if sub_path is not None else posixpath.join(target, file)
            if kind == "Secret":
                yield Mount(None, at, read_only=True, location=place, kind="secret")
                continue
            source = _source(entry, member)
            files = MappingProxyType({at: source} if source is not None else {})
            yield Mount(None, at, read_only=True, location=place, kind="config", files=files)
        return
    yield Mount(None, target, read_only=not writable, location=place, kind="volume")


def _source(entry: Entry, name: str) -> Source | None:
    """The file that a member of a ConfigMap is, its places those of the manifest."""
    place, node = entry.setting.origin.location, entry.setting.node
    if place is None or node is None or not isinstance(node.value, str):
        return None
    recognised = recognise(node.value.encode("utf-8", "surrogateescape"))
    kind = recognised.kind if recognised is not None else Kind.ORTHANC
    if kind in (Kind.COMPOSE, Kind.KUBERNETES, Kind.HELM):
        return None
    inner = text.embedded(place.source.document, node)
    bare = recognised is not None and recognised.bare_section
    return Source(place.source.path, kind, inner, place.source.folder, name, bare_section=bare)
