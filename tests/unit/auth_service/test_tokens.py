"""JWTs: claims, times, audience, roles, signatures; and api-keys."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from policy.auth_service import (
    ApiUser,
    AuthService,
    Profile,
    RequestFails,
    Roles,
    TokenRefused,
    profile_of_claims,
    read_claims,
)
from policy.errors import PolicyError

NOW = 1_790_000_000
VISITOR = Profile("Visitor", ("upload",), source="file")
FILE = '{"roles": {"r": {"permissions": ["view"], "authorized_labels": ["x"]}}}'
CLAIMS = {"aud": "account", "realm_access": {"roles": ["r"]}}


def profile(version: str = "26.4.1", **claims: Any) -> Profile:
    roles = Roles.from_bytes(FILE, auth_service=version)
    return profile_of_claims(CLAIMS | claims, roles, VISITOR, now=NOW)


@pytest.mark.parametrize(
    ("claims", "answers"),
    [
        # (25.9.0 with PyJWT 2.6, 26.4.1 with PyJWT 2.12), as these libraries answered
        ({"exp": NOW + 1}, "user user"),
        ({"exp": NOW}, "visitor visitor"),
        ({"exp": NOW + 0.9}, "visitor visitor"),
        ({"exp": str(NOW + 60)}, "user user"),
        ({"exp": "soon"}, "visitor visitor"),
        ({"exp": None}, "fails fails"),
        ({"exp": [1]}, "fails fails"),
        ({"exp": float("inf")}, "fails fails"),
        ({"exp": float("nan")}, "visitor visitor"),
        ({"nbf": NOW}, "user user"),
        ({"nbf": NOW + 1}, "visitor visitor"),
        ({"iat": NOW + 1}, "visitor visitor"),
        ({"iat": NOW + 0.5}, "visitor user"),
        ({"iat": str(NOW - 5)}, "fails user"),
        ({"iat": True}, "user user"),
        ({"aud": ["x", "account"]}, "user user"),
        ({"aud": ["x"]}, "visitor visitor"),
        ({"aud": []}, "visitor visitor"),
        ({"aud": None}, "visitor visitor"),
        ({"aud": ["account", 5]}, "visitor visitor"),
        ({"aud": {"account": 1}}, "visitor visitor"),
        ({"sub": 5}, "fails visitor"),
        ({"sub": None}, "user visitor"),
        ({"jti": 5}, "user visitor"),
        ({"name": 5}, "fails fails"),
        ({"groups": "a"}, "fails fails"),
        ({"groups": [None]}, "fails fails"),
        ({"groups": []}, "user user"),
        ({"realm_access": ["r"]}, "fails fails"),
        ({"realm_access": {"roles": 5}}, "fails fails"),
        ({"realm_access": {"roles": [["r"]]}}, "fails fails"),
        ({"realm_access": {"roles": ["r", 5, None]}}, "user user"),
        ({"realm_access": {"roles": {"r": 1}}}, "user user"),
        ({"realm_access": {"roles": "r"}}, "user user"),
    ],
)
def test_claims(claims: dict[str, Any], answers: str) -> None:
    got = []
    for version in ("25.9.0", "26.4.1"):
        try:
            answer = profile(version, **claims)
            got.append("visitor" if answer is VISITOR else "user" if answer.permissions == ("view",) else "other")
        except RequestFails as fails:
            got.append("fails" if fails.status == 400 else "otherwise")
    assert answers == " ".join(got)


def test_name_user_and_groups() -> None:
    answer = profile(preferred_username="login", name="", sub="s", groups=["g"])
    assert ("login", "s", ("g",), "claims", 60) == (
        answer.name, answer.user_id, answer.groups, answer.source, answer.validity,
    )  # fmt: skip
    assert ("", None, None) == (profile().name, profile().user_id, profile().groups)
    assert None is profile("25.7.0", sub=5, groups="a").user_id


def test_a_moment_may_be_a_date() -> None:
    roles = Roles.from_bytes(FILE)
    at = datetime(2030, 1, 1, tzinfo=UTC)
    claims = CLAIMS | {"exp": at.timestamp() + 1}
    assert "claims" == profile_of_claims(claims, roles, VISITOR, now=at).source
    assert VISITOR is profile_of_claims(CLAIMS | {"exp": 1}, roles, VISITOR)


@pytest.mark.parametrize(
    ("version", "expired", "algorithm"),
    [("23.6.1", 400, 400), ("23.9.0", 400, 200), ("24.6.0", 400, 200), ("24.6.1", 200, 200), ("26.4.1", 200, 200)],
)
def test_bad_tokens_by_version(version: str, expired: int, algorithm: int) -> None:
    file = FILE if version >= "23.9.0" else '{"roles": {"r": ["view"]}}'
    service = AuthService(Roles.from_bytes(file, auth_service=version), VISITOR)

    def status(token: str) -> int:
        try:
            answer = service.profile("Authorization", token, now=NOW)
        except RequestFails as fails:
            return fails.status
        assert answer is VISITOR
        return 200

    assert expired == status(unsigned(CLAIMS | {"exp": NOW - 1}))
    assert expired == status("Basic dTpw")
    assert algorithm == status(unsigned(CLAIMS, alg="HS256"))


def unsigned(claims: dict[str, Any], alg: str = "RS256") -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": alg}, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + ".AAAA"


def test_bearer_is_cut_from_24_6_0_on() -> None:
    for version, source in (("24.5.1", None), ("24.6.0", "claims")):
        service = AuthService(Roles.from_bytes(FILE, auth_service=version), VISITOR)
        if source is None:
            with pytest.raises(RequestFails):
                service.profile("Authorization", "Bearer " + unsigned(CLAIMS), now=NOW)
        else:
            answer = service.profile("Authorization", "Bearer " + unsigned(CLAIMS), now=NOW)
            assert answer is not None
            assert source == answer.source


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, auto_kid=False)


def test_signature_is_checked_only_with_a_key(key: RSAKey) -> None:
    other = RSAKey.generate_key(2048, auto_kid=False)
    # A long token with an unusual header is as good as any: the service sets no limits.
    claims = CLAIMS | {"groups": ["g" * 1000] * 300}
    header = {"alg": "RS256", "typ": "JWT", "kid": "k" * 900, "own": "x"}
    registry = jwt.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = 1 << 20
    token = jwt.encode(header, claims, key, algorithms=["RS256"], registry=registry)
    pem = key.as_pem(private=False)
    keycloak = "".join(pem.decode().splitlines()[1:-1])
    for given_key in (pem, pem.decode(), keycloak, key.as_dict(private=False)):
        assert claims == read_claims(token, key=given_key)
    assert claims == read_claims(token)
    with pytest.raises(TokenRefused) as refused:
        read_claims(token, key=other.as_pem(private=False))
    assert not refused.value.algorithm


def test_algorithm_is_never_the_choice_of_the_token(key: RSAKey) -> None:
    pem = key.as_pem(private=False)
    for algorithm, signing in (("HS256", OctKey.import_key(b"k" * 32)), ("RS512", key)):
        token = jwt.encode({"alg": algorithm}, CLAIMS, signing, algorithms=[algorithm])
        for given_key in (None, pem):
            with pytest.raises(TokenRefused) as refused:
                read_claims(token, key=given_key)
            assert refused.value.algorithm


def test_wrong_key_is_the_callers_mistake_and_is_not_shown() -> None:
    with pytest.raises(PolicyError, match="cannot be used") as error:
        read_claims(unsigned(CLAIMS), key="not a key")
    assert not isinstance(error.value, TokenRefused)
    assert "not a key" not in str(error.value)


@given(st.text(alphabet="ey.=_-AB0 é\x00", max_size=40))
def test_no_text_breaks_the_reader(token: str) -> None:
    with pytest.raises(TokenRefused):
        read_claims(token)


USERS = {
    "k": ApiUser("u", ("r", "default-roles-orthanc")),
    "composite": ApiUser("c", ("r",)),
    "off": ApiUser("o", ("r",), enabled=False),
    "later": ApiUser("l", ("r",), not_before=NOW + 1),
}


def test_api_keys() -> None:
    base = '"default-roles-orthanc": {"permissions": ["all"], "authorized_labels": ["*"]}'
    roles = Roles.from_bytes(FILE.replace('"r":', base + ', "r":'), auth_service="24.6.1")
    service = AuthService(roles, VISITOR, api_keys=USERS)
    answer = service.profile("api-key", "k", now=NOW)
    assert Profile("u", ("view",), ("x",), source="api-key") == answer
    for unusable in ("off", "later", "unknown", "Bearer k"):
        assert None is service.profile("api-key", unusable, now=NOW)
    assert VISITOR is service.profile("Api-Key", "k", now=NOW)
    assert VISITOR is service.profile("api-key", "", now=NOW)
    assert VISITOR is service.profile(None, "k", now=NOW)
    assert VISITOR is AuthService(roles, VISITOR, keycloak=False, api_keys=USERS).profile("api-key", "k")
    assert VISITOR is AuthService(roles, VISITOR).profile("api-key", "k")


def test_composite_roles_do_not_count_by_api_key() -> None:
    service = AuthService(Roles.from_bytes(FILE), api_keys=USERS, composite_roles=frozenset({"r"}))
    answer = service.profile("api-key", "k")
    assert answer is not None
    assert () == answer.permissions


def test_24_6_0_fails_on_api_keys() -> None:
    with pytest.raises(RequestFails):
        AuthService(Roles.from_bytes(FILE, auth_service="24.6.0"), api_keys=USERS).profile("api-key", "k")


def test_before_24_2_0_an_api_key_is_no_token() -> None:
    with pytest.raises(RequestFails):
        AuthService(Roles.from_bytes(FILE, auth_service="24.1.1"), api_keys=USERS).profile("api-key", "k")
