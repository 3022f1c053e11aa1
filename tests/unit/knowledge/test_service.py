"""The auth service, and the variables of the Orthanc image."""

from __future__ import annotations

import pytest

from policy.errors import UnknownVersion
from policy.knowledge import environment, labels, references, service
from policy.knowledge.versions import Version


def test_names_grow_with_the_tags() -> None:
    assert service.tag("23.1.0").permissions == ()
    assert len(service.tag("23.3.0").permissions) == 12
    assert service.tag("25.12.0").permissions[-1] == "worklists"
    assert "volview-viewer-publication" not in service.tag("25.2.0").share_types
    assert "volview-viewer-publication" in service.tag("25.2.1").share_types


@pytest.mark.parametrize(
    ("tag", "reader"), [("22.8.0", None), ("23.3.0", "json"), ("23.6.1", "json"), ("23.9.0", "json-with-comments")]
)
def test_reader_of_permissions(tag: str, reader: str | None) -> None:
    assert service.tag(tag).reader == reader


def test_unknown_tag() -> None:
    with pytest.raises(UnknownVersion) as caught:
        service.tag("25.10.0")
    assert "25.9.0" in (caught.value.help or "")
    assert str(service.closest("25.10.0").version) == "25.9.0"
    assert str(service.newest().version) == "26.4.1"


@pytest.mark.parametrize(
    ("behaviour", "last_without", "first_with"),
    [
        ("roles-union", "24.5.1", "24.6.0"),
        ("bad-jwt-anonymous", "24.6.0", "24.6.1"),
        ("anonymous-file", "25.7.0", "25.8.0"),
        ("admin-client-by-secret", "24.6.1", "24.7.0"),
        ("file-comments", "23.6.1", "23.9.0"),
    ],
)
def test_behaviour_begins(behaviour: str, last_without: str, first_with: str) -> None:
    assert not service.behaves(behaviour, last_without)
    assert service.behaves(behaviour, first_with)


def test_no_two_ways_to_treat_roles_in_one_tag() -> None:
    for tag in service.tags():
        if tag.version >= service.FIRST_WITH_PROFILES:
            ways = [
                key
                for key in ("roles-union-permissions", "roles-one-only", "roles-union")
                if service.behaves(key, tag.version)
            ]
            assert len(ways) == 1, tag.version


@pytest.mark.parametrize("tag", ["23.3.0", "24.5.1", "24.6.0", "26.4.1"])
def test_one_row_a_key_and_tag(tag: str) -> None:
    wanted = Version.parse(tag)
    found = [(row.file, row.path) for row in service.file_keys() if wanted in row.versions]
    assert len(found) == len(set(found))
    assert ("permissions.json", "roles") in found
    assert (("anonymous-profile.json", "name") in found) == (tag == "26.4.1")


def test_shipped_files() -> None:
    newest = {row.file: row.content for row in service.shipped_files() if Version.parse("26.4.1") in row.versions}
    assert newest["anonymous-profile.json"]["permissions"] == ["upload"]
    assert "upload" in newest["permissions.json"]["roles"]["doctor-role"]["permissions"]
    old = {row.file: row.content for row in service.shipped_files() if Version.parse("24.5.1") in row.versions}
    assert old["permissions.json"]["roles"]["admin-role"] == {"permissions": ["all"], "authorized_labels": ["*"]}
    assert "anonymous-profile.json" not in old


def test_variables_of_the_service() -> None:
    by_name = {row.name: row for row in service.environment()}
    assert str(by_name["KECLOAK_ADMIN_URI"].versions) == "24.2.0 to 24.7.2"
    assert str(by_name["ANONYMOUS_PROFILE_FILE_PATH"].versions) == "25.8.0 and later"
    assert by_name["ENABLE_KEYCLOAK"].flag
    assert {name for name, row in by_name.items() if row.confidential} == {
        "SECRET_KEY", "USERS", "KEYCLOAK_CLIENT_SECRET", "EMAILS_SMTP_SERVER_PWD",
    }  # fmt: skip


def test_options_and_their_variables() -> None:
    root = environment.option("DicomWeb.Root")
    assert root is not None
    assert (root.variable, root.section, root.default) == ("ORTHANC__DICOM_WEB__ROOT", "DicomWeb", "/dicom-web/")
    remote = environment.option("RemoteAccessAllowed")
    assert remote is not None
    assert (remote.section, remote.default, remote.image_default) == ("", False, True)
    assert environment.option("dicomweb.root") is None
    assert "Root" in environment.option_names("DicomWeb")
    assert "Authorization" in environment.option_names("")


def test_names_for_did_you_mean() -> None:
    names = environment.variable_names()
    assert {"ORTHANC_JSON", "ORTHANC__DICOM_WEB__ROOT", "AUTHORIZATION_PLUGIN_ENABLED", "VERBOSE_STARTUP"} <= set(names)
    assert "AC_ALLOW_REMOTE" not in names
    assert "ORTHANC__OHIF__ROUTER_BASE_NAME" in environment.variable_names("25.11.0")
    assert "ORTHANC__OHIF__ROUTER_BASE_NAME" not in environment.variable_names("25.11.1")


def test_plugins_of_the_image() -> None:
    switches = {row.plugin: row for row in environment.plugin_switches()}
    assert switches["Authorization"].legacy_variable == "AUTHZ_ENABLED"
    assert switches["OrthancExplorer2"].default_since == Version.parse("22.5.2")
    assert not switches["StoneWebViewer"].section_enables
    assert switches["Python"].root_setting == "PythonScript"
    assert switches["Ohif"].section == "Ohif"


def test_every_legacy_variable_leads_somewhere() -> None:
    paths = {row.variable: row.path for row in environment.legacy_variables()}
    assert paths["AUTHZ_TOKEN_HTTP_HEADERS"] == "Authorization.TokenHttpHeaders"
    for option in environment.options():
        assert all(paths[name] == option.path for name in option.legacy_variables)


@pytest.mark.parametrize(
    ("label", "accepted"),
    [("external", True), ("Ward_A-1", True), ("", False), ("a b", False), ("a.b", False), ("*", False), ("é", False),
     ("a" * 64, True), ("a" * 65, False), ("a\n", False)],
)  # fmt: skip
def test_labels(label: str, accepted: bool) -> None:
    assert labels.accepted(label) == accepted


def test_references() -> None:
    bola = references.reference("owasp:API1:2023")
    assert bola is not None
    assert bola.checked
    assert str(bola) == "OWASP API Security Top 10 API1:2023: Broken Object Level Authorization"
    nist = references.reference("nist:AC-6")
    assert nist is not None
    assert not nist.checked
    assert references.reference("cwe:0") is None
    assert all(row.url.startswith("https://") for row in references.references() if row.url)
