"""Passwords and keys that stand in published samples: whoever reads the samples knows them."""

from __future__ import annotations

from functools import cache

from policy.knowledge._files import read
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class SampleSecret:
    """One of them: ``value`` in small letters, ``prefix`` whether everything that begins so counts too."""

    value: str
    prefix: bool
    source: str


@cache
def sample_secrets() -> tuple[SampleSecret, ...]:
    """All known ones."""
    data = read("sample-secrets")
    return tuple(SampleSecret(value, prefix, data["sources"][source]) for value, prefix, source in data["values"])


def is_sample(value: str) -> bool:
    """Whether ``value`` is a secret of a published sample, or the request to change it.

    >>> is_sample("change-me-I-am-a-secret-key"), is_sample("correct horse")
    (True, False)
    """
    folded = value.strip().casefold()
    return any(folded.startswith(known.value) if known.prefix else folded == known.value for known in sample_secrets())
