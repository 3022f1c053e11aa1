"""The transactions of DICOMweb (DICOM PS3.18) and what Orthanc's DICOMweb plugin makes of them."""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read, version
from policy.knowledge.versions import Version
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to write the request of a transaction."""

    label: str
    method: str
    witness: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of the standard, or a route of the plugin that stands next to them."""

    group: str
    """``QIDO-RS``, ``WADO-RS``, ``STOW-RS``, ``WADO-URI``, ``UPS-RS``, ``Delete`` and so on."""
    name: str
    method: str
    template: str | None
    """The path of the standard, below the root; None: not in the standard."""
    clause: str | None
    """The clause of PS3.18; None: not in the standard."""
    clause_checked: bool
    """Whether the clause was compared with the published text."""
    implemented: bool
    path: str | None
    """The path in Orthanc under its default root; None if it is not implemented."""
    methods: tuple[str, ...]
    since: Version | None
    """The first release of the DICOMweb plugin with it; None: not known or not implemented."""
    witness: str
    note: str
    variants: tuple[Variant, ...]
    source: str

    @property
    def standard(self) -> bool:
        """Whether the standard has it."""
        return self.clause is not None


@dataclass(frozen=True, slots=True)
class Edge:
    """A path that looks like a transaction and is treated in another way."""

    label: str
    method: str
    witness: str
    source: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows for access from the way in which paths are recognised."""

    what: str
    source: str


@cache
def transactions() -> tuple[Transaction, ...]:
    """All transactions, in the order of the standard, then the routes of the plugin."""
    data = read("dicomweb")
    return tuple(
        Transaction(
            group, name, method, template, clause, bool(checked), bool(implemented), path, tuple(methods),
            version(since), witness, note, tuple(Variant(*variant) for variant in variants), data["sources"][source],
        )
        for group, name, method, template, clause, checked, implemented, path, methods, since, witness, note, variants,
        source in data["transactions"]
    )  # fmt: skip


@cache
def edges() -> tuple[Edge, ...]:
    """Paths at the edge: letters in a UID, lists, double slashes."""
    data = read("dicomweb")
    return tuple(
        Edge(label, method, witness, data["sources"][source]) for label, method, witness, source in data["edges"]
    )


@cache
def consequences() -> tuple[Consequence, ...]:
    """What follows from system accesses and unknown studies."""
    data = read("dicomweb")
    return tuple(Consequence(what, data["sources"][source]) for what, source in data["consequences"])
