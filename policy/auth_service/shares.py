"""Share tokens: links to resources, which need no user, and the check that ``POST /tokens/validate`` makes.

Source: the recordings of 26.4.1 and 25.9.0; the check is the same since 23.3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from policy.auth_service.behaviour import Behaviour
from policy.auth_service.claims import check_subject, check_times, seconds
from policy.auth_service.errors import TokenRefused
from policy.auth_service.tokens import read_share_claims
from policy.knowledge.versions import Version
from policy.records import dataclass

LEVELS = frozenset({"patient", "study", "series", "instance", "system"})
METHODS = frozenset({"get", "post", "put", "delete"})
NO_TYPE = "invalid"
"""The type of a share that says none: no token can be made with it, and one that has it is as good as others."""


@dataclass(frozen=True, slots=True)
class SharedResource:
    """One resource of a share, by either kind of identifier; the level is not looked at by any check."""

    dicom_uid: str | None = None
    orthanc_id: str | None = None
    level: str = "study"
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """The answer of ``POST /tokens/validate``: HTTP status, whether granted, and why not."""

    granted: bool
    status: int = 200
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The content of a share token.

    Neither the type nor the level of its resources narrows what a share grants; the plugin does.
    ``expires`` None never expires; without a time zone every question ends in HTTP 500.
    """

    resources: tuple[SharedResource, ...] = ()
    type: str = NO_TYPE
    expires: datetime | None = None
    id: str | None = None

    @staticmethod
    def from_claims(
        claims: Mapping[str, Any],
        *,
        auth_service: str | Version | None = None,
        now: datetime | float | None = None,
    ) -> Share:
        """The share in the content of a token (names with underscores or hyphens).

        ``now`` matters only if the token has the claims ``exp``, ``nbf`` or ``iat``, which the service writes never
        and checks all the same.
        Raises :class:`TokenRefused` where the service cannot decode it; such a token grants nothing.
        """
        from policy.auth_service import models

        behaviour = Behaviour.of(auth_service)
        try:
            check_times(claims, seconds(now), behaviour)
            model = models.fit(models.ShareModel, dict(claims), behaviour.share_types | {NO_TYPE})
        except (TypeError, OverflowError):
            raise TokenRefused("a time in the token is no number") from None
        except models.Refused as refused:
            place = ".".join(map(str, refused.faults[0][0]))
            raise TokenRefused(f"{place} in the share token is not what the service expects") from None
        if claims.get("aud"):
            raise TokenRefused("the token has an audience: it is not a share")
        check_subject(claims, behaviour)
        resources = tuple(SharedResource(one.dicom_uid, one.orthanc_id, one.level, one.url) for one in model.resources)
        return Share(resources, model.type, model.expiration_date, model.id)

    @staticmethod
    def from_token(
        token: str,
        secret: str | bytes,
        *,
        auth_service: str | Version | None = None,
        now: datetime | float | None = None,
    ) -> Share:
        """The share in a token, its signature verified with the service's ``SECRET_KEY`` (needs joserfc).

        Raises :class:`TokenRefused`.
        """
        claims = read_share_claims(token.removeprefix("Bearer "), secret)
        return Share.from_claims(claims, auth_service=auth_service, now=now)

    def grants(
        self,
        level: str | None = None,
        orthanc_id: str | None = None,
        dicom_uid: str | None = None,
        server_id: str | None = None,
        now: datetime | float | None = None,
        *,
        expected_server_id: str | None = None,
    ) -> bool:
        """Whether the service grants this one resource; an answer that is an HTTP error grants nothing."""
        return self.validate(
            level, orthanc_id, dicom_uid, server_id, now, expected_server_id=expected_server_id
        ).granted

    def validate(
        self,
        level: str | None = None,
        orthanc_id: str | None = None,
        dicom_uid: str | None = None,
        server_id: str | None = None,
        now: datetime | float | None = None,
        *,
        method: str = "get",
        expected_server_id: str | None = None,
    ) -> Validation:
        """What ``POST /tokens/validate`` answers.

        ``level`` and ``method`` must have a known name in lower case and are then not used.
        ``expected_server_id`` is the service's ``SERVER_ID``, None if it has none (or neither of the variables
        ``PUBLIC_ORTHANC_ROOT`` and ``PUBLIC_OHIF_ROOT``, without which it does not read it).
        ``now`` None is the present moment.
        """
        if (level is not None and level not in LEVELS) or method not in METHODS:
            return Validation(granted=False, status=422, reason="the level or the method has no known name")
        if expected_server_id and server_id != expected_server_id:
            return Validation(granted=False, reason="the question comes from another server")
        if self.expires is not None:
            if self.expires.tzinfo is None:
                return Validation(granted=False, status=500, reason="the expiration date has no time zone")
            if self.expires < datetime.fromtimestamp(seconds(now), tz=UTC):
                return Validation(granted=False, reason="the share has expired")
        return self._grants_ids(orthanc_id, dicom_uid)

    def _grants_ids(self, orthanc_id: str | None, dicom_uid: str | None) -> Validation:
        """An id counts only where every resource of the share has an id of that kind."""
        asked = (
            (orthanc_id, [one.orthanc_id for one in self.resources]),
            (dicom_uid, [one.dicom_uid for one in self.resources]),
        )
        counting = [(one, held) for one, held in asked if one is not None and None not in held]
        if not counting:
            return Validation(granted=False, reason="no id in the question is of a kind that all resources have")
        if all(one in held for one, held in counting):
            return Validation(granted=True)
        return Validation(granted=False, reason="the resource is not among those of the share")
