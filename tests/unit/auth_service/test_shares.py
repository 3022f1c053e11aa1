from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.auth_service import Share, SharedResource, TokenRefused

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STUDY = SharedResource("1.2", "o1")


def test_expiry() -> None:
    share = Share((STUDY,), expires=NOW)
    assert share.grants("study", "o1", now=NOW)
    assert not share.grants("study", "o1", now=NOW + timedelta(seconds=1))
    assert not share.grants("study", "o1", now=NOW.timestamp() + 1)
    elsewhere = Share((STUDY,), expires=NOW.astimezone(timezone(timedelta(hours=9))))
    assert elsewhere.grants("study", "o1", now=NOW)


def test_expiry_without_time_zone_is_an_error_of_the_service() -> None:
    share = Share((STUDY,), expires=datetime(2099, 1, 1))  # noqa: DTZ001 - the point of the test
    assert 500 == share.validate("study", "o1", now=NOW).status
    assert not share.grants("study", "o1", now=NOW)


def test_content_by_version() -> None:
    content = {"resources": [{"orthanc-id": "o1", "level": "study"}], "type": "volview-viewer-publication"}
    assert Share((SharedResource(None, "o1"),), "volview-viewer-publication") == Share.from_claims(content)
    with pytest.raises(TokenRefused, match="type in the share token"):
        Share.from_claims(content, auth_service="25.2.0")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"resources": None},
        {"resources": [{"orthanc-id": "o1"}]},
        {"resources": [{"orthanc-id": 5, "level": "study"}]},
        {"resources": [{"orthanc-id": "o1", "level": "Study"}]},
        {"resources": [], "expiration-date": "soon"},
        {"resources": [], "exp": 5},
        {"resources": [], "nbf": None},
        {"resources": [], "aud": "account"},
        {"resources": [], "sub": 5},
    ],
)
def test_content_that_is_not_decoded(content: dict[str, object]) -> None:
    with pytest.raises(TokenRefused):
        Share.from_claims(content, now=NOW)


def test_expiry_in_the_content() -> None:
    content = {"resources": [{"dicom_uid": "1.2", "level": "study"}], "expiration_date": "2026-01-01T00:00:00Z"}
    assert NOW == Share.from_claims(content).expires


def test_the_secret_decides() -> None:
    from joserfc import jwt
    from joserfc.jwk import OctKey

    content = {"resources": [{"orthanc-id": "o1", "level": "study"}]}
    token = jwt.encode({"alg": "HS256"}, content, OctKey.import_key(b"a secret of some length"), algorithms=["HS256"])
    assert Share.from_token("Bearer " + token, "a secret of some length").grants(orthanc_id="o1")
    with pytest.raises(TokenRefused):
        Share.from_token(token, "short")
    with pytest.raises(TokenRefused):
        Share.from_token("nothing", "short")


IDS = st.sampled_from([None, "a", "b"])


@given(st.lists(st.tuples(IDS, IDS), max_size=3), IDS, IDS)
def test_ids_by_the_letter(held: list[tuple[str | None, str | None]], orthanc: str | None, dicom: str | None) -> None:
    granted = not (orthanc is None and dicom is None)
    counted = False
    if orthanc is not None and all(o is not None for o, _ in held):
        counted = True
        granted = granted and orthanc in [o for o, _ in held]
    if dicom is not None and all(d is not None for _, d in held):
        counted = True
        granted = granted and dicom in [d for _, d in held]
    share = Share(tuple(SharedResource(d, o) for o, d in held))
    assert (granted and counted) == share.grants("system", orthanc, dicom)
