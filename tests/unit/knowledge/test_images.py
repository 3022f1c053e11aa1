"""What an image reference tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.knowledge import images

DIGEST = "@sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("reference", "version", "orthanc", "authorization", "dicomweb"),
    [
        ("orthancteam/orthanc:25.9.0", "25.9.0", "1.12.9", "0.10.1", "1.21"),
        ("orthancteam/orthanc:24.5.0-full", "24.5.0", "1.12.3", "0.7.1", "1.16"),
        ("docker.io/orthancteam/orthanc:26.8.1", "26.8.1", "1.13.0", "0.11.4", "1.24"),
        ("osimis/orthanc:23.3.0", "23.3.0", "1.11.3", "0.5.0", "1.13"),
    ],
)
def test_exact_tags(reference: str, version: str, orthanc: str, authorization: str, dicomweb: str) -> None:
    facts = images.resolve(reference)
    assert facts is not None
    found = (facts.version, facts.orthanc, facts.authorization, facts.dicomweb)
    assert tuple(map(str, found)) == (version, orthanc, authorization, dicomweb)
    assert facts.exact
    assert facts.assumptions == ()


@pytest.mark.parametrize(
    ("reference", "version", "word"),
    [
        ("orthancteam/orthanc", "26.8.1", "no tag"),
        ("orthancteam/orthanc:latest-full", "26.8.1", "floating tag"),
        ("osimis/orthanc", "24.1.2", "no tag"),
        ("osimis/orthanc:24.2.0", "24.2.0", "given up"),
        ("orthancteam/orthanc" + DIGEST, "26.8.1", "digest"),
        ("orthancteam/orthanc:25.9.0" + DIGEST, "25.9.0", "digest"),
        ("orthancteam/orthanc:25.9", "25.9.2", "series"),
        ("orthancteam/orthanc:25", "25.12.3", "series"),
        ("orthancteam/orthanc:99.1.0", "26.8.1", "newer than the tables"),
        ("orthancteam/orthanc:22.5.0", "22.4.0", "not in the tables"),
        ("orthancteam/orthanc:20.4.2", "22.2.0", "not in the tables"),
        ("orthancteam/orthanc:weird", "26.8.1", "not known"),
        ("orthancteam/orthanc:24.2.3", "24.2.3", "unreliable"),
        ("registry.example.org:5000/orthancteam/orthanc:25.9.0", "25.9.0", "mirror"),
        ("registry.example.org/hub/orthancteam/orthanc:25.9.0", "25.9.0", "mirror"),
        ("localhost:5000/orthanc:25.9.0", "25.9.0", "copy"),
        ("hospital/orthanc:25.9.0-full", "25.9.0", "copy"),
    ],
)
def test_assumptions_are_said(reference: str, version: str, word: str) -> None:
    facts = images.resolve(reference)
    assert facts is not None
    assert facts.family == "orthanc"
    assert str(facts.version) == version
    assert not facts.exact
    assert word in " ".join(facts.assumptions)


@pytest.mark.parametrize(
    ("reference", "family", "publisher"),
    [
        ("orthancteam/orthanc-auth-service:26.4.1", "auth-service", "orthancteam"),
        ("orthancteam/orthanc-nginx:26.4.1", "nginx", "orthancteam"),
        ("orthancteam/orthanc-keycloak:26.4.1", "keycloak", "orthancteam"),
        ("orthancteam/ohif-v3:26.4.1", "ohif", "orthancteam"),
        ("nginx:alpine", "nginx", "other"),
        ("docker.io/library/nginx", "nginx", "other"),
        ("quay.io/keycloak/keycloak:26.0", "keycloak", "other"),
        ("ohif/app:v3.9.2", "ohif", "other"),
        ("jodogne/orthanc-plugins:1.12.9", "orthanc", "jodogne"),
        ("orthancteam/orthanc-pre-release:master-unstable", "orthanc", "orthancteam"),
        ("hospital/orthanc:7", "orthanc", "unknown"),
    ],
)
def test_families(reference: str, family: str, publisher: str) -> None:
    facts = images.resolve(reference)
    assert facts is not None
    assert (facts.family, facts.publisher) == (family, publisher)


def test_an_image_whose_inside_is_not_known() -> None:
    facts = images.resolve("hospital/orthanc:7")
    assert facts is not None
    assert (facts.version, facts.orthanc, facts.authorization) == (None, None, None)
    assert not facts.exact
    facts = images.resolve("jodogne/orthanc-plugins:1.12.9")
    assert facts is not None
    assert (str(facts.orthanc), facts.authorization) == ("1.12.9", None)


def test_the_auth_service() -> None:
    facts = images.resolve("orthancteam/orthanc-auth-service:25.9.0")
    assert facts is not None
    assert str(facts.auth_service) == "25.9.0"
    assert facts.orthanc is None
    facts = images.resolve("orthancteam/orthanc-auth-service:latest")
    assert facts is not None
    assert str(facts.auth_service) == "26.4.1"


@pytest.mark.parametrize(
    "reference", ["postgres:16", "redis", "", "${ORTHANC_IMAGE}", "Orthanc Team", "a" * 1000, "/", ":"]
)
def test_other_images(reference: str) -> None:
    assert images.resolve(reference) is None


@given(st.text(alphabet="orthanctem/:.-@25916full", max_size=60))
def test_any_reference_is_answered(reference: str) -> None:
    facts = images.resolve(reference)
    assert facts is None or facts.exact == (not facts.assumptions)


def test_tags_are_in_order_and_versions_do_not_fall() -> None:
    for table in (images.orthanc_images(), images.nginx_images(), images.keycloak_images(), images.ohif_images()):
        versions = [row.version for row in table]
        assert versions == sorted(set(versions))
    plugins = [row.authorization for row in images.orthanc_images()]
    assert plugins == sorted(plugins)


def test_which_images_carry_a_plugin() -> None:
    assert [str(row.version) for row in images.with_plugin("0.11.4")] == ["26.7.0", "26.8.0", "26.8.1"]
    assert images.with_plugin("0.9.0")


@pytest.mark.parametrize(
    ("tag", "package", "library", "envsubst", "python", "utf8"),
    [
        ("23.6.0", "libjsoncpp24", "1.9.4", None, "3.9", False),
        ("23.6.1", "libjsoncpp24", "1.9.4", "0.1.5", "3.9", False),
        ("25.9.0", "libjsoncpp25", "1.9.5", "0.1.5", "3.12", False),
        ("26.8.1", "libjsoncpp26", "1.9.6", "0.1.5", "3.14", True),
    ],
)
def test_what_reads_the_configuration(
    tag: str, package: str, library: str, envsubst: str | None, python: str, utf8: bool
) -> None:
    row = images.image(tag)
    assert row is not None
    assert (row.jsoncpp_package, row.envsubst, row.python, row.utf8) == (package, envsubst, python, utf8)
    assert images.jsoncpp()[row.jsoncpp_package] == library
