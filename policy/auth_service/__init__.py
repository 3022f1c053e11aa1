"""What the auth service makes of its files and of tokens: roles, profiles, shares, by version of the service."""

from __future__ import annotations

from policy.auth_service.anonymous import (
    AnonymousReading,
    anonymous_profile,
    image_anonymous_profile,
    read_anonymous_profile,
)
from policy.auth_service.claims import profile_of_claims
from policy.auth_service.errors import FileRefused, Problem, RequestFails, TokenRefused
from policy.auth_service.profile import Profile
from policy.auth_service.roles import Role, Roles
from policy.auth_service.service import ApiUser, AuthService
from policy.auth_service.shares import Share, SharedResource, Validation
from policy.auth_service.tokens import read_claims

__all__ = [
    "AnonymousReading",
    "ApiUser",
    "AuthService",
    "FileRefused",
    "Problem",
    "Profile",
    "RequestFails",
    "Role",
    "Roles",
    "Share",
    "SharedResource",
    "TokenRefused",
    "Validation",
    "anonymous_profile",
    "image_anonymous_profile",
    "profile_of_claims",
    "read_anonymous_profile",
    "read_claims",
]
