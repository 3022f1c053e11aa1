"""Routes, transactions, clients and the reverse proxy: what they say of each other must fit."""

from __future__ import annotations

import pytest

from policy.knowledge import clients, dicomweb, nginx, routes
from policy.knowledge.versions import Version


def test_core_and_plugins() -> None:
    assert len(routes.core_routes()) == 301
    assert len({route.path for route in routes.core_routes()}) == 241
    assert len(routes.plugin_routes()) == 193
    assert len(routes.plugin_routes("dicom-web")) == 40
    assert {route.plugin for route in routes.plugin_routes()} == {plugin.name for plugin in routes.plugins()}


def test_every_witness_reaches_its_route() -> None:
    lost = [
        (route.method, route.path)
        for route in routes.routes()
        if route not in routes.find(route.method, route.witness.partition("?")[0])
    ]
    assert lost == [("GET", "/{folder}/{path}")]


def test_words_are_explained() -> None:
    words = {word for route in routes.routes() for word in route.sensitivity}
    words |= {word for handler in routes.handlers() for word in handler.sensitivity}
    assert words == {row.name for row in routes.sensitivities()}


@pytest.mark.parametrize(
    ("method", "path", "data", "changes"),
    [
        ("GET", "/system", False, False),
        ("GET", "/studies", True, False),
        ("DELETE", "/studies/0a-1b", True, True),
        ("PUT", "/modalities/pacs", False, True),
        ("POST", "/tools/execute-script", True, True),
        ("POST", "/dicom-web/studies", True, True),
    ],
)
def test_weight_of_routes(method: str, path: str, data: bool, changes: bool) -> None:
    route = routes.find(method, path)[0]
    assert (route.reaches_patient_data, route.changes_server) == (data, changes)


def test_plugins_come_first_and_literals_before_templates() -> None:
    assert [route.plugin for route in routes.find("POST", "/tools/find")] == ["authorization", ""]
    assert routes.find("GET", "/plugins/explorer.js")[0].path == "/plugins/explorer.js"
    assert routes.find("GET", "/studies/")[0].path == "/studies"
    assert routes.find("GET", "/no/such/route") == ()


def test_another_root() -> None:
    assert routes.find("GET", "/pacs/studies", "/pacs/")
    assert not routes.find("GET", "/pacs/studies")
    assert not routes.find("GET", "/dicom-web/studies", "/pacs/")
    assert routes.with_root("/wado", "/pacs/") == "/wado"
    assert routes.with_root("/dicom-web/studies", "/") == "/studies"


def test_versions_of_routes() -> None:
    pairs = {(route.method, route.path): route for route in routes.core_routes()}
    assert str(pairs["GET", "/tools/labels"].since) == "1.12.0"
    assert not pairs["GET", "/system"].since_exact
    assert (
        str(next(r for r in routes.plugin_routes("authorization") if r.path == "/tools/bulk-delete").since) == "0.11.0"
    )


def test_transactions() -> None:
    rows = dicomweb.transactions()
    assert sum(row.implemented for row in rows) == 39
    assert sum(len(row.variants) for row in rows) == 20
    assert {row.group for row in rows} >= {"QIDO-RS", "WADO-RS", "STOW-RS", "WADO-URI", "UPS-RS", "Delete"}
    for row in rows:
        assert row.implemented == (row.path is not None)
        assert row.standard == (row.clause is not None)
        assert not row.clause_checked or row.standard
        if row.implemented:
            assert routes.find(row.method, row.witness.partition("?")[0]), row


def test_every_request_of_a_client_has_a_route_that_can_exist() -> None:
    # What is missing here belongs to the browser, to a site's own plugin, or to no part of Orthanc that we know.
    lost = {
        (feature.client, request.method, request.path)
        for feature in clients.features()
        for request in feature.requests
        if not routes.find(request.method, request.witness)
    }
    assert {(client, path) for client, _, path in lost if not path.startswith("/dicom-web/")} <= {
        ("orthanc-explorer-2", "/plugins/inbox/validate-form"),
        ("orthanc-explorer-2", "/plugins/inbox/commit"),
        ("orthanc-explorer-2", "/plugins/inbox/monitor-processing"),
    }
    assert {method for _, method, path in lost if path.startswith("/dicom-web/")} <= {"DELETE"}


def test_features_have_something_essential_and_an_order() -> None:
    assert len(clients.clients()) == 17
    for feature in clients.features():
        assert [request.order for request in feature.requests] == list(range(1, len(feature.requests) + 1))
        assert feature.essential or not feature.requests, feature.name
        assert feature.kind in ("browser", "desktop", "library", "script", "server")


