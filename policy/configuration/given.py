"""Versions: what the user said, what an image tag tells, else the newest known; each with its reason in words."""

from __future__ import annotations

from policy.knowledge.versions import Version
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """The versions that the user named; None where nothing was said.

    ``image`` is the tag of the orthancteam/orthanc image; it tells the plugin and the core unless these are given too.
    """

    plugin: Version | None = None
    orthanc: Version | None = None
    auth_service: Version | None = None
    image: Version | None = None

    @classmethod
    def of(
        cls,
        plugin: str | Version | None = None,
        orthanc: str | Version | None = None,
        auth_service: str | Version | None = None,
        image: str | Version | None = None,
    ) -> Given:
        """The versions that the texts write.

        Raises :class:`policy.errors.UnknownVersion` for a text that is no version.
        """
        return cls(
            *(None if value is None else Version.parse(value) for value in (plugin, orthanc, auth_service, image))
        )


NOTHING_GIVEN = Given()
