"""The releases of the Authorization plugin: default rules, patterns of resources, standard configurations.

Everything here is what the plugin has built in; what its configuration keys do is in
:mod:`policy.knowledge.plugin_options`, what changes for a user from release to release in
:mod:`policy.knowledge.plugin_changes`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from policy.errors import UnknownVersion
from policy.knowledge._files import read, span
from policy.knowledge.versions import Range, Version
from policy.records import dataclass

DICOM_WEB_ROOT = "/dicom-web/"
"""The root that the plugin really uses: ``DicomWeb.Root`` does not reach it in any release."""

FIRST_WITH_PERMISSIONS = Version.parse("0.5.0")
"""The first release with permission rules; before it only share tokens are checked."""


@dataclass(frozen=True, slots=True)
class DefaultRule:
    """One element of the built-in list ``Permissions``."""

    method: str
    """``get``, ``post``, ``put`` or ``delete``, as the list writes it."""
    pattern: str
    """A regular expression, ``DICOM_WEB_ROOT`` not yet replaced, or the word ``SINGLE_RESOURCE_PATTERNS``."""
    permissions: str
    """Names between bars; the empty text is everybody."""
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """The permission names, any one of which is enough; empty: everybody."""
        return tuple(self.permissions.split("|")) if self.permissions else ()


@dataclass(frozen=True, slots=True)
class ResourcePattern:
    """A pattern by which the plugin finds the DICOM resource in a path."""

    name: str
    level: str
    """``patient`` … ``instance``; ``path``: the first group of the path names it; ``query``: the arguments do;
    ``list``: the path is a list of resources and holds none."""
    pattern: str
    """``{root}`` stands for the DICOMweb root; see :meth:`text`."""
    single: bool
    """Whether it is one of the patterns that the alias stands for."""
    source: str

    def text(self, root: str = DICOM_WEB_ROOT) -> str:
        """The regular expression with the DICOMweb ``root`` put in, as the plugin does: unescaped, no final slash."""
        return self.pattern.replace("{root}", root.rstrip("/"))


@dataclass(frozen=True, slots=True)
class StandardConfiguration:
    """What one name in ``StandardConfigurations`` adds. Unchecked means: for GET only."""

    name: str
    versions: Range
    unchecked_folders: tuple[str, ...]
    unchecked_resources: tuple[str, ...]
    token_headers: tuple[str, ...]
    token_get_arguments: tuple[str, ...]
    notes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Alias:
    """The word that a rule may hold in place of a pattern, and the first release that knows it."""

    name: str
    since: Version
    source: str


@dataclass(frozen=True, slots=True)
class Release:
    """One release of the plugin."""

    version: Version
    date: str
    """ISO date of the release notes."""
    commit: str
    default_rules: tuple[DefaultRule, ...]
    """In the order of the list; the first match of a method wins. Empty before 0.5.0."""
    resource_patterns: tuple[ResourcePattern, ...]
    """In the order in which the plugin tries them; ``list`` is a test of its own and comes last."""
    single_resource_patterns: tuple[ResourcePattern, ...]
    """What the alias stands for, in its order; empty in releases that do not know the alias."""
    standard_configurations: tuple[StandardConfiguration, ...]
    source: str

    @property
    def has_permissions(self) -> bool:
        """Whether this release has permission rules and profiles at all (0.5.0 and later)."""
        return self.version >= FIRST_WITH_PERMISSIONS

    def standard_configuration(self, name: str) -> StandardConfiguration | None:
        """What ``name`` adds in this release; None: the name is ignored without a word. Names have case."""
        return next((entry for entry in self.standard_configurations if entry.name == name), None)


if TYPE_CHECKING:
    RELEASES: tuple[Release, ...]


def __getattr__(name: str) -> Any:
    if name == "RELEASES":
        return releases()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def alias() -> Alias:
    """The alias ``SINGLE_RESOURCE_PATTERNS``: it counts only as the whole second element of a rule."""
    data = read("plugin")
    name, since, source = data["alias"]
    return Alias(name, Version.parse(since), data["sources"][source])


@cache
def versions() -> tuple[Version, ...]:
    """The versions of all releases, oldest first."""
    return tuple(_positions())


def newest() -> Release:
    """The newest release known."""
    return release(versions()[-1])


@cache
def release(version: str | Version) -> Release:
    """The release with this version.

    Raises :class:`policy.errors.UnknownVersion` where there is none; see :func:`closest` for a stand-in.

    >>> len(release("0.11.4").default_rules)
    64
    """
    wanted = Version.parse(version)
    position = _positions().get(wanted)
    if position is None:
        stand_in = closest(wanted)
        raise UnknownVersion(
            f"the Authorization plugin {wanted} is not known",
            help=f"The nearest release known is {stand_in.version}; the newest is {versions()[-1]}.",
        )
    return _build(position)


def closest(version: str | Version) -> Release:
    """The newest release that is not newer than ``version``; the oldest one if all are newer."""
    wanted = Version.parse(version)
    older = [known for known in versions() if known <= wanted]
    return release(older[-1] if older else versions()[0])


@cache
def releases() -> tuple[Release, ...]:
    """All releases, oldest first."""
    return tuple(_build(position) for position in range(len(versions())))


@cache
def standard_configurations() -> tuple[StandardConfiguration, ...]:
    """All standard configurations; one name has several rows where it changed."""
    data = read("plugin")
    return tuple(
        StandardConfiguration(
            name, span(pair), tuple(folders), tuple(resources), tuple(headers), tuple(arguments), tuple(notes),
            data["sources"][source],
        )
        for name, pair, folders, resources, headers, arguments, notes, source in data["standard_configurations"]
    )  # fmt: skip


@cache
def _positions() -> dict[Version, int]:
    return {Version.parse(row[0]): position for position, row in enumerate(read("plugin")["releases"])}


@cache
def _build(position: int) -> Release:
    data = read("plugin")
    text, date, commit, rules, patterns, source = data["releases"][position]
    version = Version.parse(text)
    single, others = _patterns(patterns)
    order: list[str] = data["lookup_order"]
    return Release(
        version=version,
        date=date,
        commit=commit,
        default_rules=_rules(rules) if rules else (),
        resource_patterns=tuple(sorted(single + others, key=lambda pattern: order.index(pattern.name))),
        single_resource_patterns=single if version >= alias().since else (),
        standard_configurations=tuple(entry for entry in standard_configurations() if version in entry.versions),
        source=data["sources"][source],
    )


@cache
def _rules(name: str) -> tuple[DefaultRule, ...]:
    data = read("plugin")
    source, numbers = data["lists"][name]
    rows: list[tuple[str, str, str]] = [data["rules"][number] for number in numbers]
    return tuple(DefaultRule(method, pattern, names, data["sources"][source]) for method, pattern, names in rows)


@cache
def _patterns(name: str) -> tuple[tuple[ResourcePattern, ...], tuple[ResourcePattern, ...]]:
    data = read("plugin")
    source, single, others = data["pattern_sets"][name]

    def build(number: int) -> ResourcePattern:
        label, level, pattern, flag = data["patterns"][number]
        return ResourcePattern(label, level, pattern, bool(flag), data["sources"][source])

    return tuple(map(build, single)), tuple(map(build, others))
