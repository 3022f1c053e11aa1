"""Findings while typing."""

from __future__ import annotations

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROLES = '{"roles": {"doctor": {"permissions": ["view"], "authorized-labels": ["*"]}}}\n'
STAR = '{"name": "Anonymous", "authorized-labels": ["*"], "permissions": ["view"], "validity": 60}\n'
QUIET = '{"name": "Anonymous", "authorized-labels": [], "permissions": [], "validity": 60}\n'


def configuration(section: str) -> str:
    return f'{{"AuthenticationEnabled": false, "Authorization": {{"WebServiceRootUrl": "http://auth/", {section}}}}}\n'


async def test_a_finding_comes_with_all_that_editors_show(editor):
    text = configuration('"CheckedLevel": "studies", "UncheckedLevels": []')
    editor.write("orthanc.jsonc", text)
    editor.open("orthanc.jsonc")
    found = {str(one.code): one for one in await editor.findings("orthanc.jsonc")}
    one = found["CFG004"]
    assert types.DiagnosticSeverity.Error == one.severity
    assert "policy-lint" == one.source
    assert one.code_description.href.startswith("https://")
    assert "both-level-options" == one.data["rule"]
    related = one.related_information
    assert [editor.uri("orthanc.jsonc")] == [each.location.uri for each in related]
    assert related[0].message
    assert one.message.count("\n") >= 1  # what will happen, then what to do


async def test_what_has_no_effect_is_faded(editor):
    rules = '["get", "^/statistics$", "view"], ["get", "^/statistics$", "download"]'
    editor.open("orthanc.jsonc", configuration(f'"CheckedLevel": "studies", "Permissions": [{rules}]'))
    found = {one.data["rule"]: one for one in await editor.findings("orthanc.jsonc")}
    assert (types.DiagnosticTag.Unnecessary,) == tuple(found["duplicate-rule"].tags)


async def test_unsaved_text_counts(editor):
    editor.write("anonymous-profile.json", QUIET)
    editor.open("anonymous-profile.json")
    assert "ANO001" not in await editor.codes("anonymous-profile.json")
    editor.type("anonymous-profile.json", STAR)
    assert "ANO001" in await editor.codes("anonymous-profile.json")
    editor.type("anonymous-profile.json", QUIET)
    assert "ANO001" not in await editor.codes("anonymous-profile.json")


async def test_closing_without_saving_brings_the_file_on_the_disk_back(editor):
    editor.write("orthanc.jsonc", configuration('"CheckedLevel": "studies"'))
    editor.write("permissions.json", ROLES)
    editor.write("anonymous-profile.json", QUIET)
    editor.open("orthanc.jsonc")
    editor.open("anonymous-profile.json", STAR)
    assert "ANO001" in await editor.codes("anonymous-profile.json")
    editor.close("anonymous-profile.json")
    assert "ANO001" not in {str(one.code) for one in await editor.next_findings("anonymous-profile.json")}
    del editor.texts["anonymous-profile.json"]


async def test_a_finding_in_another_file_is_told_there(editor):
    editor.write("orthanc.jsonc", configuration('"CheckedLevel": "studies"'))
    editor.write("permissions.json", ROLES.replace("authorized-labels", "authorised-labels"))
    editor.open("orthanc.jsonc")
    await editor.findings("orthanc.jsonc")
    assert await editor.codes("permissions.json")


async def test_files_of_a_compose_file_belong_together_across_folders(editor):
    editor.write(
        "docker-compose.yml",
        "services:\n  orthanc:\n    image: orthancteam/orthanc:26.8.1\n    volumes:\n"
        "      - ./orthanc/orthanc.json:/etc/orthanc/orthanc.json:ro\n"
        "  auth:\n    image: orthancteam/orthanc-auth-service:26.4.1\n    volumes:\n"
        "      - ./auth/permissions.json:/orthanc_auth_service/permissions.json:ro\n",
    )
    editor.write("orthanc/orthanc.json", configuration('"CheckedLevel": "studies"'))
    editor.write("auth/permissions.json", ROLES)
    editor.open("auth/permissions.json", ROLES.replace('"view"', '"view", "veiw"'))
    found = {one.data["rule"]: one for one in await editor.findings("auth/permissions.json")}
    assert "unknown-permission" in found
    assert "rules of the built-in list ask for it" in await editor.hover("auth/permissions.json", "view")


async def test_the_settings_of_the_project_count(editor):
    editor.write(".policy-lint.toml", 'ignore = ["ANO"]\n')
    editor.write("anonymous-profile.json", STAR)
    editor.open("anonymous-profile.json")
    assert not {code for code in await editor.codes("anonymous-profile.json") if code.startswith("ANO")}


async def test_wrong_settings_are_told(editor):
    editor.write(".policy-lint.toml", "colour = true\n")
    editor.write("anonymous-profile.json", STAR)
    editor.open("anonymous-profile.json")
    (one,) = await editor.findings(".policy-lint.toml")
    assert "unknown key 'colour'" in one.message


async def test_columns_count_units_of_utf_16(editor):
    text = '{"roles": {"\U0001f3e5": {"permissions": ["view", "veiw"],\t"authorized-labels": ["*"]}}}\n'
    editor.open("permissions.json", text)
    found = {one.data["rule"]: one for one in await editor.findings("permissions.json")}
    start = found["unknown-permission"].range.start
    assert text.index('"veiw"') + 1 == start.character


@pytest.mark.parametrize("end", range(0, 130, 7))
async def test_half_a_text_is_no_fault(editor, end):
    text = configuration('"CheckedLevel": "studies", "Permissions": [["get", "^/statistics$", "view"]]')[:end]
    editor.open("orthanc.jsonc", text)
    for one in await editor.findings("orthanc.jsonc"):
        assert "internal error" not in one.message
    position = types.Position(0, end)
    await editor.complete("orthanc.jsonc", position)


async def test_no_secret_is_told(editor):
    text = configuration('"CheckedLevel": "studies", "WebServicePassword": "hunter2-Tr0ub4dor", "Permisions": 1')
    editor.open("orthanc.jsonc", text)
    found = await editor.findings("orthanc.jsonc")
    assert found
    assert "hunter2" not in repr(found)
    assert "hunter2" not in await editor.hover("orthanc.jsonc", "WebServicePassword")


async def test_a_new_compose_file_above_brings_files_together(editor):
    editor.write("auth/permissions.json", ROLES.replace("view", "veiw"))
    editor.open("auth/permissions.json")
    assert "unknown-permission" in {one.data["rule"] for one in await editor.findings("auth/permissions.json")}
    editor.write(
        "docker-compose.yml",
        "services:\n  auth:\n    image: orthancteam/orthanc-auth-service:26.4.1\n    volumes:\n"
        "      - ./auth/permissions.json:/orthanc_auth_service/permissions.json:ro\n    ports: ['8000:8000']\n",
    )
    created = [types.FileEvent(editor.uri("docker-compose.yml"), types.FileChangeType.Created)]
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(created))
    assert "auth-service-published" in {one.data["rule"] for one in await editor.findings("docker-compose.yml")}
    assert "unknown-permission" in {one.data["rule"] for one in await editor.findings("auth/permissions.json")}
