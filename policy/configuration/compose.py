"""Compose files as one project: several files over one another, ``include``, ``extends``, variables put in.

The outcome is a tree of settings in which every value still points to the file and line that it comes from.
Source: the Compose specification; compose-spec/compose-go e70e961 for variables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from policy.configuration import dotenv
from policy.configuration.compose_merge import flatten, override, without
from policy.configuration.compose_tags import without_reset
from policy.configuration.deployment import Stop, UnsetVariable
from policy.configuration.interpolation import Interpolated, InterpolationError, interpolate
from policy.configuration.setting import Entry, Means, Origin, Setting
from policy.configuration.source import Kind, Location, Source
from policy.configuration.substitution import unknown
from policy.records import dataclass, field, replace
from policy.text import Span

Reader = Callable[[Path, Kind], Source | None]
"""Gives the file at a path, taken for a kind; None where it is not there or lies outside."""

_DEEPEST_EXTENDS = 20


@dataclass(slots=True)
class Project:
    """One set of Compose files that run together."""

    sources: tuple[Source, ...]
    folder: Path
    root: Setting
    variables: Mapping[str, str]
    """What the host and ``.env`` set."""
    host_known: bool
    """Whether the environment of the host was given; else a name that is not set may be set there."""
    environment_file: Source | None = None
    unset: list[UnsetVariable] = field(default_factory=list)
    problems: list[Stop] = field(default_factory=list)
    refusals: dict[str, list[Stop]] = field(default_factory=dict)
    """Why Compose refuses a service's ``extends``, by the service."""
    unseen: dict[str, list[Location]] = field(default_factory=dict)
    """Files that a service extends and that were not given, by the service."""

    def text(self, written: str, unset: Callable[[str, str], str] | None = None) -> Interpolated:
        """``written`` after Compose's substitution; ``unset`` says what stands for a name that only the host knows.

        Raises :class:`policy.configuration.interpolation.InterpolationError` where Compose stops on it.
        """
        return interpolate(written, self.variables.get, None if self.host_known else unset or _kept)

    @property
    def services(self) -> Mapping[str, Entry]:
        """The services by name; empty where there are none."""
        services = self.root.get("services")
        return services.members if services is not None else MappingProxyType({})

    def put_in(self, setting: Setting) -> Setting:
        """``setting`` with the variables in its texts replaced; names that are not set are noted in ``unset``."""
        if setting.kind == "object":
            members = {
                key: entry if (new := self.put_in(entry.setting)) is entry.setting else replace(entry, setting=new)
                for key, entry in setting.members.items()
            }
            same = all(members[key] is entry for key, entry in setting.members.items())
            return setting if same else replace(setting, members=MappingProxyType(members))
        if setting.kind == "array":
            items = tuple(self.put_in(item) for item in setting.items)
            same = all(new is old for new, old in zip(items, setting.items, strict=True))
            return setting if same else replace(setting, items=items)
        if not isinstance(setting.value, str) or "$" not in setting.value:
            return setting
        place = setting.origin.location
        try:
            made = self.text(setting.value)
        except InterpolationError as error:
            self.problems.append(Stop(f"Docker Compose refuses the file: {error.message}", place, "dollar-in-compose"))
            return setting
        if place is not None:
            self.unset.extend(UnsetVariable(missing.name, place) for missing in made.missing)
        return replace(setting, value=made.mapped.text)


def _kept(expression: str, before: str) -> str:
    """What stands for a name whose value only the host knows: itself; ``null`` where bare JSON goes on."""
    inside_string = (before.count('"') - before.count('\\"')) % 2 == 1
    bare = before.lstrip().startswith(("{", "[")) and not inside_string
    return "null" if bare else unknown(expression.strip("${}"))


def project(sources: tuple[Source, ...], read: Reader, host: Mapping[str, str] | None) -> Project:
    """The project that ``sources`` make, the later over the earlier.

    ``read`` fetches the files that they name; ``host`` is the environment in which Compose runs, None: not known.
    """
    folder = Path(sources[0].folder)
    environment = read(folder / ".env", Kind.ENVIRONMENT)
    variables: dict[str, str] = {}
    if environment is not None:
        for line in dotenv.read(environment.document.text, host or {}):
            if line.value is not None:
                variables[line.name] = line.value
    variables.update(host or {})
    root: Setting | None = None
    for source in sources:
        tree = _tree(source, read, frozenset())
        if tree is not None:
            root = tree if root is None else override(root, tree)
    made = Project(
        sources, folder, root or _empty(sources[0]), MappingProxyType(variables), host is not None, environment
    )
    made.root = without_reset(_extended(made, read))
    return made


def _empty(source: Source) -> Setting:
    return Setting("object", Origin(Means.FILE, source, Span(0, 0)))


def _tree(source: Source, read: Reader, within: frozenset[str]) -> Setting | None:
    """The tree of one file with what it includes below it."""
    if source.document.root is None or source.document.root.kind != "object":
        return None
    tree = flatten(Setting.from_node(source, source.document.root))
    include = tree.get("include")
    if include is None or source.path in within:
        return tree
    base: Setting | None = None
    for item in include.items:
        paths = item.get("path") if item.kind == "object" else item
        for path in paths.items if paths is not None and paths.kind == "array" else (paths,):
            if path is None or not isinstance(path.value, str):
                continue
            included = read(Path(source.folder) / path.value, Kind.COMPOSE)
            below = _tree(included, read, within | {source.path}) if included is not None else None
            if below is not None:
                base = below if base is None else override(base, below)
    tree = without(tree, "include")
    return tree if base is None else override(base, tree)


def _extended(made: Project, read: Reader) -> Setting:
    """The root with every ``extends`` resolved."""
    services = made.root.get("services")
    if services is None or services.kind != "object":
        return made.root
    if not any("extends" in entry.setting.members for entry in services.members.values()):
        return made.root
    members = {
        name: replace(entry, setting=_extend(made, services, entry.setting, read, (name,)))
        for name, entry in services.members.items()
    }
    entry = made.root.members["services"]
    new = replace(entry, setting=replace(services, members=MappingProxyType(members)))
    return replace(made.root, members=MappingProxyType({**made.root.members, "services": new}))


def _extend(made: Project, services: Setting, service: Setting, read: Reader, chain: tuple[str, ...]) -> Setting:
    extends = service.get("extends")
    if extends is None:
        return service
    place = extends.origin.location
    own = without(service, "extends")
    named = extends if extends.kind == "string" else extends.get("service")
    file = extends.get("file") if extends.kind == "object" else None
    name = named.value if named is not None else None
    if not isinstance(name, str):
        return own
    around = services
    if file is not None and isinstance(file.value, str) and place is not None:
        other = read(Path(place.source.folder) / file.value, Kind.COMPOSE)
        tree = _tree(other, read, frozenset()) if other is not None else None
        around_or_none = tree.get("services") if tree is not None else None
        if around_or_none is None:
            made.unseen.setdefault(chain[0], []).append(place)
            return own
        around = around_or_none
        name_key = f"{file.value}:{name}"
    else:
        name_key = name
    base = around.members.get(name)
    if base is None or name_key in chain or len(chain) > _DEEPEST_EXTENDS:
        reason = "extends itself" if base is not None else "extends a service that does not exist"
        stop = Stop(f"Docker Compose refuses the file: the service {chain[0]} {reason}", place)
        made.refusals.setdefault(chain[0], []).append(stop)
        return own
    return override(_extend(made, around, base.setting, read, (*chain, name_key)), own)
