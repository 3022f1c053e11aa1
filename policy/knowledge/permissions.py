"""The names of permissions: what each means, who knows it since when, which default rules ask for it.

The auth service knows a closed list; a name that is not in it cannot be given to anybody by that service.
"""

from __future__ import annotations

from functools import cache

from policy.knowledge import plugin
from policy.knowledge._files import read
from policy.knowledge.versions import Version
from policy.records import dataclass

ALL = "all"
ADMIN = "admin-permissions"
"""The name that the default rules for administration ask for alone: ``all`` is not enough there."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission name."""

    name: str
    """Compared as it is, with case and blanks."""
    meaning: str
    service_since: Version
    """The first tag of the auth service that knows it."""
    source: str

    @property
    def plugin_since(self) -> Version | None:
        """The first release of the plugin whose default rules ask for it; None: none does."""
        return next((release.version for release in plugin.releases() if _asks(release, self.name)), None)


@cache
def permissions() -> tuple[Permission, ...]:
    """All names that the auth service ever knew."""
    data = read("permissions")
    return tuple(
        Permission(name, meaning, Version.parse(since), data["sources"][source])
        for name, meaning, since, source in data["permissions"]
    )


def permission(name: str) -> Permission | None:
    """The permission with this name, or None."""
    return next((entry for entry in permissions() if entry.name == name), None)


def known_to_service(version: str | Version) -> frozenset[str]:
    """The names that the auth service of this tag knows."""
    wanted = Version.parse(version)
    return frozenset(entry.name for entry in permissions() if entry.service_since <= wanted)


def default_rules_asking(name: str, version: str | Version) -> tuple[plugin.DefaultRule, ...]:
    """The default rules of a plugin release that ``name`` satisfies."""
    return tuple(rule for rule in plugin.release(version).default_rules if name in rule.names)


@cache
def asked_by_default(version: str | Version) -> frozenset[str]:
    """Every name that the default rules of a plugin release ask for."""
    return frozenset(name for rule in plugin.release(version).default_rules for name in rule.names)


def _asks(release: plugin.Release, name: str) -> bool:
    return any(name in rule.names for rule in release.default_rules)
