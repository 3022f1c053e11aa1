"""Whom a decision is about: from the token that a caller names to what the plugin will learn about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from policy.auth_service import (
    Profile,
    RequestFails,
    Roles,
    Share,
    TokenRefused,
    anonymous_profile,
    profile_of_claims,
    read_claims,
)
from policy.auth_service.behaviour import Behaviour as AuthBehaviour
from policy.engine.archive import Resource
from policy.engine.behaviour import Behaviour
from policy.engine.decision import Condition, Outcome
from policy.engine.level import Level
from policy.engine.request import ascii_lower
from policy.engine.sender import EMPTY, Failure, Token, UserProfile, read_profile
from policy.engine.settings import Credential
from policy.errors import UsageError
from policy.patterns import Met
from policy.records import dataclass, field

Now = datetime | float | None

_API_KEY = "api-key"
_SHARE_KEYS = frozenset({"resources", "type"})
_PLACEHOLDER = "…"
"""The value of a credential whose real value nobody needs to know."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An api-key, resolved by the policy's table of keys; one that is not there belongs to nobody.

    It travels in the header ``api-key`` and nowhere else.
    """

    key: str

    def __repr__(self) -> str:
        return "ApiKey(…)"


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A sender as the web service knows it, for :class:`policy.engine.filter.Question`.

    ``timeless``: the answer does not depend on the hour. ``text`` names the sender in a sentence, without secrets.
    """

    text: str
    own: UserProfile
    visitor: UserProfile
    present: tuple[Token, ...]
    """The credential, as it is seen on a GET."""
    header_only: tuple[Token, ...]
    """The credential, as it is seen on other methods: arguments exist on GET only."""
    share: Share | None = None
    now: Now = None
    timeless: bool = True
    known: bool = True
    """False for nobody."""
    usual: dict[Met, Outcome | None] = field(default_factory=dict, repr=False)
    """Outcomes by what a path meets, None where they depend on more; see :meth:`policy.engine.filter.Filter.quick`."""

    def tokens(self, method: str) -> tuple[Token, ...]:
        """The credentials that the plugin sees in a request of this method as sent."""
        return self.present if method == "GET" else self.header_only

    def profile(self, token: Token | None) -> UserProfile:
        """The profile for the credential; the visitor's for nobody and for an empty value."""
        return self.own if token is not None and token.value else self.visitor

    def grants(self, token: Token | None, method: str, resource: Resource) -> bool | Condition:  # noqa: ARG002
        """Whether the share opens a resource; the method does not matter to the service."""
        share = self.share
        if share is None or token is None or not token.value or resource.level is Level.SYSTEM:
            return False
        known = share.grants(resource.level.value, resource.orthanc_id, resource.dicom_uid, now=self.now)
        complete = resource.orthanc_id is not None and resource.dicom_uid is not None
        if complete or not share.resources:
            return known
        return self._partly_known(share, resource)

    def _partly_known(self, share: Share, resource: Resource) -> bool | Condition:
        """One identifier of the resource, or none, is known: the other may decide."""
        if not any(share.grants(None, one.orthanc_id, one.dicom_uid, now=self.now) for one in share.resources):
            return False
        kinds = (
            (resource.orthanc_id, [one.orthanc_id for one in share.resources]),
            (resource.dicom_uid, [one.dicom_uid for one in share.resources]),
        )
        counting = [(asked, held) for asked, held in kinds if None not in held]
        if any(asked is not None and asked not in held for asked, held in counting):
            return False
        if any(asked is not None for asked, _ in counting):
            return True
        return Condition("shared", resource.level, resource.text)

    def studies(self, token: Token) -> tuple[str, ...]:
        """The identifiers of the share's studies, as the service decodes them."""
        if self.share is None or not token.value:
            return ()
        if self.share.type.endswith("-instant-link"):
            return ()
        return tuple(one.dicom_uid for one in self.share.resources if one.dicom_uid is not None)


