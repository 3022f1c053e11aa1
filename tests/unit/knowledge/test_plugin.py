"""The releases of the plugin."""

from __future__ import annotations

import re

import pytest

from policy.errors import UnknownVersion
from policy.knowledge import permissions, plugin, plugin_changes, plugin_options
from policy.knowledge.versions import Version

COUNTS = {
    "0.4.1": 0, "0.5.0": 25, "0.5.1": 27, "0.5.2": 27, "0.5.3": 31, "0.6.0": 32, "0.6.1": 32, "0.6.2": 32, "0.7.0": 31,
    "0.7.1": 34, "0.7.2": 37, "0.8.0": 40, "0.8.1": 40, "0.8.2": 41, "0.9.0": 41, "0.9.1": 42, "0.9.2": 42, "0.9.3": 44,
    "0.9.4": 44, "0.10.0": 45, "0.10.1": 45, "0.10.2": 48, "0.10.3": 55, "0.11.0": 59, "0.11.1": 59, "0.11.2": 59,
    "0.11.3": 62, "0.11.4": 64,
}  # fmt: skip


def test_number_of_default_rules() -> None:
    assert {version: len(plugin.release(version).default_rules) for version in COUNTS} == COUNTS


def test_releases_are_in_order() -> None:
    versions = [release.version for release in plugin.RELEASES]
    assert versions == sorted(set(versions))
    dates = [release.date for release in plugin.RELEASES]
    assert dates == sorted(dates)


def test_first_and_last_rule() -> None:
    rules = plugin.release("0.11.4").default_rules
    assert (rules[0].method, rules[0].pattern, rules[0].names) == ("post", "^/auth/tokens/decode$", ())
    assert (rules[-1].method, rules[-1].pattern, rules[-1].names) == (
        "delete",
        "^/jobs/([a-f0-9-]+)$",
        ("admin-permissions",),
    )
    assert rules[26].names == ("all", "send", "modify", "anonymize", "q-r-remote-modalities", "admin-permissions")


def test_default_patterns_are_expressions_or_the_alias() -> None:
    for release in plugin.RELEASES:
        for rule in release.default_rules:
            assert rule.method in ("get", "post", "put", "delete")
            if rule.pattern == plugin.alias().name:
                assert release.version >= plugin.alias().since
            else:
                re.compile(rule.pattern)


def test_alias_stands_for_nine_patterns_since_it_is_known() -> None:
    assert plugin.alias().since == Version.parse("0.7.0")
    assert {len(r.single_resource_patterns) for r in plugin.RELEASES if r.version >= plugin.alias().since} == {9}
    assert {len(r.single_resource_patterns) for r in plugin.RELEASES if r.version < plugin.alias().since} == {0}


def test_two_orders_of_the_patterns() -> None:
    release = plugin.release("0.11.4")
    assert [pattern.name for pattern in release.resource_patterns] == [
        "orthanc-resource", "web-viewer-series", "web-viewer-instance", "dicomweb-study", "dicomweb-series",
        "dicomweb-instance", "osimis-viewer-series", "osimis-viewer-study", "osimis-viewer-image",
        "create-archive-or-media", "dicomweb-search", "list-of-resources",
    ]  # fmt: skip
    assert [pattern.name for pattern in release.single_resource_patterns] == [
        "orthanc-resource", "web-viewer-series", "web-viewer-instance", "osimis-viewer-series", "osimis-viewer-image",
        "osimis-viewer-study", "dicomweb-study", "dicomweb-series", "dicomweb-instance",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("/dicom-web/", "^/dicom-web/(studies|series|instances)(|/)$"),
        ("/pacs///", "^/pacs/(studies|series|instances)(|/)$"),
        ("pacs", "^pacs/(studies|series|instances)(|/)$"),
    ],
)
def test_root_goes_into_the_patterns_as_it_is(root: str, expected: str) -> None:
    search = next(p for p in plugin.release("0.11.4").resource_patterns if p.name == "dicomweb-search")
    assert search.text(root) == expected


def test_patterns_changed_with_the_releases() -> None:
    def study(version: str) -> str:
        return next(p for p in plugin.release(version).resource_patterns if p.name == "dicomweb-study").text()

    assert re.fullmatch(study("0.9.2"), "/dicom-web/studies/1.2/thumbnail")
    assert not re.fullmatch(study("0.9.1"), "/dicom-web/studies/1.2/thumbnail")
    assert "list-of-resources" not in {p.name for p in plugin.release("0.5.3").resource_patterns}


