"""The rooms that are mutated, each with the tests that must notice."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

TESTS = {
    "text": (
        "tests/unit/text",
        "tests/conformance/test_dialect.py",
        "tests/security/test_interrupted_writes.py",
        "tests/unit/report/test_visible.py",
    ),
    "patterns": (
        "tests/unit/patterns",
        "tests/conformance/test_boost_patterns.py",
        "tests/properties/test_patterns.py",
        "tests/oracles/test_automata_lib.py",
        "tests/oracles/test_brute_force.py",
        "tests/oracles/test_z3.py",
    ),
    "engine": (
        "tests/unit/engine",
        "tests/conformance/test_filter.py",
        "tests/conformance/test_through.py",
        "tests/properties/test_engine.py",
        "tests/properties/test_quick.py",
    ),
}


def modules(room: str) -> list[Path]:
    """The sources of a room, relative to the root; without what makes a table that is delivered ready."""
    found = (path.relative_to(ROOT) for path in (ROOT / "policy" / room).rglob("*.py"))
    return sorted(path for path in found if path.name != "build_table.py")
