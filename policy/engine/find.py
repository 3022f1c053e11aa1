"""``/tools/find`` and its kin behind the filter: how the plugin narrows a search, and what the core then finds.

Source: the plugin 0.6.0 to 0.11.4 and the core's search; recorded on real servers.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import Any, Protocol

from policy.engine.archive import Archive, Lineage, Resource
from policy.engine.behaviour import Behaviour
from policy.engine.decision import Condition, Reason
from policy.engine.level import HIERARCHY, Level
from policy.engine.sender import Failure, Sender, Token, UserProfile
from policy.engine.settings import Settings
from policy.records import dataclass

_STUDY_UID = ("StudyInstanceUID", "0020,000d", "0020,000D", "0020000D")
_UIDS = {
    "patientid": Level.PATIENT,
    "0010,0020": Level.PATIENT,
    "00100020": Level.PATIENT,
    "studyinstanceuid": Level.STUDY,
    "0020,000d": Level.STUDY,
    "0020000d": Level.STUDY,
    "seriesinstanceuid": Level.SERIES,
    "0020,000e": Level.SERIES,
    "0020000e": Level.SERIES,
    "sopinstanceuid": Level.INSTANCE,
    "0008,0018": Level.INSTANCE,
    "00080018": Level.INSTANCE,
}
_LEVELS = {
    "PATIENT": Level.PATIENT,
    "PATIENTS": Level.PATIENT,
    "STUDY": Level.STUDY,
    "STUDIES": Level.STUDY,
    "SERIES": Level.SERIES,
    "INSTANCE": Level.INSTANCE,
    "INSTANCES": Level.INSTANCE,
    "IMAGE": Level.INSTANCE,
    "IMAGES": Level.INSTANCE,
}


class Refused(Exception):
    """The route refuses (403) or fails with another status."""

    def __init__(self, reason: Reason, text: str, status: int = 403) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.status = status


@dataclass(frozen=True, slots=True)
class Search:
    """A search as it reaches the core."""

    level: Level
    query: Mapping[str, Any]
    labels: frozenset[str] = frozenset()
    constraint: str = "All"
    parents: tuple[tuple[Level, str], ...] = ()
    expand: bool = False
    limited: bool = False

    @staticmethod
    def of(body: Mapping[str, Any]) -> Search:
        """The search that a body of ``/tools/find`` asks for; raises :class:`Refused` where the core fails."""
        labels = body.get("Labels", [])
        if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
            raise Refused(Reason.BAD_REQUEST, "'Labels' is no list of texts", 400)
        query = body.get("Query")
        if not isinstance(query, Mapping):
            raise Refused(Reason.BAD_REQUEST, "the body has no object 'Query'", 400)
        for name, value in query.items():
            by_uid = _UIDS.get(name.lower(), Level.PATIENT) is not Level.PATIENT
            if by_uid and isinstance(value, str) and ("*" in value or "?" in value):
                raise Refused(Reason.BAD_REQUEST, f"the core refuses wildcards in {name}", 400)
        parents = []
        for level in HIERARCHY[:3]:
            parent = body.get(f"Parent{level.value.capitalize()}")
            if isinstance(parent, str):
                parents.append((level, parent))
        return Search(
            level_of(body),
            query,
            frozenset(labels),
            body.get("LabelsConstraint", "All"),
            tuple(parents),
            bool(body.get("Expand", False)),
            bool(body.get("Limit")) or bool(body.get("Since")),
        )


class Searchable(Archive, Protocol):
    """An archive that can be searched."""

    def resources(self, level: Level) -> tuple[Resource, ...]:
        """All resources of a level."""
        ...

    def related(self, resource: Resource, level: Level) -> tuple[Resource, ...]:
        """The ancestors or descendants of a resource at a level."""
        ...


def level_of(body: Mapping[str, Any]) -> Level:
    """The level that a body names; raises :class:`Refused` where it is none."""
    text = body.get("Level")
    level = _LEVELS.get(text.upper()) if isinstance(text, str) and text.isascii() else None
    if level is None:
        raise Refused(Reason.BAD_REQUEST, "'Level' is no level", 400)
    return level


def study_uid(body: Mapping[str, Any]) -> str | None:
    """The StudyInstanceUID in the query, by any of the names that the plugin knows."""
    query = body.get("Query")
    if not isinstance(query, Mapping):
        return None
    for name in _STUDY_UID:
        if name in query:
            value = query[name]
            if not isinstance(value, str):
                raise Refused(Reason.BAD_REQUEST, "the StudyInstanceUID is no text", 400)
            if "*" in value or "?" in value:
                raise Refused(Reason.BAD_REQUEST, "a StudyInstanceUID with wildcards is an error of the server", 400)
            return value
    return None


class Narrowing:
    """How one release narrows a search to what a profile or a share may see."""

    def __init__(self, settings: Settings, flags: Behaviour) -> None:
        self._settings = settings
        self._flags = flags

    def for_profile(
        self, body: Mapping[str, Any], profile: UserProfile, archive: Archive
    ) -> tuple[dict[str, Any], tuple[Condition, ...]]:
        """The body as it goes on, for a profile with labels, and what must be true of the archive."""
        if not self._flags.find_levels:
            return self._labels(body, profile), ()
        level = level_of(body)
        if level is Level.STUDY:
            return self._labels(body, profile), ()
        if level is Level.PATIENT:
            if not profile.sees_all:
                raise Refused(Reason.BODY, "a search of patients is for profiles with the label '*' only")
            return dict(body), ()
        if profile.sees_all and self._flags.find_star_free_at_all_levels:
            return dict(body), ()
        return dict(body), self._parent(body, profile, archive)

    def _labels(self, body: Mapping[str, Any], profile: UserProfile) -> dict[str, Any]:
        """The body with the labels of the profile put in."""
        if ("Labels" in body) != ("LabelsConstraint" in body):
            raise Refused(Reason.BODY, "'Labels' and 'LabelsConstraint' must both be given, or none of them")
        wanted = Search.of({"Query": {}, "Level": "Study", "Labels": body.get("Labels", [])}).labels
        narrowed = dict(body)
        constraint = body.get("LabelsConstraint", "")
        if not isinstance(constraint, str):
            raise Refused(Reason.BAD_REQUEST, "'LabelsConstraint' is no text", 400)
        if profile.sees_all:
            return narrowed
        if not wanted:
            narrowed |= {"Labels": sorted(profile.labels), "LabelsConstraint": "Any"}
        elif constraint == "All":
            if not wanted <= profile.labels:
                raise Refused(Reason.BODY, "with 'All' every label asked for must be one of the profile's")
        elif constraint == "Any":
            if not wanted & profile.labels:
                raise Refused(Reason.BODY, "none of the labels asked for is one of the profile's")
            narrowed["Labels"] = sorted(wanted & profile.labels)
        elif constraint == "None":
            raise Refused(Reason.BODY, "'None' is refused to profiles without the label '*'")
        return narrowed

    def _parent(self, body: Mapping[str, Any], profile: UserProfile, archive: Archive) -> tuple[Condition, ...]:
        """A search of series or instances needs a parent that the profile may see."""
        lineage: Lineage | None = None
        for level in (Level.STUDY, Level.SERIES) if self._flags.find_parents else ():
            parent = body.get(f"Parent{level.value.capitalize()}")
            if parent is not None and lineage is None:
                lineage = archive.by_id(level, str(parent))
                if lineage is None:
                    raise Refused(Reason.BAD_REQUEST, f"the {level} {parent} does not exist", 404)
        if lineage is None:
            uid = study_uid(body)
            if uid is None:
                raise Refused(Reason.BODY, "a search below the study must name a study that the profile may see")
            lineage = self._study(uid, archive)
        return visible(lineage.resources, profile, self._settings)

    def _study(self, uid: str, archive: Archive) -> Lineage:
        lineage = archive.by_uid(Level.STUDY, uid)
        if lineage is None:
            raise Refused(Reason.BODY, f"there is not exactly one study {uid}")
        if not self._flags.find_uid_may_be_patient_id and archive.complete and archive.by_uid(Level.PATIENT, uid):
            raise Refused(Reason.BODY, f"{uid} is the identifier of a patient too, which this version refuses")
        return lineage

    def for_share(
        self, body: Mapping[str, Any], tokens: tuple[Token, ...], sender: Sender, archive: Archive
    ) -> tuple[dict[str, Any] | None, tuple[Condition, ...]]:
        """The body as it goes on, for whoever has no profile with labels; None: the list is empty."""
        uid = study_uid(body)
        if uid is None:
            return self._shared_studies(body, tokens, sender), ()
        lineage = self._study(uid, archive)
        if Level.STUDY not in self._settings.levels:
            raise Refused(Reason.BODY, "the level study is not checked, so that no share token can open it")
        if not self._settings.shares:
            raise Refused(Reason.BAD_REQUEST, "no address for share tokens is given", 500)
        study = lineage.resources[-1]
        try:
            answers = [sender.grants(token, "POST", study) for token in tokens or (None,)]
        except Failure as failure:
            raise Refused(Reason.SERVICE_FAILURE, failure.text, 500) from None
        if any(one is True for one in answers):
            return dict(body), ()
        conditions = tuple(one for one in answers if isinstance(one, Condition))
        if not conditions:
            raise Refused(Reason.BODY, "no share token opens the study that is searched")
        return dict(body), conditions

    def _shared_studies(
        self, body: Mapping[str, Any], tokens: tuple[Token, ...], sender: Sender
    ) -> dict[str, Any] | None:
        if not self._flags.find_share_empty:
            raise Refused(Reason.BODY, "a search without labels in the profile must name a study")
        if not self._flags.find_share_narrowed:
            return None
        for token in tokens:
            if not self._settings.decoder:
                raise Refused(Reason.BAD_REQUEST, "no address for decoding tokens is given", 400)
            try:
                studies = sender.studies(token)
            except Failure as failure:
                raise Refused(Reason.BODY, failure.text) from None
            if studies:
                # The plugin joins them with a bar, which the core does not take for a list: more than one finds none.
                query = dict(body.get("Query") or {}) | {"StudyInstanceUID": "|".join(sorted(set(studies)))}
                return dict(body) | {"Query": query}
        raise Refused(Reason.BODY, "neither the profile's labels nor a share token tell which studies may be found")


def visible(resources: tuple[Resource, ...], profile: UserProfile, settings: Settings) -> tuple[Condition, ...]:
    """What must be true for the profile to see a resource; raises :class:`Refused` where it does not.

    The first checked level decides; where none is checked the answer is no.
    """
    if profile.sees_all:
        return ()
    checked = next((one for one in resources if one.level in settings.levels), None)
    if checked is None:
        raise Refused(Reason.BODY, "nothing of it is at a checked level, so that labels cannot be compared")
    if checked.labels is None and profile.labels:
        return (Condition("labels", checked.level, checked.text, profile.labels),)
    if not (checked.labels or frozenset()) & profile.labels:
        raise Refused(Reason.BODY, f"{checked.text} has no label in common with the profile")
    return ()


def found(search: Search, archive: Archive) -> tuple[Resource, ...] | None:
    """What the core finds, by Orthanc id; None where the archive does not know enough to tell."""
    if not archive.complete or search.limited or not hasattr(archive, "resources"):
        return None
    searchable: Searchable = archive  # type: ignore[assignment]
    wanted: list[tuple[Level, str]] = []
    for name, value in search.query.items():
        level = _UIDS.get(name.lower())
        if not isinstance(value, str) or (level is None and value not in {"", "*"}):
            return None
        if level is not None and value:
            wanted.append((level, value))
    return tuple(one for one in searchable.resources(search.level) if _fits(one, search, wanted, searchable))


def _fits(one: Resource, search: Search, wanted: list[tuple[Level, str]], archive: Searchable) -> bool:
    lineage = archive.by_id(one.level, one.orthanc_id or "")
    if lineage is None:
        return False
    by_level = {each.level: each for each in lineage.resources}
    for level, value in wanted:
        holder = by_level.get(level)
        if holder is None or not _matches(holder.dicom_uid or "", value):
            return False
    for level, parent in search.parents:
        holder = by_level.get(level)
        if holder is None or holder.orthanc_id != parent:
            return False
    labels = one.labels or frozenset()
    if not search.labels:
        return True
    return {
        "Any": bool(labels & search.labels),
        "None": not labels & search.labels,
    }.get(search.constraint, search.labels <= labels)


def _matches(value: str, wanted: str) -> bool:
    """A list is separated by backslashes; ``*`` and ``?`` are wildcards."""
    return any(
        re.fullmatch(fnmatch.translate(one.replace("[", "[[]")), value) is not None for one in wanted.split("\\")
    )


def narrowed_text(search: Search) -> str:
    """How a search is narrowed, in words."""
    if not search.labels:
        return "the search goes on as it is"
    names = ", ".join(map(repr, sorted(search.labels)))
    how = {"Any": "one of the labels", "None": "none of the labels"}.get(search.constraint, "all the labels")
    return f"only what has {how} {names} is found"
