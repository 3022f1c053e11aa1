"""Helpers for the tests of the pattern room."""

import subprocess
import sys

import pytest


@pytest.fixture
def run_python():
    """Runs a line of Python in a process of its own and gives what it prints."""

    def run(line):
        done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return run
