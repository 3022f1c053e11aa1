"""JSON Web Tokens: read without a key, or verified with one by joserfc (the optional extra ``jwt``).

The algorithm is fixed by the caller, never by the token.
"""

from __future__ import annotations

import base64
import binascii
import json
import warnings
from collections.abc import Mapping
from typing import Any

from policy.auth_service.errors import TokenRefused
from policy.errors import PolicyError

USER_ALGORITHM = "RS256"
"""The one algorithm of users' tokens."""
SHARE_ALGORITHM = "HS256"
"""The one algorithm of share tokens."""

_LONGEST = 1 << 20


def read_claims(token: str, *, key: str | bytes | Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The claims in a user's JWT.

    Without ``key`` the signature is **not** verified: enough to ask what a token would be allowed to do.
    ``key`` is the realm's public key: PEM, the base64 text that Keycloak shows as ``public_key``, or a JWK.
    Times and audience are not looked at here; see :func:`.claims.profile_of_claims`.
    Raises :class:`TokenRefused`.
    """
    if key is None:
        return _unverified(token)
    return _verified(token, _public_key(key), USER_ALGORITHM)


def read_share_claims(token: str, secret: str | bytes) -> dict[str, Any]:
    """The claims in a share token that was signed with ``secret`` (the service's ``SECRET_KEY``).

    Raises :class:`TokenRefused`.
    """
    return _verified(token, secret, SHARE_ALGORITHM)


def _unverified(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenRefused("this is not a JSON Web Token", help="A token has three parts between two dots.")
    header, claims = (_part(part) for part in parts[:2])
    if header.get("alg") != USER_ALGORITHM:
        raise TokenRefused(f"the token is not signed with {USER_ALGORITHM}", algorithm=True)
    return claims


def _part(text: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise TokenRefused("a part of the token is no JSON object")
    return value


def _public_key(key: str | bytes | Mapping[str, Any]) -> str | bytes | dict[str, Any]:
    if isinstance(key, Mapping):
        return dict(key)
    text = key.decode("ascii", "replace") if isinstance(key, bytes) else key
    if "-----" in text:
        return text
    return f"-----BEGIN PUBLIC KEY-----\n{text.strip()}\n-----END PUBLIC KEY-----\n"


def _verified(token: str, key: Any, algorithm: str) -> dict[str, Any]:
    try:
        from joserfc import jwt
        from joserfc.errors import JoseError, UnsupportedAlgorithmError
        from joserfc.jwk import OctKey, RSAKey
        from joserfc.jws import JWSRegistry
    except ImportError as error:  # pragma: no cover - the extra is there when tests run
        raise PolicyError(
            "verifying a token needs the package joserfc", help="Install it: pip install 'policy-lint[jwt]'."
        ) from error

    # The service knows no limit of length, and ignores what else a header says.
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = registry.max_signature_length = _LONGEST
    kind = OctKey if algorithm == SHARE_ALGORITHM else RSAKey
    try:
        with warnings.catch_warnings():
            # A short secret is weak, but it is the one that the service uses.
            warnings.simplefilter("ignore")
            imported = kind.import_key(key)
    except (JoseError, ValueError, TypeError) as error:
        raise PolicyError("the key for verifying tokens cannot be used", help="Give the key in PEM.") from error
    try:
        return dict(jwt.decode(token, imported, algorithms=[algorithm], registry=registry).claims)
    except UnsupportedAlgorithmError as error:
        raise TokenRefused(f"the token is not signed with {algorithm}", algorithm=True) from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused("the token is no JSON Web Token, or its signature is wrong") from error
