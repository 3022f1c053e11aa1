"""The targets, one small module each; the name of the module is the name of the target."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ..target import Target

NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))


def load(name: str) -> Target:
    """The target of that name; only what it needs is imported."""
    target = import_module(f".{name}", __package__).TARGET
    assert isinstance(target, Target)
    return target
