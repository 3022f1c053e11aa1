"""Stand-ins for tests: a web service and an archive that answer from tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy.engine.archive import Lineage, Resource
from policy.engine.level import HIERARCHY, Level
from policy.engine.sender import ServiceError

__all__ = ["Archive", "Service"]


class Service:
    """A web service that answers from tables.

    ``anonymous``: the profile of requests without a token; ``tokens``: profiles by token value; a profile is what the
    profile route answers, or ``{"status": 403}`` for a failure with this status; a value that is not listed fails.
    ``grants``: shares by token value, each with ``levels``, ``dicom-uids`` and ``uris``.

    >>> Service(tokens={"t": {"name": "x", "permissions": [], "authorized-labels": [], "validity": 60}}).user_profile(
    ...     "token", "t"
    ... )["name"]
    'x'
    """

    def __init__(
        self,
        *,
        anonymous: Any = None,
        tokens: Mapping[str, Any] | None = None,
        grants: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._anonymous = anonymous if anonymous is not None else {"status": 403}
        self._tokens = dict(tokens or {})
        self._grants = dict(grants or {})

    def user_profile(self, key: str, value: str) -> Any:
        """The profile for a token, or for nobody where both are empty."""
        if not key and not value:
            return _answer(self._anonymous)
        return _answer(self._tokens.get(value, {"status": 403}))

    def validate(self, question: Mapping[str, Any], key: str | None, value: str | None) -> Any:  # noqa: ARG002
        """Whether the share behind a token grants a resource."""
        grant = self._grants.get(value) if value is not None else None
        if grant is None or question.get("level") not in grant.get("levels", ()):
            return {"granted": False, "validity": 60}
        if question.get("level") == Level.SYSTEM:
            granted = question.get("uri") in grant.get("uris", ())
        else:
            granted = question.get("dicom-uid") in grant.get("dicom-uids", ())
        return {"granted": granted, "validity": 60}

    def decode(self, key: str, value: str) -> Any:  # noqa: ARG002 - only the value matters
        """The content of a share token: one resource for each of its DICOM identifiers."""
        grant = self._grants.get(value)
        if grant is None:
            return {"token-type": "invalid", "error-code": "invalid", "resources": []}
        return {"token-type": "stone-viewer-publication", "resources": [{"dicom-uid": u} for u in grant["dicom-uids"]]}


def _answer(profile: Any) -> Any:
    if isinstance(profile, Mapping) and "status" in profile:
        raise ServiceError(f"the web service answers {profile['status']}")
    return profile


class Archive:
    """An archive that holds exactly the given resources.

    ``resources``: ``{Orthanc id: {"level", "dicom-uid", "labels", "parent"}}``, parent by Orthanc id.

    >>> archive = Archive({"a": {"level": "patient", "dicom-uid": "P", "labels": ["x"], "parent": None}})
    >>> archive.by_uid(Level.PATIENT, "P").resources[0].orthanc_id
    'a'
    """

    complete = True

    def __init__(self, resources: Mapping[str, Mapping[str, Any]]) -> None:
        self._resources: dict[str, Resource] = {}
        self._parents: dict[str, str | None] = {}
        self._children: dict[str, list[str]] = {}
        self._by_uid: dict[tuple[Level, str], list[str]] = {}
        for orthanc_id, entry in resources.items():
            level = Level(entry["level"])
            uid = entry["dicom-uid"]
            labels = frozenset(entry.get("labels", ()))
            self._resources[orthanc_id] = Resource(level, orthanc_id, uid, labels, f"the {level} {orthanc_id}")
            parent = entry.get("parent")
            self._parents[orthanc_id] = parent
            if parent is not None:
                self._children.setdefault(parent, []).append(orthanc_id)
            self._by_uid.setdefault((level, uid), []).append(orthanc_id)

    def by_id(self, level: Level, orthanc_id: str) -> Lineage | None:
        """The resource of this level with its ancestors."""
        own = self._resources.get(orthanc_id)
        if own is None or own.level is not level:
            return None
        chain = [own]
        while chain[0].level is not Level.PATIENT:
            parent = self._resources.get(self._parents[chain[0].orthanc_id or ""] or "")
            if parent is None:
                return None
            chain.insert(0, parent)
        return Lineage(tuple(chain))

    def by_uid(self, level: Level, dicom_uid: str) -> Lineage | None:
        """The one resource with this DICOM identifier."""
        found = self._by_uid.get((level, dicom_uid), ())
        return self.by_id(level, found[0]) if len(found) == 1 else None

    def level_of(self, orthanc_id: str) -> Level | None:
        """The level of a resource."""
        own = self._resources.get(orthanc_id)
        return own.level if own is not None else None

    def resources(self, level: Level) -> tuple[Resource, ...]:
        """All resources of a level, by Orthanc id."""
        return tuple(one for _, one in sorted(self._resources.items()) if one.level is level)

    def related(self, resource: Resource, level: Level) -> tuple[Resource, ...]:
        """The ancestors or descendants of ``resource`` at ``level``, by Orthanc id."""
        start = resource.orthanc_id or ""
        if HIERARCHY.index(level) <= HIERARCHY.index(resource.level):
            lineage = self.by_id(resource.level, start)
            return tuple(one for one in lineage.resources if one.level is level) if lineage else ()
        found, pending = [], [start]
        while pending:
            for child in self._children.get(pending.pop(), ()):
                if self._resources[child].level is level:
                    found.append(child)
                else:
                    pending.append(child)
        return tuple(self._resources[one] for one in sorted(found))
