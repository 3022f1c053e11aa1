"""What the engine asks of the archive, and three archives: a known one is given, one knows labels only, one nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from policy.engine.decision import Condition
from policy.engine.level import HIERARCHY, Level, parse_level
from policy.errors import UsageError


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as the engine meets it.

    ``labels`` None: not known. ``text`` names the resource in a sentence. For the level ``system`` the path, without
    trailing slashes, is in ``orthanc_id``.
    """

    level: Level
    orthanc_id: str | None
    dicom_uid: str | None
    labels: frozenset[str] | None
    text: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """A resource with its ancestors, from the patient down; ``condition``: what must be true for it to be there."""

    resources: tuple[Resource, ...]
    condition: Condition | None = None


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
        self._labels = dict(labels)
        self._exists = exists

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
        own = f"the {level} {shown}"
        resources = []
        for each in HIERARCHY:
            is_own = each is level
            resources.append(
                Resource(
                    each,
                    orthanc_id if is_own else None,
                    dicom_uid if is_own else None,
                    self._labels.get(each),
                    own if is_own else f"the {each} of {own}",
                )
            )
            if is_own:
                break
        return Lineage(tuple(resources), None if self._exists else Condition("exists", level, own))


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
