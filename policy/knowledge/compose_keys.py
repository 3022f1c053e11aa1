"""The keys of a Compose file: what stands at its top, and what in a service.  Docker Compose refuses any other."""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read


@cache
def top_keys() -> frozenset[str]:
    """The keys at the top of the file; those that begin with ``x-`` are free."""
    return frozenset(read("compose-keys")["top"])


@cache
def service_keys() -> frozenset[str]:
    """The keys of a service, those of older versions of the format included."""
    data = read("compose-keys")
    return frozenset((*data["service"], *data["service_of_old"]))
