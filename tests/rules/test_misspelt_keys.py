"""Every single slip in a known key of the auth service's files is found, and the key that was meant is named."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from policy.configuration.given import Given
from policy.configuration.loading import load
from policy.configuration.source import Kind
from policy.lint.run import run

ROLE = {"permissions": ["view"], "authorized-labels": ["*"]}
PROFILE = {"name": "Anonymous", "user-id": None, "permissions": ["upload"], "authorized-labels": [], "validity": 60}


def slips(key: str) -> Iterator[str]:
    """One letter left out, twice, another, too many, in another case; two letters exchanged."""
    for i, letter in enumerate(key):
        yield key[:i] + key[i + 1 :]
        yield key[:i] + letter + key[i:]
        yield f"{key[:i]}x{key[i + 1 :]}"
        yield f"{key[:i]}x{key[i:]}"
        yield key[:i] + letter.upper() + key[i + 1 :]
        if i + 1 < len(key):
            yield key[:i] + key[i + 1] + letter + key[i + 2 :]


def different(key: str) -> list[str]:
    read = {key, key.replace("-", "_")}
    return [slip for slip in dict.fromkeys(slips(key)) if slip not in read]


def found(value: object, kind: Kind) -> list[tuple[str, object]]:
    data = json.dumps(value).encode()
    deployment = load(["-"], stdin=data, stdin_kind=kind, given=Given(), env={})
    return [(finding.rule, finding.help) for finding in run(deployment).findings]


def renamed(value: dict[str, object], key: str, slip: str) -> dict[str, object]:
    return {slip if name == key else name: entry for name, entry in value.items()}


@pytest.mark.parametrize("key", ["permissions", "authorized-labels"])
def test_keys_of_a_role(key: str) -> None:
    missed = [
        slip
        for slip in different(key)
        if ("role-key-misspelt", f"Did you mean {key}?")
        not in found({"roles": {"a": renamed(ROLE, key, slip)}}, Kind.PERMISSIONS)
    ]
    assert missed == []


@pytest.mark.parametrize(
    ("key", "rule", "said"),
    [
        ("roles", "roles-wrong-shape", "Did you mean roles?"),
        ("available-labels", "available-labels-underscore", "Write available-labels."),
    ],
)
def test_keys_at_the_top(key: str, rule: str, said: str) -> None:
    value = {"roles": {"a": ROLE}, "available-labels": ["x"]}
    missed = [slip for slip in different(key) if (rule, said) not in found(renamed(value, key, slip), Kind.PERMISSIONS)]
    assert missed == []


@pytest.mark.parametrize("key", PROFILE)
def test_keys_of_the_profile(key: str) -> None:
    missed = [
        slip
        for slip in different(key)
        if ("profile-wire-names", f"Did you mean {key}?") not in found(renamed(PROFILE, key, slip), Kind.ANONYMOUS)
    ]
    assert missed == []
