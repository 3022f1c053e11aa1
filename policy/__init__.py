"""Linter and decision engine for the access rules of Orthanc.

Two faces: the linter (``policy-lint FILE...``) and :func:`decide`, which answers what the Authorization plugin of a
given version would answer, and why.

The names below load on first use, so that ``import policy`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from policy._version import __version__

if TYPE_CHECKING:
    from policy.auth_service import Profile, Roles, Share, anonymous_profile
    from policy.engine import (
        ApiKey,
        Condition,
        Decision,
        Effect,
        Policy,
        Reason,
        Request,
        Rule,
        UserProfile,
        decide,
        use,
    )
    from policy.engine.loading import load
    from policy.errors import PolicyError, ServerRefuses, ShapeError, SyntaxRefused, UnknownVersion, Unreadable

_HOMES = {
    "ApiKey": "policy.engine",
    "Condition": "policy.engine",
    "Decision": "policy.engine",
    "Effect": "policy.engine",
    "Policy": "policy.engine",
    "PolicyError": "policy.errors",
    "Profile": "policy.auth_service",
    "Reason": "policy.engine",
    "Request": "policy.engine",
    "Roles": "policy.auth_service",
    "Rule": "policy.engine",
    "ServerRefuses": "policy.errors",
    "ShapeError": "policy.errors",
    "Share": "policy.auth_service",
    "SyntaxRefused": "policy.errors",
    "UnknownVersion": "policy.errors",
    "Unreadable": "policy.errors",
    "UserProfile": "policy.engine",
    "anonymous_profile": "policy.auth_service",
    "decide": "policy.engine",
    "load": "policy.engine.loading",
    "use": "policy.engine",
}

__all__ = [
    "ApiKey",
    "Condition",
    "Decision",
    "Effect",
    "Policy",
    "PolicyError",
    "Profile",
    "Reason",
    "Request",
    "Roles",
    "Rule",
    "ServerRefuses",
    "ShapeError",
    "Share",
    "SyntaxRefused",
    "UnknownVersion",
    "Unreadable",
    "UserProfile",
    "__version__",
    "anonymous_profile",
    "decide",
    "load",
    "use",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'policy' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
