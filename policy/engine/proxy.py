"""What stands between a browser and Orthanc, as the engine sees it."""

from __future__ import annotations

from typing import Protocol

from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The proxy hands the request on: ``target`` is the path with query string that Orthanc sees."""

    target: str
    conditions: tuple[str, ...] = ()
    """What in the request may keep the proxy from handing it on, in words."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The proxy answers by itself, with this HTTP status; the request never reaches Orthanc."""

    status: int
    text: str


class Proxy(Protocol):
    """A reverse proxy whose rules are known."""

    def to_orthanc(self, url: str) -> Forwarded | Answered:
        """What becomes of a request for a full public URL."""
        ...
