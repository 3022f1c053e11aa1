"""What is needed at run time: few packages, under licences that a hospital can live with, all of them used."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
MOST = 20
"""Packages that a plain installation brings, the needs of needs included."""
ALLOWED = ("MIT", "BSD", "Apache", "PSF", "Python-2.0", "ISC")
"""Beginnings of the licences that are allowed."""
BY_EXTRA = frozenset(
    {"duckdb", "ibis", "joserfc", "lsprotocol", "numpy", "pyarrow", "pygls", "pyspark", "pytest", "zstandard"}
)
"""Modules of the optional parts, and pytest, whose plugin is for people who have it."""


COME_ALONG = frozenset({"markupsafe", "pydantic_core"})
"""Modules that jinja2 and pydantic bring and cannot do without."""
IMPORT = re.compile(r"^ *(?:from|import) +([a-zA-Z]\w*)(?:\.\w+)*(?: +import | +as |,|$)", re.MULTILINE)


def needed(name: str = "policy-lint") -> dict[str, metadata.Distribution]:
    """The packages that ``name`` needs at run time without extras, and what those need."""
    found: dict[str, metadata.Distribution] = {}
    pending: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    while pending:
        wanted, extras = pending.pop()
        here = metadata.distribution(wanted)
        for line in here.requires or ():
            requirement = Requirement(line)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (extras or {""})):
                key = canonicalize_name(requirement.name)
                if key not in found:
                    found[key] = metadata.distribution(requirement.name)
                    pending.append((requirement.name, frozenset(requirement.extras)))
    return found


def licence(package: metadata.Distribution) -> str:
    """What a package says of its licence, in the newest of the three ways in which it can."""
    told = package.metadata
    classified = [
        line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if line.startswith("License ::")
    ]
    return str(told["License-Expression"] or " / ".join(classified) or told["License"] or "")


def test_they_are_few():
    assert len(needed()) <= MOST, sorted(needed())


def test_their_licences_are_allowed():
    told = {name: licence(package) for name, package in needed().items()}
    assert {} == {name: text for name, text in told.items() if not text.startswith(ALLOWED)}


def test_each_is_imported_and_each_import_is_declared():
    declared = {
        canonicalize_name(Requirement(line).name)
        for line in metadata.requires("policy-lint") or ()
        if Requirement(line).marker is None
    }
    packages = metadata.packages_distributions()
    imported = {name for file in (TOP / "policy").rglob("*.py") for name in re.findall(IMPORT, file.read_text("utf-8"))}
    foreign = imported - set(sys.stdlib_module_names) - {"policy"} - BY_EXTRA - COME_ALONG
    assert declared == {canonicalize_name(packages[name][0]) for name in foreign}


def test_lower_bounds_are_given():
    lines = [Requirement(line) for line in metadata.requires("policy-lint") or ()]
    assert [] == [line.name for line in lines if line.marker is None and not re.match(r">=\d", str(line.specifier))]