def test_recorded_clients() -> None:
    recorded = {feature.client: str(feature.version) for feature in clients.features() if feature.version}
    assert recorded == {
        "orthanc-explorer-2": "1.14.1",
        "ohif": "3.13.2",
        "dicomweb-client (python)": "0.61.2",
        "pyorthanc": "1.23.0",
        "orthanc-api-client (python)": "0.25.3",
        "curl": "7.88.1",
        "orthanc-peer (sender)": "1.12.11",
        "dicomweb-peer": "1.23",
    }
    for feature in clients.features():
        assert feature.version or not any(request.recorded for request in feature.requests)


def test_essential_requests_of_the_viewer() -> None:
    viewer = next(f for f in clients.features_of("ohif") if f.name == "viewer (DICOMweb source)")
    assert [request.path for request in viewer.essential] == [
        "/ohif/viewer",
        "/dicom-web/studies",
        "/dicom-web/studies/{study}/series",
        "/dicom-web/studies/{study}/series/{series}/metadata",
        "/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frame}",
    ]
    assert viewer.requests[1].target == "/dicom-web/studies?StudyInstanceUID=1.2.840.113619.2.1&limit=101"


ALL_ON = dict.fromkeys(
    (
        "ENABLE_ORTHANC", "ENABLE_ORTHANC_FOR_API", "ENABLE_ORTHANC_FOR_SHARES", "ENABLE_CLIENT_CERTIFICATE",
        "ENABLE_KEYCLOAK", "ENABLE_ORTHANC_TOKEN_SERVICE", "ENABLE_MEDDREAM", "ENABLE_OHIF", "ENABLE_HTTPS",
    ),
    "true",
)  # fmt: skip


def test_locations_that_are_on() -> None:
    assert [row.prefix for row in nginx.enabled_locations("26.4.1", {})] == ["/orthanc/"]
    assert nginx.enabled_locations("25.9.0", {}) == ()
    assert len(nginx.enabled_locations("26.4.1", ALL_ON)) == 8
    assert nginx.enabled_locations("26.4.1", {"ENABLE_ORTHANC": "True"}) == ()
    http = nginx.enabled_locations("26.4.1", {**ALL_ON, "ENABLE_HTTPS": "false"})
    assert "/orthanc-cert/" not in {row.prefix for row in http}


@pytest.mark.parametrize(("version", "path"), [("26.2.0", "/viewer"), ("26.4.0", "/ohif/viewer")])
def test_ohif_keeps_its_prefix_since(version: str, path: str) -> None:
    ohif = next(row for row in nginx.enabled_locations(version, ALL_ON) if row.prefix == "/ohif/")
    assert ohif.path("/ohif/viewer") == path
    assert ohif.public(path) == "/ohif/viewer"


# The others are normalised first, which is not the tables' work.
NORMAL = [row for row in nginx.examples() if not any(odd in row.public[8:] for odd in ("//", "..", "%"))]


@pytest.mark.parametrize("example", NORMAL, ids=lambda example: example.public)
def test_examples_follow_from_the_locations(example: nginx.Example) -> None:
    public = "/" + example.public.removeprefix("https://host/").partition("?")[0]
    hit = next((row for row in nginx.enabled_locations("26.4.1", ALL_ON) if row.path(public) is not None), None)
    if hit is None:
        assert example.container is None
    else:
        assert example.container is not None
        assert example.container.split(" ")[0] == hit.upstream
        assert hit.path(public) in example.outcome or not hit.reaches_orthanc


@pytest.mark.parametrize(
    ("version", "https", "status"),
    [
        ("23.3.0", "true", 404),
        ("25.2.1", "true", 301),
        ("25.3.0", "false", 404),
        ("26.4.1", "false", 301),
        ("26.4.1", "true", 302),
    ],
)
def test_default_answers(version: str, https: str, status: int) -> None:
    answer = nginx.default_answer(version, {"ENABLE_HTTPS": https})
    assert answer is not None
    assert answer.status == status


def test_flags_by_tag() -> None:
    assert nginx.flag_defaults_of("25.9.0")["ENABLE_ORTHANC"] == "false"
    assert nginx.flag_defaults_of("25.12.0")["ENABLE_ORTHANC"] == "true"
    assert "ENABLE_OHIF" not in nginx.flag_defaults_of("23.4.0")
    assert {row.flag for row in nginx.locations() if Version.parse("26.4.1") in row.versions} <= {
        row.name for row in nginx.flags()
    }