class Subjects:
    """Resolves tokens with the files of one deployment."""

    def __init__(
        self,
        credentials: tuple[Credential, ...],
        flags: Behaviour,
        roles: Roles | None,
        anonymous: Profile,
        api_keys: Mapping[str, Any],
        auth_service: str | None,
    ) -> None:
        self._credentials = credentials
        self._flags = flags
        self.roles = roles
        self.anonymous = anonymous
        self._api_keys = dict(api_keys)
        self._service = roles.behaviour if roles is not None else AuthBehaviour.of(auth_service)
        self._visitor = self._kept(anonymous)

    def resolve(self, token: Any, now: Now = None) -> Subject:
        """The subject behind a token.

        Raises :class:`policy.errors.UsageError` where the token is of no known kind, or names roles that nobody knows.
        """
        if token is None:
            return Subject("nobody", EMPTY, self._visitor, (), (), known=False)
        if isinstance(token, Share):
            return self._subject("a share token", self._bad_token(), share=token, now=now, timeless=not token.expires)
        if isinstance(token, ApiKey):
            return self._by_key(token, now)
        if isinstance(token, UserProfile):
            return self._subject(f"the profile {token.name!r}", token)
        if isinstance(token, Profile):
            return self._subject(f"the profile {token.name!r}", self._kept(token))
        if isinstance(token, Mapping):
            return self._by_mapping(token, now)
        if isinstance(token, str):
            if token.startswith("eyJ") and token.count(".") == 2:
                return self._by_jwt(token, now)
            return self._by_roles((token,))
        if isinstance(token, Iterable):
            names = tuple(sorted(token) if isinstance(token, set | frozenset) else token)
            if all(isinstance(name, str) for name in names):
                return self._by_roles(cast("tuple[str, ...]", names))
        raise UsageError(
            f"{type(token).__name__} is no token",
            help="Give a role name, several, a profile, the claims of a JWT, a Share, an ApiKey, or None for nobody.",
        )

    def _by_roles(self, names: tuple[str, ...]) -> Subject:
        text = " and ".join(map(repr, names)) or "a user without roles"
        profile = self._of_roles(names)
        return self._subject(f"a user with the role {text}" if names else text, profile)

    def _of_roles(self, names: tuple[str, ...]) -> UserProfile:
        if self.roles is None:
            raise UsageError("the roles are not known", help="Give the auth service's permissions.json as well.")
        try:
            return self._kept(self.roles.profile(names))
        except RequestFails:
            return EMPTY

    def _by_key(self, token: ApiKey, now: Now) -> Subject:
        """A key counts under the exact name only; under another spelling the service takes it for a broken JWT."""
        header = next((c for c in self._credentials if c.kind == "header" and ascii_lower(c.name) == _API_KEY), None)
        if header is None:
            return Subject("an api-key in a header that the plugin does not look at", EMPTY, self._visitor, (), ())
        present = (Token("header", header.name, _PLACEHOLDER),)
        if header.name != _API_KEY:
            own = self._bad_token()
            return Subject(f"an api-key under the name {header.name!r}", own, self._visitor, present, present)
        holder = self._api_keys.get(token.key)
        if holder is None:
            return Subject("an api-key of nobody", EMPTY, self._visitor, present, present)
        own = self.resolve(holder, now).own
        return Subject("the user of an api-key", own, self._visitor, present, present)

    def _by_jwt(self, token: str, now: Now) -> Subject:
        try:
            return self._by_claims(read_claims(token), now)
        except TokenRefused:
            return self._subject("an unusable token", self._bad_token())

    def _by_mapping(self, token: Mapping[str, Any], now: Now) -> Subject:
        if "permissions" in token or "authorized-labels" in token:
            try:
                return self._subject(f"the profile {token.get('name', '')!r}", read_profile(token, self._flags))
            except Failure as failure:
                raise UsageError(failure.text) from None
        if token.keys() >= _SHARE_KEYS:
            try:
                share = Share.from_claims(token, auth_service=str(self._service.version), now=now)
            except TokenRefused:
                return self._subject("an unusable share token", self._bad_token())
            return self.resolve(share, now)
        return self._by_claims(token, now)

    def _by_claims(self, claims: Mapping[str, Any], now: Now) -> Subject:
        if self.roles is None:
            raise UsageError("the roles are not known", help="Give the auth service's permissions.json as well.")
        try:
            profile = self._kept(profile_of_claims(claims, self.roles, self.anonymous, now=now))
        except RequestFails:
            profile = EMPTY
        return self._subject("a user with a JWT", profile, timeless=False)

    def _bad_token(self) -> UserProfile:
        """What a token that is no JWT gives: the visitor's profile, before 24.6.1 a failure."""
        return EMPTY if self._service.bad_token_fails else self._visitor

    def _kept(self, profile: Profile) -> UserProfile:
        """A profile of the service as the plugin keeps it."""
        if not profile.well_formed:
            return EMPTY
        return UserProfile(
            profile.name,
            frozenset(profile.permissions),
            frozenset(profile.labels) if self._flags.labels else frozenset(),
            profile.user_id,
        )

    def _subject(
        self, text: str, own: UserProfile, *, share: Share | None = None, now: Now = None, timeless: bool = True
    ) -> Subject:
        """A sender whose token travels in the first credential that the plugin looks at, headers first."""
        usable = [c for c in self._credentials if c.name and ascii_lower(c.name) != _API_KEY] or [
            c for c in self._credentials if c.name
        ]
        if not usable:
            text = f"{text}, in no header or argument that the plugin looks at"
            return Subject(text, EMPTY, self._visitor, (), (), timeless=timeless)
        token = Token(usable[0].kind, usable[0].name, _PLACEHOLDER)
        headers = (token,) if token.kind == "header" else ()
        return Subject(text, own, self._visitor, (token,), headers, share, now, timeless)


def roles_of(permissions: Any, auth_service: str | None) -> Roles | None:
    """The roles in what a caller gives: the file's bytes or text, its content as a mapping, or roles."""
    if permissions is None or isinstance(permissions, Roles):
        return permissions
    if isinstance(permissions, Mapping):
        permissions = json.dumps(permissions).encode()
    if isinstance(permissions, bytes | str):
        return Roles.from_bytes(permissions, auth_service=auth_service)
    raise UsageError("permissions must be the content of permissions.json", help="Give its bytes or a mapping.")


def anonymous_of(anonymous: Any, auth_service: str | None) -> Profile:
    """The visitor's profile in what a caller gives; None is the fixed profile of the service, without rights."""
    if isinstance(anonymous, Profile):
        return anonymous
    if isinstance(anonymous, Mapping):
        anonymous = json.dumps(anonymous).encode()
    if anonymous is None or isinstance(anonymous, bytes | str):
        return anonymous_profile(anonymous, auth_service=auth_service)
    raise UsageError("anonymous must be the content of anonymous-profile.json", help="Give its bytes or a mapping.")
