"""What the engine asks of the archive, and three archives: a known one is given, one knows labels only, one nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from policy.engine.level import HIERARCHY, Level, parse_level
from policy.errors import UsageError
from policy.tuples import NamedTuple


class Resource(NamedTuple):
    """A resource as the engine meets it.

    ``labels`` None: not known. ``text`` names the resource in a sentence. For the level ``system`` the path, without
    trailing slashes, is in ``orthanc_id``.
    """

    level: Level
    orthanc_id: str | None
    dicom_uid: str | None
    labels: frozenset[str] | None
    text: str


class Lineage(NamedTuple):
    """A resource with its ancestors, from the patient down; ``certain`` is false where it may not be there at all."""

    resources: tuple[Resource, ...]
    certain: bool = True


class Archive(Protocol):
    """Where resources and their labels are looked up."""

    @property
    def complete(self) -> bool:
        """Whether what is not found does not exist, so that answers can be computed."""
        ...

    def by_id(self, level: Level, orthanc_id: str) -> Lineage | None:
        """The resource of this level with this Orthanc id, or None if there is none."""
        ...

    def by_uid(self, level: Level, dicom_uid: str) -> Lineage | None:
        """The resource with this DICOM identifier; None if there is none, or more than one."""
        ...

    def level_of(self, orthanc_id: str) -> Level | None:
        """The level of the resource with this Orthanc id, or None if there is none."""
        ...


class Labels:
    """An archive of which only this is known: the resources of the request exist, and their labels by level.

    Levels that are not given stay unknown.
    """

    complete = False

    def __init__(self, labels: Mapping[Level, frozenset[str]], *, exists: bool = True) -> None:
        self._exists = exists
        self._known = {
            level: (
                [(each, labels.get(each), f"the {each} of the {level} ") for each in HIERARCHY[:depth]],
                labels.get(level),
                f"the {level} ",
            )
            for depth, level in enumerate(HIERARCHY)
        }

    def by_id(self, level: Level, orthanc_id: str) -> Lineage | None:
        """The resource, taken to exist, with the labels that are known."""
        return self._lineage(level, orthanc_id, orthanc_id, None)

    def by_uid(self, level: Level, dicom_uid: str) -> Lineage | None:
        """The resource, taken to exist, with the labels that are known."""
        return self._lineage(level, dicom_uid, None, dicom_uid)

    def level_of(self, orthanc_id: str) -> Level | None:  # noqa: ARG002 - the id of a study is the usual case
        """The level study: what else an id could be is not known."""
        return Level.STUDY

    def _lineage(self, level: Level, shown: str, orthanc_id: str | None, dicom_uid: str | None) -> Lineage:
        above, labels, text = self._known[level]
        own = Resource(level, orthanc_id, dicom_uid, labels, text + shown)
        if not above:
            return Lineage((own,), self._exists)
        return Lineage((*[Resource(each, None, None, ls, t + shown) for each, ls, t in above], own), self._exists)


UNKNOWN = Labels({}, exists=False)
"""The archive of which nothing is known."""


def archive_of(resource: object) -> Archive:
    """The archive that ``resource`` stands for.

    ``resource``: None (nothing is known), an archive, labels by level (``{"study": ["external"]}``; names of levels as
    in the configuration), or a list of labels, which are those of the study.
    Raises :class:`policy.errors.UsageError` for anything else.
    """
    if resource is None:
        return UNKNOWN
    if hasattr(resource, "by_id") and hasattr(resource, "by_uid"):
        return resource  # type: ignore[return-value]
    if isinstance(resource, Mapping):
        labels = {}
        for name, values in resource.items():
            level = parse_level(str(name))
            if level is None:
                raise UsageError(f"{name!r} is no level", help="Use patient, study, series or instance.")
            labels[level] = _set_of(values)
        return Labels(labels)
    if isinstance(resource, str | Iterable):
        return Labels({Level.STUDY: _set_of(resource)})
    raise UsageError(f"{type(resource).__name__} is no resource", help="Give labels by level, or an archive.")


def _set_of(values: object) -> frozenset[str]:
    if isinstance(values, str):
        return frozenset({values})
    if isinstance(values, Iterable):
        return frozenset(map(str, values))
    raise UsageError("labels are a list of texts", help="For example {'study': ['external']}.")
