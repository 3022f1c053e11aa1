"""Programs that talk to Orthanc: what each feature asks for, in which order, and what a refusal looks like.

Where a client was recorded against a real server the recording is the source; else the client's own source text is.
"""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read, version
from policy.knowledge.versions import Version
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """One request of a feature."""

    order: int
    method: str
    path: str
    """A template, as in :mod:`policy.knowledge.routes`."""
    query: tuple[tuple[str, str], ...]
    witness: str
    """A concrete path, without the query string."""
    essential: bool
    """True: without it the feature does not work. False: a part is missing."""
    call: str
    """The call of a library that sends it; empty for programs."""
    symptom: str
    """What the user sees where it is refused; empty: nothing worth a word."""
    note: str
    recorded: bool
    """Whether the client was seen to send it; False: read in its source."""
    source: str

    @property
    def target(self) -> str:
        """The witness with its query string."""
        query = "&".join(f"{key}={value}" if value else key for key, value in self.query)
        return f"{self.witness}?{query}" if query else self.witness


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a user does with a client."""

    client: str
    name: str
    kind: str
    """``browser``, ``desktop``, ``library``, ``script`` or ``server``."""
    token: str
    """How it carries a token, in words; empty: not known."""
    note: str
    version: Version | None
    """The version that was recorded; None: not recorded."""
    requests: tuple[ClientRequest, ...]
    """In the order of normal use."""
    source: str

    @property
    def essential(self) -> tuple[ClientRequest, ...]:
        """The requests without which it does not work."""
        return tuple(request for request in self.requests if request.essential)


@cache
def features() -> tuple[Feature, ...]:
    """All features of all clients."""
    data = read("clients")
    sources: list[str] = data["sources"]
    requests: dict[int, list[ClientRequest]] = {}
    for (
        feature, order, method, path, query, witness, essential, call, symptom, note, recorded, source
    ) in data["requests"]:  # fmt: skip
        requests.setdefault(feature, []).append(
            ClientRequest(
                order, method, path, tuple((key, value) for key, value in query), witness, bool(essential), call,
                symptom, note, bool(recorded), sources[source],
            )
        )  # fmt: skip
    return tuple(
        Feature(client, name, kind, token, note, version(seen), tuple(requests.get(number, ())), sources[source])
        for number, (client, name, kind, token, note, seen, source) in enumerate(data["features"])
    )


@cache
def requests() -> tuple[ClientRequest, ...]:
    """The requests of all features, one after the other."""
    return tuple(request for feature in features() for request in feature.requests)


@cache
def clients() -> tuple[str, ...]:
    """The names of the clients."""
    return tuple(dict.fromkeys(feature.client for feature in features()))


@cache
def features_of(client: str) -> tuple[Feature, ...]:
    """The features of one client."""
    return tuple(feature for feature in features() if feature.client == client)
