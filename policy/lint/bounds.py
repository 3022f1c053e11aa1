"""How much the linter takes on: what is larger is refused with its place, instead of being worked on for hours."""

from __future__ import annotations

from policy.configuration.deployment import Deployment
from policy.configuration.setting import Setting
from policy.errors import ShapeError

MOST_RULES = 20_000
"""Entries of one list of rules.  The longest that people deploy has some hundred; proofs compare each with others."""
LONGEST_PATTERN = 10_000
"""Characters; each known route of the server is matched with it."""
_LISTS = ("Permissions", "ExtraPermissions")


def require_bounded(deployment: Deployment) -> None:
    """Raises :class:`ShapeError` for a list of rules that is too long, or for a pattern in it that is."""
    for server in deployment.servers:
        for name in _LISTS:
            entry = server.option(name)
            if entry is None:
                continue
            rules = entry.setting.items
            if len(rules) > MOST_RULES:
                raise _refused(entry.setting, f"{name} has {len(rules)} rules; the limit is {MOST_RULES}")
            for rule in rules:
                for cell in rule.items[1:2]:
                    if isinstance(cell.value, str) and len(cell.value) > LONGEST_PATTERN:
                        size = len(cell.value)
                        raise _refused(cell, f"a pattern has {size} characters; the limit is {LONGEST_PATTERN}")


def _refused(setting: Setting, message: str) -> ShapeError:
    place = setting.origin.location
    return ShapeError(
        message,
        file=place.source.path if place is not None else None,
        line=place.start.line if place is not None else None,
        column=place.start.column if place is not None else None,
        help="Let one short pattern stand for many paths.",
    )
