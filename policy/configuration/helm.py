"""Helm values as containers: an image with its variables, and texts that hold a configuration.

Charts are free in their names, so this goes by what is common: ``image`` with ``repository`` and ``tag``, ``env`` and
its kin beside it, and texts that are recognised by their content.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from policy import text
from policy.configuration.deployment import Container, Mount, Variable
from policy.configuration.recognise import recognise
from policy.configuration.setting import Entry, Setting
from policy.configuration.source import Kind, Source
from policy.knowledge import images

_VARIABLES = ("env", "environment", "extraEnv", "extraEnvVars", "envVars", "extraEnvs", "envs")
_TARGETS = {
    Kind.ORTHANC: "/etc/orthanc/{name}.json",
    Kind.PERMISSIONS: "/orthanc_auth_service/permissions.json",
    Kind.ANONYMOUS: "/orthanc_auth_service/anonymous-profile.json",
}
_FAMILY = {Kind.ORTHANC: "orthanc", Kind.PERMISSIONS: "auth-service", Kind.ANONYMOUS: "auth-service"}


def containers(source: Source) -> Iterator[Container]:
    """The containers that a file of values describes, each with the texts that its kind reads."""
    root = source.document.root
    if root is None or root.kind != "object":
        return
    tree = Setting.from_node(source, root)
    held = list(_texts(tree))
    for key, entry, image in _images(tree, "values", None):
        facts = images.resolve(image)
        if facts is None:
            continue
        place = (entry.key_origin if entry is not None else tree.origin).location
        if place is None:
            continue
        holder = entry.setting if entry is not None else tree
        written = holder.get("image")
        yield Container(
            name=key,
            source=source,
            location=place,
            project=source.path,
            image=image,
            image_location=written.origin.location if written is not None else None,
            environment=MappingProxyType(_environment(holder, tree)),
            mounts=tuple(mount for kind, mount in held if _FAMILY[kind] == facts.family),
            names=frozenset({key}),
        )


def _images(tree: Setting, key: str, entry: Entry | None) -> Iterator[tuple[str, Entry | None, str]]:
    """Each object with an image, by its key, with the image's reference."""
    image = tree.get("image")
    if image is not None:
        if isinstance(image.value, str):
            yield key, entry, image.value
        elif image.kind == "object":
            parts = {name: image.get(name) for name in ("registry", "repository", "tag")}
            words = {name: str(part.value) for name, part in parts.items() if part is not None and part.value}
            if "repository" in words:
                registry = f"{words['registry']}/" if "registry" in words else ""
                tag = f":{words['tag']}" if "tag" in words else ""
                yield key, entry, f"{registry}{words['repository']}{tag}"
    for name, member in tree.members.items():
        if member.setting.kind == "object" and name != "image":
            yield from _images(member.setting, name, member)


def _environment(holder: Setting, tree: Setting) -> dict[str, Variable]:
    variables: dict[str, Variable] = {}
    for where in (tree, holder) if holder is not tree else (tree,):
        for key in _VARIABLES:
            given = where.get(key)
            if given is None:
                continue
            for name, place_of, value in _pairs(given):
                place = place_of.origin.location
                if place is None:
                    continue
                scalar = value.value if value is not None and value.kind not in ("object", "array") else None
                words = ("true" if scalar else "false") if isinstance(scalar, bool) else scalar
                written = str(words) if words is not None else None
                at = value.origin.location if value is not None else None
                variables[name] = Variable(name, written, place, at, value, marked=written)
    return variables


def _pairs(given: Setting) -> Iterator[tuple[str, Setting, Setting | None]]:
    if given.kind == "object":
        for name, entry in given.members.items():
            yield name, Setting("string", entry.key_origin, name), entry.setting
    for item in given.items:
        named = item.get("name")
        if named is not None and isinstance(named.value, str):
            yield named.value, named, item.get("value")


def _texts(tree: Setting) -> Iterator[tuple[Kind, Mount]]:
    """Texts anywhere in the values that are files of the server or of the auth service."""
    pending = [("values", tree)]
    while pending:
        key, setting = pending.pop()
        pending.extend((name, entry.setting) for name, entry in setting.members.items() if name not in _VARIABLES)
        pending.extend((key, item) for item in setting.items)
        place, node = setting.origin.location, setting.node
        if not isinstance(setting.value, str) or place is None or node is None:
            continue
        if not setting.value.lstrip().startswith(("{", "//", "/*")):
            continue
        recognised = recognise(setting.value.encode("utf-8", "surrogateescape"))
        if recognised is None or recognised.kind not in _TARGETS:
            continue
        inner = text.embedded(place.source.document, node)
        source = Source(place.source.path, recognised.kind, inner, place.source.folder, key)
        target = _TARGETS[recognised.kind].format(name=key.removesuffix(".json"))
        files = MappingProxyType({target: source})
        yield recognised.kind, Mount(None, target, read_only=True, location=place, kind="config", files=files)
