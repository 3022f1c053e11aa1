"""Keys of a configuration that no program reads, each with what its author probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

from policy.configuration.deployment import OrthancServer
from policy.configuration.setting import Entry, Means
from policy.configuration.vocabulary import CORE_OPTIONS, PLUGIN_SECTIONS
from policy.knowledge import plugin_options
from policy.knowledge.misnomers import meant_by, more_names
from policy.lint.views.options import SECTION, given, section
from policy.lint.views.spelling import by_spelling
from policy.records import dataclass
from policy.slips import slips, within

_WALKED = ("DicomWeb", "OrthancExplorer2", "OHIF")
"""Sections of other plugins whose options are all known."""
_FOR_PEOPLE = ("_", "//", "#", "$", "--", "comment", "Comment")
"""How keys begin that people write as comments where a format has none."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A key that has no effect where it stands.

    ``near`` are names of the same place that were probably meant, ``section`` another section that has an option of
    exactly this name (the empty text is the top level), ``reader`` another program that has it, in words.
    """

    path: tuple[str, ...]
    entry: Entry
    near: tuple[str, ...] = ()
    section: str | None = None
    reader: str = ""

    @property
    def name(self) -> str:
        """The key as it is written."""
        return self.path[-1]


def stray_options(server: OrthancServer) -> Iterator[Stray]:
    """Keys of the Authorization section that no release of the plugin reads.

    A variable whose name differs from the right one in case or underscores alone is the matter of another rule.
    """
    holder = section(server)
    if holder is None:
        return
    known = [option.name for option in plugin_options.options()]
    for name, entry in holder.members.items():
        if name in known or _ignorable(name, entry) or given(server, SECTION, name) is None:
            continue
        path = (SECTION, name)
        meant = meant_by(name)
        near: tuple[str, ...] = (meant,) if meant else ()
        home = None if near else _home(name)
        reader = _reader(name) if not near and home is None else ""
        if not near and home is None and not reader:
            near = _nearest(name, known)
        if not _by_variable(entry, name, near):
            yield Stray(path, entry, near, home, reader)


def stray_sections(server: OrthancServer) -> Iterator[Stray]:
    """Keys at the top of the configuration that nothing reads but that are near a name that something reads.

    What is near nothing is left alone: plugins of one's own have sections of their own.
    """
    known = _top()
    for name, entry in server.configuration.members.items():
        if name in known or _ignorable(name, entry) or given(server, name) is None:
            continue
        if plugin_options.option(name) is not None:
            yield Stray((name,), entry, section=SECTION)
            continue
        near = very_near(name, known)
        if _by_variable(entry, name, near):
            continue
        home = None if near else _home(name)
        if near or (home and len(name) > _SHORT):
            yield Stray((name,), entry, near, home)
        elif _looks_like_section(entry):
            yield Stray((name,), entry, (SECTION,))


def stray_elsewhere(server: OrthancServer) -> Iterator[Stray]:
    """Keys in the sections of the plugins beside this one that are near an option of that place."""
    for top in _WALKED:
        entry = given(server, top)
        if entry is not None:
            yield from _walk(server, (top,), entry, _tree(top))


def very_near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names that differ from ``name`` in case, separators or very few letters, nearest first."""
    return _very_near(name, frozenset(known))


@lru_cache(maxsize=4096)
def _very_near(name: str, known: frozenset[str]) -> tuple[str, ...]:
    plain = _fold(name)
    allowed = 1 if len(plain) <= _SHORT else 2
    found: list[tuple[int, int, str]] = []
    names, folded = _folded(known, len(plain), allowed)
    for distance, place in within(plain, folded, allowed):
        other = names[place]
        if abs(len(other) - len(name)) <= allowed + 2 and distance < min(len(plain), len(folded[place])):
            found.append((distance, slips(name, other, max(len(name), len(other))), other))
    found.sort()
    best = [entry for entry in found if entry[0] == found[0][0]]
    return tuple(other for _, _, other in best[:2])


