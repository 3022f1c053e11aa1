"""The life of a server, and how it counts columns."""

from __future__ import annotations

import asyncio
import json

import pytest
import pytest_asyncio
from lsprotocol import types

from .conftest import SERVER, Editor, make_client, start

pytestmark = pytest.mark.asyncio

TEXT = '{"roles": {"\U0001f3e5é":\t{"permissions": ["veiw"], "authorized-labels": ["*"]}}}\n'


@pytest_asyncio.fixture
async def client():
    made = make_client()
    await made.start_io(*SERVER)
    yield made
    if made._server.returncode is None:
        await made.shutdown_session()
    await made.stop()


@pytest.mark.parametrize(
    ("offered", "used", "encoding"),
    [
        ((), "utf-16", "utf-16-le"),
        (("utf-16",), "utf-16", "utf-16-le"),
        (("utf-8", "utf-16"), "utf-8", "utf-8"),
        (("utf-32", "utf-16"), "utf-32", "utf-32-le"),
    ],
)
async def test_columns_are_counted_as_agreed(client, tmp_path, offered, used, encoding):
    folder = tmp_path.resolve()
    answer = await start(client, folder, *offered)
    assert used == str(getattr(answer.capabilities.position_encoding, "value", answer.capabilities.position_encoding))
    editor = Editor(client, folder)
    editor.open("permissions.json", TEXT)
    found = {one.data["rule"]: one for one in await editor.findings("permissions.json")}
    width = {"utf-16-le": 2, "utf-32-le": 4}.get(encoding, 1)
    wanted = len(TEXT[: TEXT.index('"veiw"')].encode(encoding)) // width
    area = found["unknown-permission"].range
    assert (wanted, wanted + len('"veiw"')) == (area.start.character, area.end.character)
    shown = await client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(editor.uri("permissions.json")), types.Position(0, wanted + 2))
    )
    assert "`veiw`" in shown.contents.value
    assert (wanted + 1, wanted + 5) == (shown.range.start.character, shown.range.end.character)


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 3), ("utf-16", 1), ("utf-32", 1)])
async def test_a_byte_order_mark_that_the_editor_leaves_is_a_sign_of_the_first_line(client, tmp_path, encoding, width):
    folder = tmp_path.resolve()
    await start(client, folder, encoding, "utf-16")
    editor = Editor(client, folder)
    ascii_text = TEXT.replace("\U0001f3e5é", "doctor")
    editor.open("permissions.json", "\ufeff" + ascii_text)
    found = {one.data["rule"]: one for one in await editor.findings("permissions.json")}
    wanted = ascii_text.index('"veiw"') + width
    area = found["unknown-permission"].range
    assert (wanted, wanted + len('"veiw"')) == (area.start.character, area.end.character)
    shown = await client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(editor.uri("permissions.json")), types.Position(0, wanted + 1))
    )
    assert (wanted + 1, wanted + 5) == (shown.range.start.character, shown.range.end.character)


async def test_without_a_workspace_the_folder_of_a_file_counts(client, tmp_path):
    await start(client, None)
    editor = Editor(client, tmp_path.resolve())
    editor.write("permissions.json", TEXT)
    editor.write("orthanc.jsonc", '{"Authorization": {"WebServiceRootUrl": "http://a/", "CheckedLevel": "studies"}}')
    editor.open("orthanc.jsonc")
    await editor.findings("orthanc.jsonc")
    assert "ROL" in {str(one.code)[:3] for one in await editor.findings("permissions.json")}


async def test_capabilities(client, tmp_path):
    capabilities = (await start(client, tmp_path.resolve())).capabilities
    assert capabilities.hover_provider
    assert capabilities.completion_provider
    assert capabilities.definition_provider
    assert capabilities.references_provider
    assert capabilities.document_symbol_provider
    assert capabilities.document_formatting_provider
    assert capabilities.code_lens_provider.resolve_provider
    assert "source.fixAll.policy-lint" in capabilities.code_action_provider.code_action_kinds
    async with asyncio.timeout(20):
        while not client.registered:
            await asyncio.sleep(0.01)
    assert [types.WORKSPACE_DID_CHANGE_WATCHED_FILES] == [one.method for one in client.registered]


async def test_shutdown_ends_the_process_even_in_the_middle_of_a_run(client, tmp_path):
    folder = tmp_path.resolve()
    await start(client, folder)
    rows = [["get", f"^/ward-{i}/(.*)$", "view"] for i in range(600)]
    section = {"WebServiceRootUrl": "http://a/", "CheckedLevel": "studies", "Permissions": rows}
    Editor(client, folder).open("orthanc.jsonc", json.dumps({"Authorization": section}))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(20):
        await client.shutdown_session()
    assert 0 == client._server.returncode


async def test_typing_fast_gives_the_findings_of_the_last_text(client, tmp_path):
    folder = tmp_path.resolve()
    await start(client, folder)
    editor = Editor(client, folder)
    editor.open("permissions.json", TEXT)
    for end in range(10, len(TEXT), 3):
        editor.type("permissions.json", TEXT[:end])
    editor.type("permissions.json", TEXT)
    assert "unknown-permission" in {one.data["rule"] for one in await editor.findings("permissions.json")}
    versions = [params.version for params in client.arrived[editor.uri("permissions.json")]]
    assert sorted(versions) == versions
    assert len(versions) <= 3


async def test_a_lens_of_another_server_is_answered(client, tmp_path):
    await start(client, tmp_path.resolve())
    nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
    found = await client.code_lens_resolve_async(types.CodeLens(nowhere, data={"uri": None}))
    assert "who can call this: not known yet" == found.command.title


async def test_files_that_are_no_files_are_left_alone(client, tmp_path):
    await start(client, tmp_path.resolve())
    item = types.TextDocumentItem("untitled:Untitled-1", "jsonc", 1, TEXT)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    params = types.HoverParams(types.TextDocumentIdentifier("untitled:Untitled-1"), types.Position(0, 3))
    assert await client.text_document_hover_async(params) is None
