"""The effective configuration as rows: path, value with secrets masked, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.configuration.deployment import OrthancServer
from policy.configuration.secrets import MASK, holds_users, is_secret_option, masked
from policy.configuration.setting import Entry, Means, Origin, Setting
from policy.knowledge import environment
from policy.records import dataclass

_NO_DEFAULT = ("", "absent", "see the keys below it")


@dataclass(frozen=True, slots=True)
class Row:
    """One option of the effective configuration."""

    path: tuple[str, ...]
    value: Any
    """The plain value, secrets masked."""
    origin: Origin
    replaced: tuple[Origin, ...] = ()
    """Where the values come from that this one replaced, the last first."""
    undetermined: bool = False
    """Whether the order of this value and the one that it replaced is not determined."""
    known: bool = True

    @property
    def dotted(self) -> str:
        """The path with dots between."""
        return ".".join(self.path)


def effective(server: OrthancServer, *, defaults: bool = False) -> tuple[Row, ...]:
    """The configuration of ``server`` as rows, in its order; an array is one row, an empty object too.

    ``defaults`` adds the options that nobody set, with the value that core or plugin take.
    """
    rows = list(_rows(server.configuration, (), None))
    if defaults:
        rows.extend(_defaults(server, {row.path for row in rows}))
    return tuple(rows)


def _rows(setting: Setting, path: tuple[str, ...], entry: Entry | None) -> Iterator[Row]:
    if setting.kind == "object" and setting.members and not _hidden_whole(path):
        for key, member in setting.members.items():
            yield from _rows(member.setting, (*path, key), member)
        return
    if not path:
        return
    replaced: list[Origin] = []
    earlier = entry.replaced if entry is not None else None
    while earlier is not None:
        replaced.append(earlier.setting.origin)
        earlier = earlier.replaced
    yield Row(
        tuple(map(masked, path)),
        plain(setting, path),
        setting.origin,
        tuple(replaced),
        entry is not None and entry.undetermined,
        setting.known,
    )


def _hidden_whole(path: tuple[str, ...]) -> bool:
    return bool(path) and is_secret_option(path)


def plain(setting: Setting, path: tuple[str, ...]) -> Any:
    """The plain value of a setting at ``path`` with its secrets masked."""
    if path and _is_secret(setting, path):
        return setting.value if setting.value in (None, "") and setting.kind != "object" else MASK
    if setting.kind == "object":
        return {key: plain(entry.setting, (*path, key)) for key, entry in setting.members.items()}
    if setting.kind == "array":
        return [plain(item, (*path, str(index))) for index, item in enumerate(setting.items)]
    return masked(setting.value) if isinstance(setting.value, str) else setting.value


def _is_secret(setting: Setting, path: tuple[str, ...]) -> bool:
    """Whether the value is secret by its name, or because it came out of a secret's file."""
    if is_secret_option(path) or (setting.kind != "object" and holds_users(path[-1])):
        return True
    return setting.origin.means is Means.SECRET and setting.kind == "string"


def _defaults(server: OrthancServer, there: set[tuple[str, ...]]) -> Iterator[Row]:
    for option in environment.options():
        path = tuple(option.path.split("."))
        if path in there or (option.default is None and option.default_in_words in _NO_DEFAULT):
            continue
        if server.configuration.get(*path) is not None:
            continue
        if option.section and not _loaded(server, option.section):
            continue
        means = Means.PLUGIN_DEFAULT if option.section else Means.CORE_DEFAULT
        value = option.default if option.default is not None else f"({option.default_in_words})"
        yield Row(path, value, Origin(means))


def _loaded(server: OrthancServer, section: str) -> bool:
    if server.enabled_plugins is not None:
        return section in server.enabled_plugins
    return section in server.configuration.members
