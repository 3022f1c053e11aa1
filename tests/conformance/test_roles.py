"""The auth service as recorded: its files, its requests, its share tokens.

``recordings/observed.json.xz`` says what the real service of 26.4.1 and 25.9.0 did with variants of its two files and
with requests, and how the roles of 24.5.1 differed.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

import policy
from policy import auth_service, text
from policy.auth_service import ApiUser, AuthService, FileRefused, RequestFails, Share, TokenRefused

RECORDED = json.loads(lzma.decompress((Path(__file__).parent / "recordings/observed.json.xz").read_bytes()))
VERSIONS = ("26.4.1", "25.9.0")
NOBODY = RECORDED["variants"][0]["profile_of_anonymous"]
ENCODINGS = {
    "ISO-8859-1": "latin-1",
    "UTF-16 little endian with byte order mark": "utf-16",  # this machine's order is little endian
}
HUGE = "p94-huge"
UNCHANGED_IN_24_5_1 = ("p01", "p03", "p04", "p32", "p35", "p36", "p56", "p57", "p94")
"""Rows that 24.5.1 was given with their own spelling of labels; in the others the hyphen was made an underscore."""


def data_of(variant: dict[str, Any], many: int = 20_000) -> bytes | None:
    if variant["id"] == HUGE:
        roles = {
            f"role-{i}": {"permissions": ["view"], "authorized-labels": [f"label-{i}-{j}" for j in range(20)]}
            for i in range(many)
        }
        roles["doctor-role"] = {"permissions": ["view", "download"], "authorized-labels": ["external"]}
        return json.dumps({"roles": roles}).encode()
    if variant["input"] is None:
        return None
    encoding = ENCODINGS.get(variant.get("encoding", ""), "utf-8")
    data: bytes = variant["input"].encode("utf-16-le" if encoding == "utf-16" else encoding)
    return b"\xff\xfe" + data if encoding == "utf-16" else data


def is_read(variant: dict[str, Any]) -> bool:
    """Whether there is a text: of a permissions.json that is not there, whoever opens it says so."""
    return variant["input"] is not None or variant["id"] == HUGE or variant["file"] == "anonymous-profile.json"


def rows(file: str) -> list[Any]:
    return [
        pytest.param(variant, version, id=f"{variant['id']}-{version}")
        for variant in RECORDED["variants"]
        if variant["file"] == file and is_read(variant)
        for version in VERSIONS
    ]


def outcome_of(variant: dict[str, Any], version: str) -> dict[str, Any]:
    return variant if version in variant["same_in"] else variant[f"in_{version}"]


@pytest.mark.parametrize(("variant", "version"), rows("permissions.json"))
def test_permissions(variant: dict[str, Any], version: str) -> None:
    data = data_of(variant)
    assert data is not None
    outcome = outcome_of(variant, version)
    if outcome["outcome"] == "refuses_to_start":
        with pytest.raises(policy.ServerRefuses) as refused:
            policy.Roles.from_bytes(data, auth_service=version)
        detail = outcome["error"].get("first_detail")
        assert isinstance(refused.value, FileRefused)
        if detail is not None:
            path = tuple(int(step) if step.isdigit() else step for step in detail["location"])
            assert path == refused.value.problems[0].path
            assert refused.value.line is not None
        return
    profile = policy.Roles.from_bytes(data, auth_service=version).profile(
        variant["roles_of_user"], name="Some User", user_id="sub-1"
    )
    assert outcome["profile_of_user"] == profile.wire(version)
    if outcome["outcome"] == "starts_but_role_is_unusable":
        assert not profile.permissions or not profile.labels


@pytest.mark.parametrize(("variant", "version"), rows("permissions.json"))
def test_document_agrees_with_bytes(variant: dict[str, Any], version: str) -> None:
    data = data_of(variant, many=50)
    assert data is not None

    def read(reader: Any) -> Any:
        try:
            roles = reader()
        except FileRefused as refused:
            return [(problem.message, problem.path, problem.span) for problem in refused.problems]
        return {role.name: (role.permissions, role.labels) for role in roles}, roles.available_labels

    document = text.parse(data)
    by_bytes = read(lambda: policy.Roles.from_bytes(data, auth_service=version))
    assert by_bytes == read(lambda: policy.Roles.from_document(document, auth_service=version))
    if isinstance(by_bytes, tuple):
        for role in policy.Roles.from_document(document, auth_service=version):
            assert role.key_span is not None
            assert role.name == json.loads(document.text[role.key_span.start : role.key_span.end])
            assert role.node is not None
            assert role.node.kind == "object"


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(v, id=v["id"])
        for v in RECORDED["variants"]
        if "in_24.5.1_with_underscore_labels" in v and is_read(v)
    ],
)
def test_permissions_in_24_5_1(variant: dict[str, Any]) -> None:
    data = data_of(variant, many=50)
    assert data is not None
    if not variant["id"].startswith(UNCHANGED_IN_24_5_1):
        data = data.replace(b"authorized-labels", b"authorized_labels")
    outcome = variant["in_24.5.1_with_underscore_labels"]
    if outcome["outcome"] == "refuses_to_start":
        with pytest.raises(policy.ServerRefuses):
            policy.Roles.from_bytes(data, auth_service="24.5.1")
        return
    roles = policy.Roles.from_bytes(data, auth_service="24.5.1")
    if outcome["outcome"] == "request_fails":
        with pytest.raises(RequestFails) as fails:
            roles.profile(variant["roles_of_user"])
        assert outcome["http_status"] == fails.value.status
        return
    profile = roles.profile(variant["roles_of_user"])
    answer = profile.wire("24.5.1")
    assert (outcome["permissions"], outcome["authorized-labels"]) == (
        answer["permissions"],
        answer["authorized-labels"],
    )
    labels = outcome["authorized-labels"]
    assert profile.well_formed == (isinstance(labels, list) and all(isinstance(label, str) for label in labels))


def test_24_7_1_does_not_know_audit_logs() -> None:
    variants = [variant for variant in RECORDED["variants"] if "in_24.7.1" in variant]
    assert len(variants) == 1
    for variant in variants:
        assert variant["in_24.7.1"]["outcome"] == "refuses_to_start"
        with pytest.raises(policy.ServerRefuses, match="audit-logs"):
            policy.Roles.from_bytes(variant["input"], auth_service="24.7.1")


@pytest.mark.parametrize(("variant", "version"), rows("anonymous-profile.json"))
def test_anonymous_profile(variant: dict[str, Any], version: str) -> None:
    outcome = outcome_of(variant, version)
    path = variant.get("environment", {}).get("ANONYMOUS_PROFILE_FILE_PATH")
    data = data_of(variant) if path is None else None  # "" and a path that is not there lead to no file
    profile = policy.anonymous_profile(data, auth_service=version)
    assert outcome["profile_of_anonymous"] == profile.wire(version)
    if data is None:
        return
    reading = auth_service.read_anonymous_profile(text.parse(data), auth_service=version)
    assert profile == reading.profile
    dropped = outcome["outcome"] == "starts_logs_error_and_uses_built_in_anonymous_profile"
    assert dropped == (reading.refused is not None)
    if reading.refused is not None and "first_detail" in outcome["error"]:
        location = outcome["error"]["first_detail"]["location"]
        assert tuple(int(step) if step.isdigit() else step for step in location) == reading.refused.problems[0].path


# Requests ----------------------------------------------------------------------------------------------------------

NOW = 1_790_000_000
SECRET = "0123456789abcdef0123456789abcdef"
USERS = {
    "k-ok": ApiUser("u-doc", ("doctor-role", "default-roles-orthanc")),
    "k-ext": ApiUser("u-ext", ("external-role",)),
    "k-two-roles": ApiUser("u-tworoles", ("doctor-role", "external-role")),
    "k-off": ApiUser("u-off", ("doctor-role",), enabled=False),
    "k-future": ApiUser("u-future", ("doctor-role",), not_before=4_102_444_800),
    "k-comp": ApiUser("u-comp", ("composite-role",)),
    "k-unkrole": ApiUser("u-unk", ("not-configured",)),
    "k-norole": ApiUser("u-nor"),
}
NOT_ASKED = {
    "no-service-credentials", "bad-service-credentials", "bad-service-user",  # the plugin's own credentials
    "k-nonb",  # a user record without a field that Keycloak always gives
    "user-id", "user-id-unknown", "user-id-and-token-key-only",  # no credential of the request
}  # fmt: skip


@pytest.fixture(scope="module")
def realm() -> Any:
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048, auto_kid=False)


def moment(value: Any) -> Any:
    """``now+600s`` as seconds."""
    return NOW + int(value[3:-1]) if isinstance(value, str) and value.startswith(("now+", "now-")) else value


def signed(claims: dict[str, Any], algorithm: str, realm: Any) -> str:
    from joserfc import jwt
    from joserfc.jwk import OctKey

    key = OctKey.import_key(SECRET) if algorithm.startswith("HS") else realm
    token: str = jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm])
    return token


def claims_of(request: dict[str, Any]) -> dict[str, Any]:
    claims = RECORDED["how"]["base_jwt_claims"] | request["jwt_claims_added_to_base"]
    return {claim: moment(value) for claim, value in claims.items() if value != "(claim removed)"}


def credential(request: dict[str, Any], realm: Any) -> str | None:
    if "share_token_claims" in request and request["share_token_claims"] is not None:
        return signed(request["share_token_claims"], "HS256", realm)
    if "jwt_claims_added_to_base" in request:
        return request["value_prefix"] + signed(claims_of(request), request["jwt_algorithm"], realm)
    value: str | None = request["body"].get("token-value")
    return value


def profile_requests() -> list[Any]:
    return [
        pytest.param(group, request, version, id=f"{group['id']}-{request['id']}-{version}")
        for group in RECORDED["requests"]["groups"]
        if not group["id"].startswith(("settings", "wrong-secret", "admin-uri", "roles-endpoint", "users-list"))
        for request in group.get("requests", ())
        if request["call"] == "POST /user/get-profile" and request["id"] not in NOT_ASKED
        for version in VERSIONS
    ]


@pytest.mark.parametrize(("group", "request_", "version"), profile_requests())
def test_profile_request(group: dict[str, Any], request_: dict[str, Any], version: str, realm: Any) -> None:
    files = RECORDED["requests"]
    admin = "KEYCLOAK_CLIENT_SECRET" in group.get("environment", {})
    service = AuthService(
        policy.Roles.from_bytes(files["permissions.json_used"], auth_service=version),
        policy.anonymous_profile(files["anonymous-profile.json_used"], auth_service=version),
        keycloak=group.get("environment", {}).get("ENABLE_KEYCLOAK", "true") == "true",
        api_keys=USERS if admin else None,
        composite_roles=frozenset({"composite-role"}),
        key=realm.as_pem(private=False),
    )
    expected = request_.get(f"in_{version}", request_)
    token_key, value = request_["body"].get("token-key"), credential(request_, realm)
    if expected["http_status"] != 200:
        with pytest.raises(RequestFails) as fails:
            service.profile(token_key, value, now=NOW)
        assert expected["http_status"] == fails.value.status
        return
    profile = service.profile(token_key, value, now=NOW)
    assert expected["answer"] == (None if profile is None else profile.wire(version))


def validations() -> list[Any]:
    return [
        pytest.param(group, request, version, id=f"{group['id']}-{request['id']}-{version}")
        for group in RECORDED["requests"]["groups"]
        for request in group.get("requests", ())
        if request["call"] == "POST /tokens/validate" and request["id"] != "level-key-absent"
        for version in VERSIONS
    ]


@pytest.mark.parametrize(("group", "request_", "version"), validations())
def test_validation(group: dict[str, Any], request_: dict[str, Any], version: str, realm: Any) -> None:
    body = request_["body"]
    environment = group.get("environment", {})
    has_root = environment.get("PUBLIC_ORTHANC_ROOT") != "(unset)"
    token = request_.get("headers", {}).get("token") or credential(request_, realm)
    try:
        share = Share.from_token(token or "", SECRET, auth_service=version, now=NOW)
    except TokenRefused:
        share = Share()
        assert request_["answer"]["granted"] is False
    question = {
        "level": body["level"],
        "orthanc_id": body.get("orthanc-id"),
        "dicom_uid": body.get("dicom-uid"),
        "server_id": body.get("server-id"),
        "now": NOW,
        "expected_server_id": environment.get("SERVER_ID") if has_root else None,
    }
    validation = share.validate(**question, method=body["method"])
    assert request_["http_status"] == validation.status
    assert request_["answer"].get("granted", False) == validation.granted
    if body["method"] == "get":
        assert validation.granted == share.grants(**question)
