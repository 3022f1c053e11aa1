"""Public addresses through the orthanc-nginx image, by its tag and its variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.configuration.deployment import Deployment
from policy.configuration.loading import load
from policy.configuration.proxy import Routed
from policy.configuration.routing import to_orthanc
from policy.knowledge import nginx

ALL = dict.fromkeys(("ENABLE_ORTHANC", "ENABLE_ORTHANC_FOR_API", "ENABLE_ORTHANC_FOR_SHARES", "ENABLE_KEYCLOAK", "ENABLE_ORTHANC_TOKEN_SERVICE", "ENABLE_OHIF", "ENABLE_MEDDREAM", "ENABLE_CLIENT_CERTIFICATE", "ENABLE_HTTPS"), "true")  # fmt: skip
ORTHANCS = ("orthanc", "orthanc-for-api", "orthanc-for-shares", "orthanc-for-cert")


def deployed(folder: Path, variables: dict[str, str], tag: str = "26.4.1", image: str = "orthanc-nginx") -> Deployment:
    lines = ["services:", "  proxy:", f"    image: orthancteam/{image}:{tag}", "    environment:"]
    lines.extend(f"      {name}: {value!r}" for name, value in {**variables, "X": "x"}.items())
    for name in ORTHANCS:
        lines.extend((f"  {name}:", "    image: orthancteam/orthanc:26.4.1"))
    lines.extend(("  orthanc-auth-service:", "    image: orthancteam/orthanc-auth-service:26.4.1"))
    for name in ("keycloak", "ohif", "meddream-viewer"):
        lines.extend((f"  {name}:", f"    image: example/{name}:1"))
    (folder / "docker-compose.yml").write_text("\n".join(lines) + "\n")
    return load(["docker-compose.yml"], here=folder)


def outcome(routed: Routed | None) -> tuple[str | None, str | int | None]:
    """Container and path, or the answer."""
    assert routed is not None
    if routed.answer is not None:
        return None, f"{routed.answer.status} {routed.answer.target}"
    assert (routed.upstream in ORTHANCS) == (routed.server is not None)
    return routed.upstream, routed.path


@pytest.mark.parametrize("example", nginx.examples(), ids=lambda example: example.public)
def test_example(example: nginx.Example, tmp_path: Path) -> None:
    container, reached = outcome(to_orthanc(deployed(tmp_path, ALL), example.public))
    assert (example.container or "None").split(" ")[0] == str(container)
    if container is None:
        expected = example.outcome.replace("301 to ", "301 ").replace("302/301 default", "302 /orthanc/ui/app/")
        assert expected.split(" (")[0].split(":")[0] == str(reached)
    elif container in ORTHANCS and " with " not in example.outcome:
        assert example.outcome.split(" (")[0] == str(reached).partition("?")[0]


@pytest.mark.parametrize(
    ("tag", "variables", "url", "expected"),
    [
        ("26.4.1", {}, "http://h/orthanc/system", ("orthanc", "/system")),
        ("25.9.0", {}, "http://h/orthanc/system", (None, "301 /orthanc/ui/app/")),
        ("26.4.1", {"ENABLE_ORTHANC": "false"}, "http://h/orthanc/system", (None, "301 /orthanc/ui/app/")),
        ("26.4.1", {"ENABLE_ORTHANC": "True"}, "http://h/orthanc/system", (None, "301 /orthanc/ui/app/")),
        ("26.4.1", {}, "http://h/", (None, "301 /orthanc/ui/app/")),
        ("26.4.1", {"ENABLE_HTTPS": "true"}, "https://h/", (None, "302 /orthanc/ui/app/")),
        ("26.4.1", {"ENABLE_HTTPS": "true"}, "http://h/x", (None, "301 https://$host$request_uri")),
        ("26.4.1", {"ENABLE_OHIF": "true"}, "http://h/ohif/viewer?x", ("ohif", "/ohif/viewer?x")),
        ("25.9.0", {"ENABLE_OHIF": "true"}, "http://h/ohif/viewer?x", ("ohif", "/viewer?x")),
        ("26.4.1", {"ENABLE_CLIENT_CERTIFICATE": "true"}, "http://h/orthanc-cert/x", (None, "301 /orthanc/ui/app/")),
        ("26.4.1", ALL, "https://h/orthanc-cert/x", (None, "302 /orthanc/ui/app/")),
        ("25.2.1", {}, "http://h/x", (None, "404 None")),
        ("25.2.1", {"ENABLE_ORTHANC": "true"}, "http://h/x", (None, "301 /orthanc/ui/app/")),
        ("26.4.1", {}, "http://h/ORTHANC/system", (None, "301 /orthanc/ui/app/")),
        ("26.4.1", {}, "http://h/orthanc/../..", (None, "400 None")),
        ("26.4.1", {}, "/orthanc/studies?a=b/../c", ("orthanc", "/studies?a=b/../c")),
        ("26.4.1", {}, "http://h/orthanc/a%20b%2Fc%3F", ("orthanc", "/a%20b/c%3F")),
    ],
)
def test_by_tag_and_variables(
    tmp_path: Path, tag: str, variables: dict[str, str], url: str, expected: tuple[str | None, str]
) -> None:
    assert expected == outcome(to_orthanc(deployed(tmp_path, variables, tag), url))


def test_a_verified_certificate_opens_its_location(tmp_path: Path) -> None:
    routed = to_orthanc(deployed(tmp_path, ALL), "https://h/orthanc-cert/studies", client_certificate=True)
    assert ("orthanc-for-cert", "/studies") == outcome(routed)


def test_certbot_speaks_https_only(tmp_path: Path) -> None:
    deployment = deployed(tmp_path, {"DOMAIN_NAME": "pacs.example.org"}, image="orthanc-nginx-certbot")
    assert ("orthanc", "/system") == outcome(to_orthanc(deployment, "https://pacs.example.org/orthanc/system"))
    [proxy] = deployment.proxies
    assert (True, {"pacs.example.org"}) == (proxy.https, set(proxy.hosts))


def test_the_way_back(tmp_path: Path) -> None:
    deployment = deployed(tmp_path, ALL)
    [proxy] = deployment.proxies
    ways = {server.name: proxy.to_public(server, "/studies/a b") for server in deployment.servers}
    assert {
        "orthanc": ("/orthanc/studies/a b",),
        "orthanc-for-api": ("/orthanc-api/studies/a b",),
        "orthanc-for-shares": ("/shares/studies/a b",),
        "orthanc-for-cert": ("/orthanc-cert/studies/a b",),
    } == ways
