"""What can be done about findings."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOTH = """{
  "AuthenticationEnabled": false,
  "Authorization": {
    "WebServiceRootUrl": "http://auth/",
    // why
    "CheckedLevel": "studies",
    "UncheckedLevels": ["patients"]
  }
}
"""
OLD = """services:
  orthanc:
    image: orthancteam/orthanc:26.8.1
    environment:
      VERBOSE_STARTUP: "true"
"""
ROLES = '{"roles": {"a": {"permissions": ["view",], "authorized-labels": ["*"]}}}\n'


async def found(editor, name, rule):
    return next(one for one in await editor.findings(name) if one.data["rule"] == rule)


async def test_an_unsafe_fix_says_that_it_is_one(editor):
    editor.open("orthanc.jsonc", BOTH)
    one = await found(editor, "orthanc.jsonc", "both-level-options")
    actions = await editor.actions("orthanc.jsonc", one)
    action = actions["Remove UncheckedLevels (unsafe: look at what it changes)"]
    assert types.CodeActionKind.QuickFix == action.kind
    assert action.is_preferred is None
    fixed = editor.after(action.edit)["orthanc.jsonc"]
    assert BOTH.replace('"studies",\n    "UncheckedLevels": ["patients"]\n', '"studies"\n') == fixed
    editor.type("orthanc.jsonc", fixed)
    assert "CFG004" not in await editor.codes("orthanc.jsonc")


async def test_a_safe_fix_is_preferred_and_of_this_version_of_the_text(editor):
    editor.open("docker-compose.yml", OLD, "yaml")
    one = await found(editor, "docker-compose.yml", "verbose-startup")
    action = (await editor.actions("docker-compose.yml", one))["Write false"]
    assert action.is_preferred
    assert 1 == action.edit.document_changes[0].text_document.version
    assert OLD.replace('"true"', '"false"') == editor.after(action.edit)["docker-compose.yml"]


async def test_a_fix_of_text_that_has_moved_on_is_not_offered(editor):
    editor.open("docker-compose.yml", OLD, "yaml")
    one = await found(editor, "docker-compose.yml", "verbose-startup")
    editor.type("docker-compose.yml", "# new\n" + OLD)
    assert "Write false" not in await editor.actions("docker-compose.yml", one)


async def test_a_comment_ignores_a_finding(editor):
    editor.open("docker-compose.yml", OLD, "yaml")
    one = await found(editor, "docker-compose.yml", "verbose-startup")
    action = (await editor.actions("docker-compose.yml", one))["Ignore verbose-startup here, by a comment"]
    silent = editor.after(action.edit)["docker-compose.yml"]
    assert OLD.replace('"true"', '"true" # policy-lint: ignore[verbose-startup]') == silent
    editor.type("docker-compose.yml", silent)
    assert "DEP033" not in await editor.codes("docker-compose.yml")


async def test_no_comment_where_a_reader_refuses_comments(editor):
    editor.write(
        "docker-compose.yml",
        "services:\n  auth:\n    image: orthancteam/orthanc-auth-service:23.6.1\n    volumes:\n"
        "      - ./permissions.json:/orthanc_auth_service/permissions.json:ro\n",
    )
    editor.open("permissions.json", '{"roles": {"a": ["veiw"]}}\n')
    one = await found(editor, "permissions.json", "unknown-permission")
    titles = set(await editor.actions("permissions.json", one))
    assert "Ignore unknown-permission in this file, in the settings" in titles
    assert not [title for title in titles if "comment" in title]


async def test_the_settings_ignore_a_finding(editor):
    editor.open("docker-compose.yml", OLD, "yaml")
    one = await found(editor, "docker-compose.yml", "verbose-startup")
    action = (await editor.actions("docker-compose.yml", one))["Ignore verbose-startup in this file, in the settings"]
    created, _ = action.edit.document_changes
    assert editor.uri(".policy-lint.toml") == created.uri
    text = editor.after(action.edit)[".policy-lint.toml"]
    assert '[per-file-ignores]\n"docker-compose.yml" = ["verbose-startup"]\n' == text
    editor.write(".policy-lint.toml", text)
    changes = [types.FileEvent(editor.uri(".policy-lint.toml"), types.FileChangeType.Created)]
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
    assert "DEP033" not in {str(each.code) for each in await editor.next_findings("docker-compose.yml")}


async def test_fix_all_safe(editor):
    editor.write("docker-compose.yml", OLD)
    editor.open("docker-compose.yml", language="yaml")
    await editor.findings("docker-compose.yml")
    actions = await editor.actions("docker-compose.yml", only=["source.fixAll"])
    (action,) = actions.values()
    assert "source.fixAll.policy-lint" == action.kind
    assert await editor.run(action.command)
    made = editor.client.applied[-1]
    assert OLD.replace('"true"', '"false"') == editor.after(made.edit)["docker-compose.yml"]


async def test_only_what_was_asked_for(editor):
    editor.open("docker-compose.yml", OLD, "yaml")
    await editor.findings("docker-compose.yml")
    assert {} == await editor.actions("docker-compose.yml", only=["refactor"])
    assert all(
        str(one.kind) != "source.fixAll.policy-lint"
        for one in (await editor.actions("docker-compose.yml", only=["quickfix"])).values()
    )


async def test_a_suggestion_is_made_and_told(editor):
    for file in (Path(__file__).parents[2] / "samples/clinic").iterdir():
        editor.write(file.name, file.read_text("utf-8"))
    editor.open("orthanc.jsonc")
    one = await found(editor, "orthanc.jsonc", "patient-level-bypass")
    action = (await editor.actions("orthanc.jsonc", one))[f"Suggest the smallest change that closes {one.code}"]
    assert await editor.run(action.command)
    (text,) = editor.after(editor.client.applied[-1].edit).values()
    assert '"^/patients/([a-f0-9-]+)/.*$"' in text
    assert "write out the built-in list" in editor.client.messages[-1].message
    editor.type("orthanc.jsonc", text)
    assert one.code not in await editor.codes("orthanc.jsonc")


async def test_line_ends_and_columns_stay(editor):
    text = '{\r\n  "roles": {"\U0001f3e5": {"permissions": ["view",], "authorized-labels": ["*"]}}\r\n}\r\n'
    editor.open("permissions.json", text)
    one = await found(editor, "permissions.json", "permissions-trailing-comma")
    action = (await editor.actions("permissions.json", one))["Remove the comma"]
    edits = action.edit.document_changes[0].edits
    assert [1] == [edit.range.start.line for edit in edits]
    assert text.replace(",]", "]") == editor.after(action.edit)["permissions.json"]
