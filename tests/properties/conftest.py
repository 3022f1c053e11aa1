"""Options for long runs: every mutation instead of a choice of them, more requests for each pair of policies."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-mutation", action="store_true", help="cut at every byte, insert at every byte (an hour)")
    parser.addoption("--requests", type=int, default=250, help="how many requests each pair of policies is asked")


@pytest.fixture
def every_mutation(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--every-mutation", default=False))


@pytest.fixture
def requests_each(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--requests", default=250))
