"""Every example in a docstring of the package runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import policy

BUILDERS = ("build_table",)
"""Scripts that write files when they run."""
MODULES = [
    module.name
    for module in pkgutil.walk_packages(policy.__path__, "policy.")
    if not module.ispkg and not module.name.endswith(BUILDERS) and ".lint.rules." not in module.name
]


def test_there_are_examples() -> None:
    assert len(MODULES) > 150


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    failed = doctest.testmod(importlib.import_module(name)).failed
    assert failed == 0
