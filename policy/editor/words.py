"""The words that completion offers, each with a line on what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol.types import CompletionItemKind as Icon

from policy.configuration.source import Kind
from policy.editor.content import AVAILABLE_KEYS, LABEL_KEYS, LISTS, SECTION, What
from policy.knowledge import environment, permissions, plugin, plugin_options, service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policy.configuration.deployment import OrthancServer
    from policy.editor.buffers import Buffer
    from policy.editor.cursor import Path
    from policy.editor.state import State
    from policy.knowledge.versions import Version

_METHODS = ("get", "post", "put", "delete")
_TAIL = re.compile(r"\{path\}|\*")
_IDENTIFIER = re.compile(r"\{(?:id|uuid)\}")
_SEGMENT = re.compile(r"\{[^}]*\}")


class Word(NamedTuple):
    """A word with its kind, a few words on it, and a sentence; ``written``: it comes from a file."""

    text: str
    kind: Icon
    detail: str = ""
    about: str = ""
    written: bool = False


def prepare() -> None:
    """Load the tables, before anybody asks."""
    for table in (plugin_options.options, environment.options, service.environment, service.file_keys):
        table()
    permissions.permissions()
    plugin.newest()
    _patterns(plugin.DICOM_WEB_ROOT)


def is_asked(path: Path) -> bool:
    """Whether a path is that of the permissions of a rule, which stand between bars."""
    return len(path) == 4 and path[0] == SECTION and path[1] in LISTS and path[3] == 2


# -- keys ------------------------------------------------------------------------------------------------------------


def keys(kind: Kind | None, path: Path, there: frozenset[str], buffer: Buffer, state: State) -> Iterator[Word]:
    """The keys of the object at ``path``, without those that are ``there``."""
    if kind is Kind.ORTHANC:
        found = _option_keys(path, _server(buffer, state))
    elif kind in (Kind.PERMISSIONS, Kind.ANONYMOUS):
        found = _file_keys(kind, path, _service_version(buffer, state))
    else:
        return
    yield from (word for word in found if word.text not in there)


def _option_keys(path: Path, server: OrthancServer | None) -> Iterator[Word]:
    if path == (SECTION,):
        version = server.plugin.version if server is not None else plugin.newest().version
        for option in plugin_options.options_of(version):
            yield Word(option.name, Icon.Property, " or ".join(option.types), option.meaning)
        return
    if not path:
        yield Word(SECTION, Icon.Module, "object", "Who may send which request.")
    before = ".".join(map(str, path)) + "." if path else ""
    seen = {SECTION}
    for known in environment.options():
        if known.path.startswith(before):
            key, _, below = known.path.removeprefix(before).partition(".")
            if key not in seen:
                seen.add(key)
                yield Word(
                    key, Icon.Module if below else Icon.Property, "object" if below else " or ".join(known.types)
                )


def _file_keys(kind: Kind, path: Path, version: Version) -> Iterator[Word]:
    file = "permissions.json" if kind is Kind.PERMISSIONS else "anonymous-profile.json"
    for row in service.file_keys():
        *above, last = row.path.split(".")
        fits = len(above) == len(path) and all(one in ("*", str(own)) for one, own in zip(above, path, strict=True))
        if row.file == file and fits and last != "*" and version in row.versions:
            yield Word(last, Icon.Property, row.type, row.note)


# -- values ----------------------------------------------------------------------------------------------------------


def values(kind: Kind, path: Path, before: str, buffer: Buffer, state: State) -> Iterable[Word]:
    """What the value at ``path`` may be; ``before`` is what is typed of it."""
    if kind is Kind.ORTHANC:
        return _option_values(path, before, buffer, state)
    last = next((step for step in reversed(path) if isinstance(step, str)), "")
    if last in (*LABEL_KEYS, *AVAILABLE_KEYS):
        return _labels(buffer, state)
    if last == "permissions":
        return _permissions(buffer, state, held=True)
    return ()


def _option_values(path: Path, before: str, buffer: Buffer, state: State) -> Iterable[Word]:
    if len(path) < 2 or path[0] != SECTION:
        return ()
    option = path[1]
    if option in LISTS:
        column = path[3] if len(path) == 4 else None
        if column == 0:
            return [Word(method, Icon.EnumMember, "method") for method in _METHODS]
        if column == 1:
            return _route_words(before, buffer, state)
        return _permissions(buffer, state, held=False) if column == 2 else ()
    if option in ("CheckedLevel", "UncheckedLevels"):
        levels = plugin_options.enumeration("access-level").values
        return [Word(spellings[-1], Icon.EnumMember, f"level {value}") for value, spellings in levels]
    if option == "StandardConfigurations":
        server = _server(buffer, state)
        release = plugin.closest(server.plugin.version) if server is not None else plugin.newest()
        return [Word(one.name, Icon.EnumMember, "standard configuration") for one in release.standard_configurations]
    return ()


def _permissions(buffer: Buffer, state: State, *, held: bool) -> Iterator[Word]:
    """Known names, then those that the files hold; ``held``: those that the service of this version can give."""
    known = permissions.known_to_service(_service_version(buffer, state)) if held else None
    seen = set()
    for one in permissions.permissions():
        if known is None or one.name in known:
            seen.add(one.name)
            yield Word(one.name, Icon.EnumMember, "permission", one.meaning)
    if not held:
        yield from _written(What.PERMISSION, seen, buffer, state, "permission of these files")


def _labels(buffer: Buffer, state: State) -> Iterator[Word]:
    yield Word("*", Icon.EnumMember, "every label")
    yield from _written(What.LABEL, {"*"}, buffer, state, "label")


def _written(what: What, seen: set[str], buffer: Buffer, state: State, detail: str) -> Iterator[Word]:
    """Names of the files that belong with a text."""
    for _, read in state.texts_of(buffer):
        for one in read.names:
            if one.what is what and one.name not in seen:
                seen.add(one.name)
                yield Word(one.name, Icon.Value, detail, written=True)


def _route_words(before: str, buffer: Buffer, state: State) -> Iterator[Word]:
    """How a pattern may go on: the known paths as patterns, then their words one by one."""
    from policy.lint.views.unchecked import dicom_web_root

    server = _server(buffer, state)
    root = dicom_web_root(server) if server is not None else plugin.DICOM_WEB_ROOT
    yield Word(plugin.alias().name, Icon.Constant, "every path of one resource")
    for text, template in _patterns(root):
        if text.startswith(before) or not before:
            yield Word(text, Icon.Value, template)


@lru_cache(maxsize=4)
def _patterns(root: str) -> tuple[tuple[str, str], ...]:
    """Known paths as the patterns that people write, each with its template."""
    from policy.knowledge.routes import routes, with_root

    found: dict[str, str] = {}
    for route in routes():
        path = with_root(route.path, root)
        if not path.startswith("/{"):
            text = _TAIL.sub("(.*)", path)
            text = _IDENTIFIER.sub("([a-f0-9-]+)", text)
            found.setdefault(f"^{_SEGMENT.sub('([^/]+)', text)}$", path)
    return tuple(found.items())


# -- variables -------------------------------------------------------------------------------------------------------


def variables(parents: tuple[str, ...], buffer: Buffer, state: State) -> Iterator[Word]:
    """The variables of the image that a service of a Compose file has: of Orthanc, of the auth service, or of both."""
    analysis = state.analysis(buffer)
    name = parents[-2] if len(parents) > 1 else ""
    found = [one for one in analysis.deployment.containers if one.name == name] if analysis is not None else []
    role = found[0].role if found else ""
    if role in ("", "orthanc"):
        yield from _orthanc_variables()
    if role in ("", "auth-service"):
        version = _service_version(buffer, state)
        for one in service.environment():
            if version in one.versions:
                yield Word(one.name, Icon.Variable, "auth service", one.meaning)


def _orthanc_variables() -> Iterator[Word]:
    about = {one.variable: one for one in environment.options()}
    effects = {one.name: one.effect for one in environment.runtime_variables()}
    for name in environment.variable_names():
        option = about.get(name)
        detail = option.path if option is not None else "image orthancteam/orthanc"
        yield Word(name, Icon.Variable, detail, option.note if option is not None else effects.get(name, ""))


# -- versions --------------------------------------------------------------------------------------------------------


def _server(buffer: Buffer, state: State) -> OrthancServer | None:
    analysis = state.analysis(buffer)
    return analysis.server(buffer.path) if analysis is not None else None


def _service_version(buffer: Buffer, state: State) -> Version:
    analysis = state.analysis(buffer)
    used = analysis.service(buffer.path) if analysis is not None else None
    return used.version.version if used is not None else service.newest().version
