"""``!reset`` and ``!override``: how a Compose file takes back what an earlier one, or the service it extends, says.

Source: the Compose specification, chapter "Merge"; compose-spec/compose-go ``loader/reset.go``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from types import MappingProxyType

from policy.configuration.setting import Entry, Setting
from policy.configuration.source import Source
from policy.records import replace

_NOTHING = re.compile(r"\s*(?:&\S+\s*)?")
RESET, OVERRIDE = "!reset", "!override"


def tag_of(setting: Setting) -> str | None:
    """The tag of Compose that stands before a value; None where there is none."""
    source, span = setting.origin.source, setting.origin.span
    if source is None or span is None:
        return None
    starts, tags = _tags(source)
    if not starts:
        return None
    index = bisect_left(starts, span.start + 1) - 1
    if index < 0:
        return None
    between = source.document.text[starts[index] + len(tags[index]) : span.start]
    # An empty value has its place where its tag has it; between another value and its tag stands an anchor at most.
    own = span.start == starts[index] or _NOTHING.fullmatch(between) is not None
    return tags[index] if own else None


@lru_cache(maxsize=16)
def _tags(source: Source) -> tuple[list[int], list[str]]:
    found = [note for note in source.document.leniencies if note.kind == "tag" and note.detail in (RESET, OVERRIDE)]
    return [note.span.start for note in found], [note.detail for note in found]


def without_reset(setting: Setting) -> Setting:
    """``setting`` without the members that are reset: Compose takes them for not written."""
    if setting.kind == "array":
        items = tuple(without_reset(item) for item in setting.items if tag_of(item) != RESET)
        same = len(items) == len(setting.items) and all(
            new is old for new, old in zip(items, setting.items, strict=True)
        )
        return setting if same else replace(setting, items=items)
    if setting.kind != "object":
        return setting
    members: dict[str, Entry] = {}
    changed = False
    for key, entry in setting.members.items():
        if tag_of(entry.setting) == RESET:
            changed = True
            continue
        value = without_reset(entry.setting)
        changed = changed or value is not entry.setting
        members[key] = entry if value is entry.setting else replace(entry, setting=value)
    return replace(setting, members=MappingProxyType(members)) if changed else setting