@lru_cache(maxsize=1024)
def _folded(known: frozenset[str], length: int, most: int) -> tuple[tuple[str, ...], list[str]]:
    """The names of about so many letters, and of each its letters alone."""
    pairs = [(name, _fold(name)) for name in known]
    pairs = [(name, folded) for name, folded in pairs if abs(len(folded) - length) <= most]
    return tuple(name for name, _ in pairs), [folded for _, folded in pairs]


_SHORT = 7


def _by_variable(entry: Entry, name: str, near: tuple[str, ...]) -> bool:
    """Whether a variable made the key, and only its case or its underscores are wrong."""
    return entry.key_origin.means is Means.VARIABLE and any(_fold(other) == _fold(name) for other in near)


def _fold(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "").replace(".", "")


def _ignorable(name: str, entry: Entry) -> bool:
    """Whether the key is a comment, came out of a broken text without a value, or is told by another rule."""
    if not name.strip() or name.startswith(_FOR_PEOPLE) or entry.setting.kind == "missing":
        return True
    return by_spelling(entry.key_origin.name)


@cache
def _top() -> frozenset[str]:
    from policy.knowledge import environment

    return CORE_OPTIONS | PLUGIN_SECTIONS | {name for name in environment.option_names("") if "." not in name}


@cache
def _tree(top: str) -> Mapping[str, Mapping[str, object]]:
    """The options below a section as a tree of names; an empty branch holds names that nobody knows beforehand."""
    from policy.knowledge import environment

    tree: dict[str, dict[str, object]] = {}
    for path in (*environment.option_names(top), *more_names(top)):
        branch: dict[str, dict[str, object]] = tree
        for name in path.split("."):
            branch = branch.setdefault(name, {})  # type: ignore[assignment]
    return tree


def _walk(
    server: OrthancServer, path: tuple[str, ...], entry: Entry, tree: Mapping[str, Mapping[str, object]]
) -> Iterator[Stray]:
    for name, member in entry.setting.members.items():
        below = (*path, name)
        if name in tree:
            if tree[name]:
                yield from _walk(server, below, member, tree[name])  # type: ignore[arg-type]
        elif name == SECTION:
            yield Stray(below, member, section="")
        elif not _ignorable(name, member) and given(server, *below) is not None:
            near = very_near(name, tree)
            if _by_variable(member, name, near):
                continue
            if near:
                yield Stray(below, member, near)
            elif plugin_options.option(name) is not None:
                yield Stray(below, member, section=SECTION)


def _home(name: str) -> str | None:
    """The section that has an option or is itself of this name; None where there is none, or more than one."""
    if name in _top():
        return ""
    homes = [top for top in _WALKED if name in _tree(top)]
    return homes[0] if len(homes) == 1 else None


@lru_cache(maxsize=65_536)
def _reader(name: str) -> str:
    """Another program of the deployment that knows this name."""
    from policy.configuration.source import Kind
    from policy.configuration.vocabulary import TOP_KEYS
    from policy.knowledge import environment, service

    if any(variable.name == name for variable in service.environment()):
        return "the auth service, as a variable of its environment"
    if name in environment.variable_names():
        return "the orthancteam image, as a variable of its environment"
    if name in TOP_KEYS[Kind.PERMISSIONS]:
        return "the auth service, in its permissions.json"
    if name in TOP_KEYS[Kind.ANONYMOUS]:
        return "the auth service, in its profiles"
    return ""


def _nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    return _nearest_of(name, tuple(known))


@lru_cache(maxsize=65_536)
def _nearest_of(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Kept, since several rules ask for the same words."""
    from policy.lint.nearby import nearest

    return tuple(nearest(name, known))


def _looks_like_section(entry: Entry) -> bool:
    """Whether an unknown section holds options of this plugin, whatever its name."""
    return sum(plugin_options.option(name) is not None for name in entry.setting.members) > 1
