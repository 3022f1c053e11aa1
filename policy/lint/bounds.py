"""How much the linter takes on: what is larger is refused with its place, instead of being worked on for hours."""

from __future__ import annotations

from policy.configuration.deployment import Deployment
from policy.errors import ShapeError

MOST_RULES = 20_000
"""Entries of one list of rules.  The longest that people deploy has some hundred; proofs compare each with others."""
_LISTS = ("Permissions", "ExtraPermissions")


def require_bounded(deployment: Deployment) -> None:
    """Raises :class:`ShapeError` for a list of rules that is too long."""
    for server in deployment.servers:
        for name in _LISTS:
            entry = server.option(name)
            if entry is None or len(entry.setting.items) <= MOST_RULES:
                continue
            place = entry.setting.origin.location
            raise ShapeError(
                f"{name} has {len(entry.setting.items)} rules; the limit is {MOST_RULES}",
                file=place.source.path if place is not None else None,
                line=place.start.line if place is not None else None,
                column=place.start.column if place is not None else None,
                help="Let one pattern stand for many paths.",
            )
