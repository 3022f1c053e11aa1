"""Parts that a stranger's machine may lack."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

REQUIRE_ALL = "POLICY_TESTS_REQUIRE_ALL"


def needed(what: str, *, there: bool) -> None:
    """Skip the test where ``what`` is not there; where everything must be, fail."""
    if not there:
        assert not os.environ.get(REQUIRE_ALL), f"{what} is needed"
        pytest.skip(f"{what} is not installed")


def program(name: str) -> str:
    """The program of that name, beside this Python or on the path; without it the test is skipped, as above."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    needed(name, there=found is not None)
    assert found is not None
    return found
