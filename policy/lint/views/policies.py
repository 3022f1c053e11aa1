"""The policy of a server that does not start, as it would be without what stops it: the rest is judged all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policy.errors import PolicyError

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Policy
    from policy.lint.context import Context

_LISTS = ("Permissions", "ExtraPermissions")
_NEVER = ("get", "^$", "-")
"""Stands in for a row that cannot be read, so that the others keep their numbers: no path is empty."""


def usable_policy(server: OrthancServer, context: Context) -> Policy | None:
    """The policy of ``server``, or the one that it would have without the contradiction that stops it.

    Taken out are ``UncheckedLevels`` beside ``CheckedLevel``, rows that cannot be read, and files of roles that the auth
    service refuses.  None where that does not help.
    """
    return context.policy(server) or context.once(("usable policy", id(server)), lambda: _mended(server, context))


def _mended(server: OrthancServer, context: Context) -> Policy | None:
    from policy.engine import Policy
    from policy.engine.loading import Locator

    configuration = server.configuration.python()
    section = configuration.get("Authorization")
    if not isinstance(section, dict):
        return None
    if "CheckedLevel" in section:
        section.pop("UncheckedLevels", None)
    for name in _LISTS:
        if isinstance(section.get(name), list):
            section[name] = [row if _readable(row) else list(_NEVER) for row in section[name]]
    service = server.auth_service
    try:
        return Policy.from_configuration(
            configuration,
            plugin=str(server.plugin.version),
            permissions=context.roles(service) if service is not None else None,
            anonymous=context.anonymous(service) if service is not None else None,
            locate=Locator(server.configuration),
        )
    except PolicyError:
        return None


def _readable(row: Any) -> bool:
    from policy import patterns
    from policy.engine.rules import METHODS

    if not isinstance(row, list) or len(row) < 3 or any(isinstance(cell, list | dict) for cell in row[:3]):
        return False
    if str(row[0]).upper() not in METHODS:
        return False
    try:
        patterns.compile(str(row[1] if row[1] is not None else ""))
    except PolicyError:
        return False
    return True
