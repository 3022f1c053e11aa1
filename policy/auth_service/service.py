"""The whole of ``POST /user/get-profile``: from what the plugin sends to the profile, in the order of the service.

Source: the recordings of 26.4.1 and 25.9.0, and the sources of the service by version.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from policy.auth_service.claims import of_bad_token, profile_of_claims, seconds
from policy.auth_service.errors import RequestFails, TokenRefused
from policy.auth_service.profile import NOBODY, Profile
from policy.auth_service.roles import Roles
from policy.auth_service.tokens import read_claims
from policy.records import dataclass, field

API_KEY = "api-key"
"""The one token key under which an api-key is known, with case."""


@dataclass(frozen=True, slots=True)
class ApiUser:
    """A Keycloak user with an api-key.

    ``roles`` are the realm roles, those inside composite ones included.
    ``not_before`` is in seconds since 1970.
    """

    name: str
    roles: tuple[str, ...] = ()
    enabled: bool = True
    not_before: float = 0


@dataclass(frozen=True, slots=True, eq=False)
class AuthService:
    """The service with its files, its Keycloak and its users, as far as a profile depends on them.

    ``api_keys`` maps keys to users; None means that the service has no admin client, so that it knows no api-keys.
    ``composite_roles`` are the realm roles that are composite in Keycloak: they count by JWT and not by api-key.
    ``default-roles-<realm>`` is always one of them.
    ``key`` is the realm's public key; without it signatures are not verified.
    """

    roles: Roles
    anonymous: Profile = NOBODY
    keycloak: bool = True
    api_keys: Mapping[str, ApiUser] | None = None
    composite_roles: frozenset[str] = frozenset()
    key: str | bytes | Mapping[str, Any] | None = field(default=None, repr=False)

    def profile(
        self, token_key: str | None = None, token_value: str | None = None, *, now: datetime | float | None = None
    ) -> Profile | None:
        """The profile for one credential, or None where the service answers ``null`` (an api-key without a user).

        ``token_key`` is the name of the header or argument as the plugin sends it, ``token_value`` its value.
        ``now`` None is the present moment.
        Raises :class:`RequestFails` where the service answers with an HTTP error.
        """
        behaviour = self.roles.behaviour
        if not token_value or not self.keycloak or not token_key:
            return self.anonymous
        if token_key == API_KEY and self.api_keys is not None and behaviour.has_api_keys:
            if behaviour.api_keys_fail:
                raise RequestFails(400, "this version cannot look up api-keys", help="Use 24.6.1 or later.")
            return self._by_api_key(self.api_keys.get(token_value), now)
        token = token_value.removeprefix("Bearer ") if behaviour.cuts_bearer else token_value
        try:
            claims = read_claims(token, key=self.key)
        except TokenRefused as refused:
            return of_bad_token(refused, behaviour, self.anonymous)
        return profile_of_claims(claims, self.roles, self.anonymous, now=now)

    def _by_api_key(self, user: ApiUser | None, now: datetime | float | None) -> Profile | None:
        if user is None or not user.enabled or user.not_before > seconds(now):
            return None
        counted = [name for name in user.roles if not self._is_composite(name)]
        return self.roles.profile(counted, name=user.name, source="api-key")

    def _is_composite(self, role: str) -> bool:
        return role in self.composite_roles or role.startswith("default-roles-")
