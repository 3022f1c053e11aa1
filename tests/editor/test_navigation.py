"""From names to where they come from and where they are used; the outline; the lens; the layout."""

from __future__ import annotations

import pytest
from lsprotocol import types

from policy.text import parse
from policy.text.formatting import format_document

from .conftest import ROLES, cut, edited

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONFIGURATION = """{
  "AuthenticationEnabled": false,
  "Authorization": {
    "WebServiceRootUrl": "http://auth/",
    "CheckedLevel": "studies",
    "TokenHttpHeaders": ["token"],
    "Permissions": [
      ["get", "^/studies/([a-f0-9-]+)$", "all|view"],
      ["get", "^/statistics$", "view|send"],
      ["get", "^/system$", ""]
    ]
  }
}
"""


@pytest.fixture
def files(editor):
    editor.write("orthanc.jsonc", CONFIGURATION)
    editor.write("permissions.json", ROLES)
    return editor


async def test_from_a_rule_to_the_roles_that_pass_it(files):
    files.open("orthanc.jsonc")
    await files.findings("orthanc.jsonc")
    assert {("permissions.json", "view")} == await files.definition("orthanc.jsonc", '"all|view"', offset=6)
    assert {("permissions.json", "all")} == await files.definition("orthanc.jsonc", '"all|view"', offset=2)
    assert set() == await files.definition("orthanc.jsonc", "send", offset=2)


async def test_from_a_role_to_the_rules_that_ask_for_its_permission(files):
    files.open("permissions.json")
    await files.findings("permissions.json")
    assert {("orthanc.jsonc", "view")} == await files.definition("permissions.json", '"view"', offset=2)
    found = await files.references("permissions.json", '"view"', offset=2)
    assert [("orthanc.jsonc", "view"), ("orthanc.jsonc", "view"), ("permissions.json", "view")] == found


async def test_labels_across_the_file(files):
    files.open("permissions.json")
    await files.findings("permissions.json")
    position = types.Position(5, 24)
    found = await files.client.text_document_definition_async(
        types.DefinitionParams(
            types.TextDocumentIdentifier(files.uri("permissions.json")),
            files.place("permissions.json", '"external"', offset=2),
        )
    )
    assert [position] == [types.Position(one.range.start.line, one.range.start.character) for one in found]
    assert 2 == len(await files.references("permissions.json", '"external"', offset=2))
    assert 1 == len(await files.references("permissions.json", '"external"', offset=2, declaration=False))


async def test_places_follow_text_that_is_not_saved(files):
    files.open("orthanc.jsonc")
    files.open("permissions.json")
    await files.findings("orthanc.jsonc")
    files.type("permissions.json", "\n\n" + ROLES.replace('"guest"', '"\U0001f3e5"'))
    assert {("permissions.json", "view")} == await files.definition("orthanc.jsonc", '"all|view"', offset=6)


async def test_roles_of_a_realm(files):
    files.write("realm.json", '{"realm": "r", "clients": [], "roles": {"realm": [{"name": "guest"}]}}')
    files.open("realm.json")
    files.open("permissions.json")
    await files.findings("permissions.json")
    assert {("permissions.json", "guest")} == await files.definition("realm.json", "guest", offset=2)


async def test_highlights(files):
    files.open("orthanc.jsonc")
    found = await files.client.text_document_document_highlight_async(
        types.DocumentHighlightParams(
            types.TextDocumentIdentifier(files.uri("orthanc.jsonc")),
            files.place("orthanc.jsonc", '"all|view"', offset=6),
        )
    )
    assert ["view", "view"] == [cut(CONFIGURATION, one.range) for one in found]


async def test_the_outline(files):
    files.open("orthanc.jsonc")
    found = await files.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(types.TextDocumentIdentifier(files.uri("orthanc.jsonc")))
    )
    assert ["AuthenticationEnabled", "Authorization"] == [one.name for one in found]
    section = {one.name: one for one in found[1].children}
    rules = section["Permissions"].children
    assert ["GET ^/studies/([a-f0-9-]+)$", "GET ^/statistics$", "GET ^/system$"] == [one.name for one in rules]
    assert '["get", "^/statistics$", "view|send"]' == cut(CONFIGURATION, rules[1].range)


async def test_the_lens_counts_roles(files):
    files.open("orthanc.jsonc")
    await files.findings("orthanc.jsonc")
    found = await files.client.text_document_code_lens_async(
        types.CodeLensParams(types.TextDocumentIdentifier(files.uri("orthanc.jsonc")))
    )
    assert [None, None, None] == [one.command for one in found]
    titles = [(await files.client.code_lens_resolve_async(one)).command.title for one in found]
    assert ["2 roles of 2", "1 role of 2", "2 roles of 2 and anybody without a token"] == titles


async def test_the_lens_says_who(files):
    files.open("orthanc.jsonc")
    await files.findings("orthanc.jsonc")
    lenses = await files.client.text_document_code_lens_async(
        types.CodeLensParams(types.TextDocumentIdentifier(files.uri("orthanc.jsonc")))
    )
    resolved = await files.client.code_lens_resolve_async(lenses[0])
    await files.run(resolved.command)
    assert "GET ^/studies/([a-f0-9-]+)$: admin, guest" == files.client.messages[-1].message


async def test_formatting_is_that_of_policy_format(files):
    untidy = CONFIGURATION.replace('"CheckedLevel": "studies",', '"CheckedLevel"  :"studies", // why')
    untidy = untidy.replace('      ["get", "^/statistics$"', '         ["get",    "^/statistics$"')
    files.open("orthanc.jsonc", untidy)
    edits = await files.client.text_document_formatting_async(
        types.DocumentFormattingParams(
            types.TextDocumentIdentifier(files.uri("orthanc.jsonc")), types.FormattingOptions(4, insert_spaces=True)
        )
    )
    assert format_document(parse(untidy)).decode() == edited(untidy, edits)
    assert '      ["get", "^/statistics$", "view|send"],\n' in edited(untidy, edits)
    files.type("orthanc.jsonc", edited(untidy, edits))
    again = await files.client.text_document_formatting_async(
        types.DocumentFormattingParams(
            types.TextDocumentIdentifier(files.uri("orthanc.jsonc")), types.FormattingOptions(4, insert_spaces=True)
        )
    )
    assert not again


async def test_broken_text_is_not_laid_out(files):
    files.open("orthanc.jsonc", '{"Authorization": {"CheckedLevel": ')
    edits = await files.client.text_document_formatting_async(
        types.DocumentFormattingParams(
            types.TextDocumentIdentifier(files.uri("orthanc.jsonc")), types.FormattingOptions(4, insert_spaces=True)
        )
    )
    assert not edits
