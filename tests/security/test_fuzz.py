"""A little of what ``python -m tests.security.fuzz`` does for long: the same targets, few and always the same inputs."""

from __future__ import annotations

import random

import pytest

from .fuzzing import TARGETS

TURNS = {"reader": 40, "recognised": 2, "merged": 6, "pattern": 120, "request": 400, "arguments": 10}


@pytest.mark.parametrize("name", list(TARGETS))
def test_nothing_breaks(name: str) -> None:
    for seed in range(TURNS[name]):
        TARGETS[name](random.Random(seed))


def test_an_address_that_is_none(tmp_path) -> None:
    """Found by fuzzing: urllib refuses such hosts in its own way."""
    from policy.engine import Policy
    from policy.errors import UsageError

    policy = Policy.from_configuration({"Authorization": {"WebServiceRootUrl": "http://a/"}}, plugin="0.11.4")
    for address in ("http://[/x", "https://[x](y)/", "http://[::1:/"):
        with pytest.raises(UsageError, match="is no address"):
            policy.decide(address)
