"""How trees of settings are put together by the image's script, and how the core puts together several files.

Sources: orthanc-server/orthanc-builder ``docker/orthanc/configurator.py`` 26.8.1 (run);
orthanc-mirrors/orthanc ``OrthancServer/Sources/OrthancConfiguration.cpp`` branches/Orthanc-1.12.3 and 1.13.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from policy.configuration.setting import Entry, Means, Origin, Setting
from policy.records import dataclass, replace


@dataclass(frozen=True, slots=True)
class Crash:
    """An object lands on something that is none: the script dies on an uncaught error."""

    path: tuple[str, ...]
    earlier: Entry
    later: Entry


def merge(
    base: Setting,
    later: Setting,
    crashes: list[Crash],
    *,
    unordered: Means | None = None,
    path: tuple[str, ...] = (),
) -> Setting:
    """``later`` merged into ``base`` as the script does.

    Objects merge key by key and recursively; anything else replaces, also an object.
    Values that came by the means ``unordered`` and are replaced are marked: the order of the two is not fixed.
    Where an object comes to lie on a scalar, an array or null the script dies; this is noted in ``crashes``, and the
    later value is taken so that the rest can still be looked at.
    """
    members = dict(base.members)
    for key, entry in later.members.items():
        earlier = members.get(key)
        if earlier is None:
            members[key] = entry
        elif entry.setting.kind == "object" and earlier.setting.kind == "object":
            merged = merge(earlier.setting, entry.setting, crashes, unordered=unordered, path=(*path, key))
            members[key] = replace(earlier, setting=merged)
        else:
            if entry.setting.kind == "object":
                crashes.append(Crash((*path, key), earlier, entry))
            open_order = unordered is not None and earlier.setting.origin.means is unordered
            members[key] = replace(entry, replaced=earlier, undetermined=open_order)
    return replace(base, members=MappingProxyType(members))


@dataclass(frozen=True, slots=True)
class Conflict:
    """A top-level key that stands in two files: the core does not start."""

    first: Entry
    second: Entry


def merge_by_core(files: Iterable[Setting]) -> tuple[Setting | None, tuple[Conflict, ...]]:
    """Several files as the core takes them: side by side, no top-level key twice, even with equal values.

    Of a conflict the first stays, so that the rest can still be looked at.
    """
    root: Setting | None = None
    conflicts: list[Conflict] = []
    for file in files:
        if root is None:
            root = file
            continue
        members = dict(root.members)
        for key, entry in file.members.items():
            if key in members:
                conflicts.append(Conflict(members[key], entry))
            else:
                members[key] = entry
        root = replace(root, members=MappingProxyType(members))
    return root, tuple(conflicts)


def nested(path: tuple[str, ...], setting: Setting, key_origin: Origin) -> Setting:
    """``setting`` under ``path``, as the script builds it from a variable."""
    for key in reversed(path):
        entry = Entry(key, key_origin, setting)
        setting = Setting("object", key_origin, members=MappingProxyType({key: entry}))
    return setting


def with_defaults(base: Setting, defaults: dict[str, Any], origin: Origin) -> Setting:
    """``base`` with ``defaults`` added where a key is absent, recursively; a key set to null is there."""
    members = dict(base.members)
    for key, value in defaults.items():
        entry = members.get(key)
        if entry is None:
            members[key] = Entry(key, origin, from_python(value, origin))
        elif isinstance(value, dict) and entry.setting.kind == "object":
            members[key] = replace(entry, setting=with_defaults(entry.setting, value, origin))
    return replace(base, members=MappingProxyType(members))


def from_python(value: Any, origin: Origin) -> Setting:
    """A plain value as a setting, all of it with one origin."""
    if isinstance(value, dict):
        members = {str(key): Entry(str(key), origin, from_python(item, origin)) for key, item in value.items()}
        return Setting("object", origin, members=MappingProxyType(members))
    if isinstance(value, list | tuple):
        return Setting("array", origin, items=tuple(from_python(item, origin) for item in value))
    kind = "null" if value is None else "boolean" if isinstance(value, bool) else "string"
    if not isinstance(value, bool) and isinstance(value, int | float):
        kind = "number"
    return Setting(kind, origin, value)


def empty(means: Means = Means.FILE) -> Setting:
    """An object without members that stands nowhere."""
    return Setting("object", Origin(means))
