"""From the claims of a JWT to a profile: the checks of the service, and the claims that it reads.

Sources: the recordings of 26.4.1 and 25.9.0; the checks of times and audience are those of PyJWT 2.6 (up to 26.2.0)
and 2.12 (from 26.4.0), which the tests compare with.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from policy.auth_service.behaviour import Behaviour
from policy.auth_service.errors import RequestFails, TokenRefused
from policy.auth_service.profile import Profile
from policy.auth_service.roles import Roles

AUDIENCE = "account"
"""What ``aud`` must be or contain."""


def profile_of_claims(
    claims: Mapping[str, Any], roles: Roles, anonymous: Profile, *, now: datetime | float | None = None
) -> Profile:
    """The profile that the service answers to a JWT with these claims, its signature taken as good.

    ``anonymous`` is the profile of visitors: since 24.6.1 an expired or foreign token gives it.
    ``now`` is a moment with time zone or in seconds since 1970; None is the present one.
    Raises :class:`RequestFails` where the service answers HTTP 400.
    """
    behaviour = roles.behaviour
    try:
        _check(claims, seconds(now), behaviour)
    except TokenRefused as refused:
        return of_bad_token(refused, behaviour, anonymous)
    except (TypeError, OverflowError):
        raise RequestFails(400, "a time in the token is no number") from None
    user = _text(claims.get("sub"), "sub") if behaviour.profiles_have_groups else None
    groups = _groups(claims.get("groups")) if behaviour.profiles_have_groups else None
    name = _text(claims.get("name") or claims.get("preferred_username"), "name") or ""
    return roles.profile(_realm_roles(claims), name=name, user_id=user, groups=groups, source="claims")


def of_bad_token(refused: TokenRefused, behaviour: Behaviour, anonymous: Profile) -> Profile:
    """What the service answers to a token that it cannot use: the visitor's profile, in old versions HTTP 400."""
    if behaviour.bad_algorithm_fails if refused.algorithm else behaviour.bad_token_fails:
        raise RequestFails(400, refused.message) from refused
    return anonymous


def seconds(now: datetime | float | None) -> float:
    """``now`` in seconds since 1970."""
    if now is None:
        return datetime.now(tz=UTC).timestamp()
    return now.timestamp() if isinstance(now, datetime) else now


def check_times(claims: Mapping[str, Any], now: float, behaviour: Behaviour) -> None:
    """Raises :class:`TokenRefused` for a token that is not yet or no longer good; no second of tolerance."""
    if "iat" in claims:
        issued = _whole(claims["iat"], "iat")
        # PyJWT 2.6 compares the claim itself, so that a number written as a text is an error of another kind.
        if (issued if behaviour.checks_subject else claims["iat"]) > now:
            raise TokenRefused("the token is not yet valid (iat)")
    if "nbf" in claims and _whole(claims["nbf"], "nbf") > now:
        raise TokenRefused("the token is not yet valid (nbf)")
    if "exp" in claims and _whole(claims["exp"], "exp") <= now:
        raise TokenRefused("the token has expired")


def check_subject(claims: Mapping[str, Any], behaviour: Behaviour) -> None:
    """Raises :class:`TokenRefused` where a version wants ``sub`` and ``jti`` to be text and they are not."""
    for claim in ("sub", "jti") if behaviour.checks_subject else ():
        if claim in claims and not isinstance(claims[claim], str):
            raise TokenRefused(f"{claim} is no text")


def _check(claims: Mapping[str, Any], now: float, behaviour: Behaviour) -> None:
    check_times(claims, now, behaviour)
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not all(isinstance(one, str) for one in audiences):
        raise TokenRefused("the token names no audience")
    if AUDIENCE not in audiences:
        raise TokenRefused(f"the token is not meant for {AUDIENCE!r}")
    check_subject(claims, behaviour)


def _whole(value: Any, claim: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise TokenRefused(f"{claim} is no whole number") from None


def _realm_roles(claims: Mapping[str, Any]) -> list[str]:
    """The entries of ``realm_access.roles``, the only place that counts."""
    access = claims.get("realm_access") or {}
    if not isinstance(access, Mapping):
        raise RequestFails(400, "realm_access is no object")
    names = access.get("roles") or []
    # Python goes through a text letter by letter and through an object key by key, and so does the service.
    if not isinstance(names, list | str | Mapping):
        raise RequestFails(400, "realm_access.roles is no list")
    if any(isinstance(name, list | Mapping) for name in names):
        raise RequestFails(400, "a role in realm_access.roles is no text")
    return [name for name in names if isinstance(name, str)]


def _text(value: Any, claim: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise RequestFails(400, f"{claim} is no text")
    return value


def _groups(value: Any) -> list[str] | None:
    if value is not None and not (isinstance(value, list) and all(isinstance(group, str) for group in value)):
        raise RequestFails(400, "groups is no list of texts")
    return value
