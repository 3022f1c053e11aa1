"""What differs between versions of the service, as far as this room depends on it: each difference under a name."""

from __future__ import annotations

from functools import lru_cache

from policy.errors import UnknownVersion
from policy.knowledge import service
from policy.knowledge.versions import Version
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The behaviour of one version of the service; the versions come from :mod:`policy.knowledge.service`.

    >>> Behaviour.of("24.5.1").one_role_only
    True
    """

    version: Version
    permissions: frozenset[str]
    """The names of permissions that it knows; it takes no other."""
    share_types: frozenset[str]
    """The types of share tokens that it knows."""
    roles_are_lists: bool
    """A role is a bare list of permissions; there are no labels."""
    one_role_only: bool
    """A user must have exactly one configured role, else HTTP 400."""
    checks_by_model: bool
    """The whole of permissions.json is checked at start, types and names included."""
    cuts_bearer: bool
    """``Bearer `` before a JWT is cut off."""
    has_api_keys: bool
    """Users can have api-keys."""
    api_keys_fail: bool
    """Every request with an api-key ends in HTTP 400."""
    bad_token_fails: bool
    """A JWT that is no good ends in HTTP 400; else its sender is a visitor."""
    bad_algorithm_fails: bool
    """The same for a JWT with another algorithm than RS256."""
    reads_anonymous_profile: bool
    """anonymous-profile.json is read; before, the profile of visitors is fixed."""
    profiles_have_groups: bool
    """Profiles have ``user-id`` and ``groups``."""
    checks_subject: bool
    """The claims ``sub`` and ``jti`` of a JWT must be text where they are present."""

    @staticmethod
    def of(version: str | Version | None) -> Behaviour:
        """The behaviour of ``version``; None is the newest one known, and newer ones are taken to behave like it.

        Raises :class:`policy.errors.UnknownVersion` for what is no version, and for tags before there were profiles.
        """
        return _of(service.newest().version if version is None else Version.parse(version))


@lru_cache(maxsize=64)
def _of(version: Version) -> Behaviour:
    if version < service.FIRST_WITH_PROFILES:
        raise UnknownVersion(
            f"the auth service {version} knows no roles and profiles",
            help=f"Name a tag from {service.FIRST_WITH_PROFILES} to {service.newest().version}.",
        )

    def does(identifier: str) -> bool:
        return service.behaves(identifier, version)

    tag = service.closest(version)
    return Behaviour(
        version=version,
        permissions=frozenset(tag.permissions),
        share_types=frozenset(tag.share_types),
        roles_are_lists=does("roles-union-permissions"),
        one_role_only=does("roles-one-only"),
        checks_by_model=does("permission-unknown-stops"),
        cuts_bearer=does("bearer-cut"),
        has_api_keys=does("api-key-exact"),
        api_keys_fail=does("api-key-broken"),
        bad_token_fails=does("bad-jwt-400"),
        # A wrong algorithm made a visitor of the sender from 23.9.0 on, when roles became objects.
        bad_algorithm_fails=does("roles-union-permissions"),
        reads_anonymous_profile=does("anonymous-file"),
        profiles_have_groups=does("user-id-profile"),
        checks_subject=does("jwt-sub-number"),
    )