@pytest.mark.parametrize(
    ("name", "version", "headers", "arguments"),
    [
        ("ohif", "0.8.1", (), ()),
        ("ohif", "0.8.2", ("Authorization",), ()),
        ("osimis-web-viewer", "0.4.0", ("token",), ()),
        ("osimis-web-viewer", "0.4.1", ("token",), ("token",)),
        ("orthanc-explorer-2", "0.11.4", ("Authorization", "token"), ("token",)),
    ],
)
def test_standard_configurations(name: str, version: str, headers: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    entry = plugin.release(version).standard_configuration(name)
    assert entry is not None
    assert (entry.token_headers, entry.token_get_arguments) == (headers, arguments)


def test_standard_configurations_that_are_not_there() -> None:
    assert plugin.release("0.10.0").standard_configuration("stl") is None
    assert plugin.release("0.11.4").standard_configuration("OHIF") is None
    for release in plugin.RELEASES:
        names = [entry.name for entry in release.standard_configurations]
        assert len(names) == len(set(names))


def test_unknown_release() -> None:
    with pytest.raises(UnknownVersion) as caught:
        plugin.release("0.12.0")
    assert "0.11.4" in (caught.value.help or "")
    assert plugin.closest("0.12.0") is plugin.newest()
    assert str(plugin.closest("0.2.2").version) == "0.2.1"
    assert str(plugin.closest("0.0.1").version) == "initial"


def test_options_by_version() -> None:
    names = {entry.name for entry in plugin_options.options_of("0.9.4")}
    assert {"Permissions", "WebServiceSettingsRolesUrl"} <= names
    assert not names & {"ExtraPermissions", "EnableAuditLogs"}
    assert len(plugin_options.options_of("0.11.4")) == 20
    url = plugin_options.option("WebServiceTokenValidationUrl")
    assert url is not None
    assert url.aliases == ("WebService",)
    assert plugin_options.option("permissions") is None


def test_outcome_of_a_wrong_type() -> None:
    assert {entry.wrong_type for entry in plugin_options.options()} == {plugin_options.NO_START}
    section = plugin_options.keys_outside()[0]
    assert (section.path, section.wrong_type) == ("Authorization", plugin_options.DISABLED)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("study", "study"), ("Studies", "study"), ("SERIES", "series"), ("instances", "instance"), ("system", "system"),
        ("patients", "patient"), (" study", None), ("", None), ("image", None),
    ],
)  # fmt: skip
def test_levels(text: str, level: str | None) -> None:
    assert plugin_options.access_level(text) == level


def test_resource_types_in_addresses_have_more_spellings() -> None:
    assert plugin_options.enumeration("resource-type").value("Images") == "instance"
    assert plugin_options.enumeration("http-method").value("PATCH") is None


def test_changes_of_an_upgrade() -> None:
    changes = plugin_changes.changes_between("0.10.3", "0.11.0")
    assert changes
    assert {str(change.version) for change in changes} == {"0.11.0"}
    assert plugin_changes.changes_between("0.11.4", "0.11.4") == ()
    assert {change.kind for change in plugin_changes.changes()} == set(plugin_changes.KINDS)


def test_every_name_that_default_rules_ask_for_is_known() -> None:
    known = {entry.name for entry in permissions.permissions()}
    for release in plugin.RELEASES:
        assert permissions.asked_by_default(release.version) <= known


@pytest.mark.parametrize(
    ("name", "service", "in_plugin", "rules"),
    [
        ("view", "23.3.0", "0.5.0", 15),
        ("admin-permissions", "24.6.0", "0.8.0", 10),
        ("worklists", "25.12.0", "0.10.3", 5),
        ("audit-logs", "25.8.0", "0.10.0", 1),
        ("api-view", "23.3.0", None, 0),
    ],
)
def test_permissions(name: str, service: str, in_plugin: str | None, rules: int) -> None:
    entry = permissions.permission(name)
    assert entry is not None
    assert str(entry.service_since) == service
    assert (str(entry.plugin_since) if entry.plugin_since else None) == in_plugin
    assert len(permissions.default_rules_asking(name, "0.11.4")) == rules


def test_names_by_tag_of_the_service() -> None:
    assert "edit-labels" not in permissions.known_to_service("23.6.0")
    assert "edit-labels" in permissions.known_to_service("23.6.1")
    assert len(permissions.known_to_service("26.4.1")) == 16
