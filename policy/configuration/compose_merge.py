"""How Compose puts trees together: ``<<`` within a file, one file over another, a service that extends another.

Source: the Compose specification, chapters "Fragments", "Merge" and "Extend".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from policy.configuration.compose_tags import tag_of
from policy.configuration.setting import Entry, Setting
from policy.records import replace

_REPLACED_WHOLE = frozenset({"command", "entrypoint", "test"})
"""Lists that a later file replaces instead of extending them."""
_LISTS_OF_PAIRS = frozenset({"environment", "labels", "args", "sysctls", "annotations"})
"""Keys whose value may be a list of NAME=value or an object, which mean the same."""
_LISTS_OF_NAMES = frozenset({"depends_on", "networks"})
"""Keys whose value may be a list of names or an object with these names as keys."""


def flatten(setting: Setting) -> Setting:
    """``setting`` with every ``<<`` resolved: what it names is put in where the key is not written out."""
    if setting.kind == "array":
        items = tuple(flatten(item) for item in setting.items)
        same = all(new is old for new, old in zip(items, setting.items, strict=True))
        return setting if same else replace(setting, items=items)
    if setting.kind != "object":
        return setting
    members: dict[str, Entry] = {}
    changed = False
    for key, entry in setting.members.items():
        value = flatten(entry.setting)
        changed = changed or value is not entry.setting or key == "<<"
        if key != "<<":
            members[key] = entry if value is entry.setting else replace(entry, setting=value)
            continue
        for merged in value.items if value.kind == "array" else (value,):
            for name, inherited in merged.members.items():
                members.setdefault(name, inherited)
    if not changed:
        return setting
    own = {key: members[key] for key in setting.members if key != "<<"}
    inherited_only = {key: entry for key, entry in members.items() if key not in own}
    return replace(setting, members=MappingProxyType({**inherited_only, **own}))


def override(base: Setting, later: Setting, key: str = "") -> Setting:
    """``base`` under ``later``: objects are merged, lists extended, the rest replaced.

    What is tagged ``!override`` replaces all that is there, and so does ``!reset``, which is dropped in the end.
    """
    if tag_of(later) is not None:
        return later
    if key in _LISTS_OF_PAIRS:
        base, later = as_object(base), as_object(later)
    elif key in _LISTS_OF_NAMES and base.kind != later.kind:
        base, later = names_as_object(base), names_as_object(later)
    if base.kind == "object" and later.kind == "object":
        members = dict(base.members)
        for name, entry in later.members.items():
            earlier = members.get(name)
            if earlier is None:
                members[name] = entry
            else:
                merged = override(earlier.setting, entry.setting, name)
                both = merged.kind == "object" and earlier.setting.kind == "object"
                first = earlier.key_origin if both else entry.key_origin
                members[name] = replace(entry, key_origin=first, setting=merged, replaced=earlier)
        return replace(later, members=MappingProxyType(members))
    if base.kind == "array" and later.kind == "array" and key not in _REPLACED_WHOLE:
        return replace(later, items=(*base.items, *later.items))
    return later


def as_object(setting: Setting) -> Setting:
    """A list of ``NAME=value`` as the object that it means; a name alone has the value null."""
    if setting.kind != "array":
        return setting
    members: dict[str, Entry] = {}
    for item in setting.items:
        if not isinstance(item.value, str):
            continue
        name, equals, value = item.value.partition("=")
        kind = "string" if equals else "null"
        members[name] = Entry(name, item.origin, Setting(kind, item.origin, value if equals else None, node=item.node))
    return Setting("object", setting.origin, members=MappingProxyType(members))


def names_as_object(setting: Setting) -> Setting:
    """A list of names as an object with these keys and no values."""
    if setting.kind != "array":
        return setting
    members = {
        str(item.value): Entry(str(item.value), item.origin, Setting("null", item.origin)) for item in setting.items
    }
    return Setting("object", setting.origin, members=MappingProxyType(members))


def without(setting: Setting, *keys: str) -> Setting:
    """``setting`` without some of its members."""
    members: Mapping[str, Entry] = {name: entry for name, entry in setting.members.items() if name not in keys}
    return replace(setting, members=MappingProxyType(dict(members)))
