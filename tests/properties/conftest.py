"""One option: every mutation instead of a choice of them."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-mutation", action="store_true", help="cut at every byte, insert at every byte (an hour)")


@pytest.fixture
def every_mutation(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--every-mutation", default=False))
