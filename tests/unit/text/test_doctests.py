"""The examples in the docstrings run."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["document", "edits", "embedding", "meaning", "parsing", "yaml_parsing"])
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"policy.text.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
