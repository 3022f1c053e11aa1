"""Which resources a request touches. Source: the plugin's parser, 0.5.0 to 0.11.4."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from policy import patterns
from policy.engine.archive import Archive, Lineage, Resource
from policy.engine.behaviour import Behaviour
from policy.engine.decision import Condition, Reason
from policy.engine.level import Level
from policy.engine.request import ascii_lower
from policy.engine.sender import Failure
from policy.engine.settings import Locate, refuse
from policy.knowledge import plugin

if TYPE_CHECKING:
    from policy.patterns import Pattern

_STUDY = ("0020000D", "StudyInstanceUID")
_SERIES = ("0020000E", "SeriesInstanceUID")
_INSTANCE = ("00080018", "SOPInstanceUID")
_PATIENT = ("00100020", "PatientID")
_PATIENT_BY_MISTAKE = ("00100010", "PatientID")
_LEVELS = {name: level for level in Level for name in (level.value, level.plural)}
_PLAIN_ROOT = re.compile("[A-Za-z0-9/_-]*")
_DICOM_LEVELS = (Level.STUDY, Level.SERIES, Level.INSTANCE)


class Kind(enum.Enum):
    """How a pattern tells the level and the identifiers."""

    BY_PATH = enum.auto()
    ORTHANC = enum.auto()
    DICOM = enum.auto()
    QUERY = enum.auto()


class Known(NamedTuple):
    """A pattern, made ready: ``group`` is the group with the id, or how many groups hold identifiers."""

    fullmatch: Callable[[str], re.Match[str] | None]
    text: str
    how: str
    kind: Kind
    level: Level
    group: int


def _known(pattern: plugin.ResourcePattern, compiled: re.Pattern[str]) -> Known:
    if pattern.level == "query":
        return Known(compiled.fullmatch, compiled.pattern, pattern.name, Kind.QUERY, Level.SYSTEM, 0)
    if pattern.level == "path":
        return Known(compiled.fullmatch, compiled.pattern, pattern.name, Kind.BY_PATH, Level.SYSTEM, 0)
    level = _LEVELS[pattern.level]
    if pattern.name.startswith("dicomweb-"):
        return Known(
            compiled.fullmatch, compiled.pattern, pattern.name, Kind.DICOM, level, _DICOM_LEVELS.index(level) + 1
        )
    # Where the path has several names for the same thing, the id is in the second group.
    group = 2 if "|" in pattern.pattern.split(")")[0] else 1
    return Known(compiled.fullmatch, compiled.pattern, pattern.name, Kind.ORTHANC, level, group)


def refuse_root(release: plugin.Release, root: str, locate: Locate | None) -> None:
    """Raise :class:`policy.errors.ServerRefuses` where the DICOMweb root makes a pattern that Boost refuses.

    The root goes into the patterns unescaped, and they are made at start.
    """
    for known in release.resource_patterns if root != plugin.DICOM_WEB_ROOT else ():
        try:
            patterns.compile(known.text(root))
        except patterns.PatternRefused as error:
            refuse(f"{error.reason}: the root {root!r} breaks the pattern for {known.name}", "Root", locate=locate)


class Touched(NamedTuple):
    """What a path touches, as far as the path alone tells it.

    ``how``: the name of the plugin's pattern, ``system`` if none fits.
    ``ids``: Orthanc ids, or DICOM identifiers from the study down where ``by_uid``.
    """

    how: str
    level: Level
    ids: tuple[str, ...] = ()
    by_uid: bool = False


class Access(NamedTuple):
    """The accessed resources in the plugin's order; those in ``doubtful`` must exist for it to be so."""

    resources: tuple[Resource, ...]
    doubtful: tuple[Resource, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What must be true for the resources to be there."""
        return tuple(Condition("exists", one.level, one.text) for one in self.doubtful)


SEARCH = "/dicom-web/studies"
"""The one path that passes for everybody, in releases that have the exception."""


class Parser:
    """Knows the patterns of one release with one DICOMweb root."""

    def __init__(self, release: plugin.Release, flags: Behaviour, root: str) -> None:
        self._flags = flags
        self._root = root
        self._texts = tuple(known.text(root) for known in release.resource_patterns)
        self._patterns: list[Known] = []
        self._list: re.Pattern[str] | None = None
        for known in release.resource_patterns:
            compiled = _compiled(known.text(root))
            if compiled is None:
                continue
            if known.level == "list":
                self._list = compiled
            else:
                self._patterns.append(_known(known, compiled))

    @property
    def patterns(self) -> tuple[Known, ...]:
        """The patterns, in the order in which they are tried."""
        return tuple(self._patterns)

    @property
    def listing(self) -> str | None:
        """The pattern of lists of all resources of a level, if this release has one."""
        return self._list.pattern if self._list is not None else None

    def marks(self) -> tuple[Pattern, ...] | None:
        """Languages that tell paths apart as far as labels, shares and lists do, identifiers and arguments left aside.

        None where the root has signs that may make something else of the patterns.
        """
        if _PLAIN_ROOT.fullmatch(self._root) is None:
            return None
        folders = [f"^/{level.plural}/.*$" for level in Level if level is not Level.SYSTEM]
        return tuple(patterns.compile(text) for text in (*self._texts, *folders, f"^{SEARCH}$"))

    def is_list(self, path: str) -> bool:
        """Whether the path is the list of all resources of a level."""
        return self._list is not None and self._list.fullmatch(path) is not None

    def touched(self, path: str, arguments: Mapping[str, str]) -> Touched:
        """What the path touches; ``arguments``: those of the query string."""
        for fullmatch, _, how, kind, level, group in self._patterns:
            match = fullmatch(path)
            if match is None:
                continue
            if kind is Kind.BY_PATH:
                return Touched(how, _LEVELS[match[1]], (match[2],))
            if kind is Kind.ORTHANC:
                return Touched(how, level, (match[group],))
            if kind is Kind.DICOM:
                return Touched(how, level, match.groups()[:group], by_uid=True)
            found = self._query(how, arguments)
            if found is not None:
                return found
        return Touched("system", Level.SYSTEM, (path.rstrip("/"),))

    def _query(self, how: str, arguments: Mapping[str, str]) -> Touched | None:
        if how == "create-archive-or-media":
            # The plugin keeps them in a set: labels are compared with the first by byte order, not the first written.
            ids = {one for one in arguments.get("resources", "").split(",") if one}
            return Touched(how, Level.STUDY, tuple(sorted(ids, key=_in_bytes)))
        study, series, instance = (self._argument(arguments, names) for names in (_STUDY, _SERIES, _INSTANCE))
        if study and series and instance:
            return Touched(how, Level.INSTANCE, (study, series, instance), by_uid=True)
        if study and series:
            return Touched(how, Level.SERIES, (study, series), by_uid=True)
        if study:
            return Touched(how, Level.STUDY, (study,), by_uid=True)
        patient = self._argument(arguments, _PATIENT if self._flags.patient_id_number else _PATIENT_BY_MISTAKE)
        if patient:
            return Touched(how, Level.PATIENT, (patient,), by_uid=True)
        return None

    def _argument(self, arguments: Mapping[str, str], names: Sequence[str]) -> str:
        """The value of a search argument by number, else by keyword; empty if absent."""
        flags = self._flags
        if flags.search_arguments_ignore_case:
            arguments = {ascii_lower(name): value for name, value in arguments.items()}
        lower = flags.search_arguments_ignore_case or flags.search_arguments_lower_case_only
        for name in names if flags.search_names else names[:1]:
            value = arguments.get(name.lower() if lower else name, "")
            if value and not (flags.search_wildcards and "*" in value):
                return value
        return ""

    def access(self, path: str, arguments: Mapping[str, str], archive: Archive) -> Access:
        """The accessed resources; raises :class:`Failure` where one does not exist."""
        touched = self.touched(path, arguments)
        if touched.level is Level.SYSTEM:
            return Access((Resource(Level.SYSTEM, touched.ids[0], None, frozenset(), f"the path {touched.ids[0]!r}"),))
        if touched.how == "create-archive-or-media":
            return self._archive(touched, archive)
        if touched.by_uid:
            return _by_uids(touched, archive)
        lineage = archive.by_id(touched.level, touched.ids[0])
        if lineage is None:
            if touched.level is Level.PATIENT:
                # Unlike the others, an unknown patient is no error: it just is not there.
                return Access(())
            raise _unknown(touched.level, touched.ids[0])
        doubtful = not lineage.certain and touched.level is not Level.PATIENT
        return Access(lineage.resources, lineage.resources[-1:] if doubtful else ())

    def _archive(self, touched: Touched, archive: Archive) -> Access:
        resources: list[Resource] = []
        doubtful: list[Resource] = []
        for each in touched.ids:
            level = archive.level_of(each)
            lineage = archive.by_id(level, each) if level is not None else None
            if lineage is None:
                if self._flags.unknown_archive_resource_skipped:
                    continue
                raise _unknown(Level.STUDY, each)
            resources.extend(lineage.resources)
            if not lineage.certain:
                doubtful.append(lineage.resources[-1])
        return Access(tuple(resources), tuple(doubtful))


def _by_uids(touched: Touched, archive: Archive) -> Access:
    """The study with its patient, then the others alone: that they belong to the study is not verified."""
    if touched.level is Level.PATIENT:
        lineage = archive.by_uid(Level.PATIENT, touched.ids[0])
        if lineage is None:
            raise _unknown(Level.PATIENT, touched.ids[0])
        return Access(lineage.resources, () if lineage.certain else lineage.resources[-1:])
    resources: list[Resource] = []
    doubtful: list[Resource] = []
    for level, uid in zip(_DICOM_LEVELS, touched.ids, strict=False):
        found: Lineage | None = archive.by_uid(level, uid)
        if found is None:
            raise _unknown(level, uid)
        resources.extend(found.resources if level is Level.STUDY else found.resources[-1:])
        if not found.certain:
            doubtful.append(found.resources[-1])
    return Access(tuple(resources), tuple(doubtful))


def _unknown(level: Level, shown: str) -> Failure:
    return Failure(Reason.UNKNOWN_RESOURCE, f"the {level} {shown[:80]!r} does not exist: an error on the way is a no")


def _in_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _compiled(text: str) -> re.Pattern[str] | None:
    """The pattern with its groups; None where a root of unusual spelling makes it unusable for Python."""
    try:
        return re.compile(text, re.DOTALL | re.ASCII)
    except re.error:
        return None
