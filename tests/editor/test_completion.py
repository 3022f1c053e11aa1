"""What is offered while typing."""

from __future__ import annotations

import pytest

from .conftest import edited

pytestmark = pytest.mark.asyncio(loop_scope="module")


def chosen(text, item):
    """The text once ``item`` is taken."""
    return edited(text, [item.text_edit])


async def test_options_of_the_section_without_those_that_are_there(editor):
    items, text = await editor.complete_at_bar(
        "orthanc.jsonc", '{"Authorization": {\n  "CheckedLevel": "studies",\n  "Che¦\n}}'
    )
    assert "StandardConfigurations" in items
    assert "CheckedLevel" not in items
    assert '"Permissions": \n' in chosen(text, items["Permissions"])
    assert items["Permissions"].documentation


async def test_a_key_with_its_closing_quote_and_colon_gets_no_other(editor):
    items, text = await editor.complete_at_bar("orthanc.jsonc", '{"Authorization": {"Che¦": "studies"}}')
    assert '{"Authorization": {"CheckedLevel": "studies"}}' == chosen(text, items["CheckedLevel"])


async def test_keys_of_the_core_and_of_other_plugins(editor):
    items, _ = await editor.complete_at_bar("orthanc.jsonc", '{"Name": "A", "¦"}')
    assert {"Authorization", "HttpPort", "DicomWeb"} <= set(items)
    items, _ = await editor.complete_at_bar("orthanc.jsonc", '{"Name": "A", "DicomWeb": {¦}}')
    assert "Root" in items
    items, text = await editor.complete_at_bar("orthanc.jsonc", '{"Name": "A", "DicomWeb": {Ro¦}}')
    assert '{"Name": "A", "DicomWeb": {"Root": }}' == chosen(text, items["Root"])


async def test_permissions_of_a_rule_one_by_one(editor):
    editor.write(
        "permissions.json", '{"roles": {"a": {"permissions": ["view", "own-one"], "authorized-labels": ["*"]}}}'
    )
    items, text = await editor.complete_at_bar(
        "orthanc.jsonc", '{"Authorization": {"Permissions": [["get", "^/a$", "all|vi¦|send"]]}}'
    )
    assert {"view", "download", "admin-permissions"} <= set(items)
    assert '"all|view|send"' in chosen(text, items["view"])
    assert "search and read" in items["view"].documentation


async def test_names_of_the_files_are_offered_too(editor):
    editor.write(
        "permissions.json", '{"roles": {"a": {"permissions": ["view", "own-one"], "authorized-labels": ["*"]}}}'
    )
    section = (
        '{{"Authorization": {{"WebServiceRootUrl": "http://a/", "CheckedLevel": "studies", "Permissions": [{}]}}}}'
    )
    editor.open("orthanc.jsonc", section.format('["get", "^/a$", "view"]'))
    await editor.findings("orthanc.jsonc")
    items, _ = await editor.complete_at_bar("orthanc.jsonc", section.format('["get", "^/a$", "¦"]'))
    assert "own-one" in items


async def test_methods_routes_levels_and_standard_configurations(editor):
    section = '{{"Authorization": {{{}}}}}'
    items, _ = await editor.complete_at_bar("orthanc.jsonc", section.format('"Permissions": [["¦'))
    assert ["get", "post", "put", "delete"] == list(items)
    items, text = await editor.complete_at_bar("orthanc.jsonc", section.format('"Permissions": [["get", "^/stud¦'))
    assert "^/studies/([a-f0-9-]+)/archive$" in items
    assert all(label.startswith("^/stud") or label == "SINGLE_RESOURCE_PATTERNS" for label in items)
    assert chosen(text, items["^/studies/([a-f0-9-]+)/archive$"]).startswith(
        '{"Authorization": {"Permissions": [["get", "^/studies/([a-f0-9-]+)/archive$"'
    )
    items, _ = await editor.complete_at_bar("orthanc.jsonc", section.format('"UncheckedLevels": ["¦"]'))
    assert {"patients", "studies", "series", "instances", "system"} == set(items)
    items, _ = await editor.complete_at_bar("orthanc.jsonc", section.format('"StandardConfigurations": ["o¦'))
    assert "orthanc-explorer-2" in items


async def test_roles_and_labels(editor):
    text = '{{"roles": {{"a": {{{}}}}}, "available-labels": ["external"]}}'
    items, _ = await editor.complete_at_bar("permissions.json", text.format('"¦'))
    assert {"permissions", "authorized-labels"} <= set(items)
    items, _ = await editor.complete_at_bar("permissions.json", text.format('"permissions": ["¦"]'))
    assert "view" in items
    items, made = await editor.complete_at_bar("permissions.json", text.format('"authorized-labels": ["¦"]'))
    assert {"*", "external"} == set(items)
    assert '"authorized-labels": ["external"]' in chosen(made, items["external"])


async def test_the_anonymous_profile(editor):
    items, _ = await editor.complete_at_bar("anonymous-profile.json", '{"¦"}')
    assert {"permissions", "authorized-labels", "validity"} <= set(items)


async def test_variables_of_compose_services(editor):
    text = "services:\n  orthanc:\n    image: orthancteam/orthanc:26.8.1\n    environment:\n      OHI¦\n"
    items, plain = await editor.complete_at_bar("docker-compose.yml", text)
    assert "OHIF_PLUGIN_ENABLED" in items
    assert "      OHIF_PLUGIN_ENABLED: \n" in chosen(plain, items["OHIF_PLUGIN_ENABLED"])
    items, plain = await editor.complete_at_bar("docker-compose.yml", text.replace("      OHI", "      - OHI"))
    assert "      - OHIF_PLUGIN_ENABLED=\n" in chosen(plain, items["OHIF_PLUGIN_ENABLED"])


async def test_variables_of_the_auth_service(editor):
    text = "services:\n  auth:\n    image: orthancteam/orthanc-auth-service:26.4.1\n    environment:\n      {}\n"
    editor.open("docker-compose.yml", text.format('USERS: "{}"'), "yaml")
    await editor.findings("docker-compose.yml")
    items, _ = await editor.complete_at_bar("docker-compose.yml", text.format("K¦"))
    assert "KEYCLOAK_URI" in items
    assert "OHIF_PLUGIN_ENABLED" not in items


async def test_json_in_a_compose_file(editor):
    text = (
        "services:\n  orthanc:\n    image: orthancteam/orthanc:26.8.1\n    environment:\n      ORTHANC_JSON: |\n"
        '        {{\n          "Authorization": {{\n            {}\n          }}\n        }}\n      VERBOSE_ENABLED: "true"\n'
    )
    items, _ = await editor.complete_at_bar("docker-compose.yml", text.format('"Che¦'))
    assert "CheckedLevel" in items
    items, plain = await editor.complete_at_bar("docker-compose.yml", text.format('"CheckedLevel": "st¦"'))
    assert '"CheckedLevel": "studies"' in chosen(plain, items["studies"])


async def test_nothing_is_offered_in_comments_and_elsewhere(editor):
    items, _ = await editor.complete_at_bar("orthanc.jsonc", '{"Authorization": {} // a comment ¦\n}')
    assert {} == items
    items, _ = await editor.complete_at_bar("orthanc.jsonc", '{"Authorization": {}}\n¦')
    assert {} == items


async def test_secrets_are_not_offered(editor):
    secret = "s3cr3t-Tr0ub4dor"
    editor.write(
        "orthanc.jsonc",
        '{"Authorization": {"WebServiceRootUrl": "http://a/", "CheckedLevel": "studies", '
        f'"WebServicePassword": "{secret}", "Permissions": [["get", "^/a$", "{secret}"]]}}}}',
    )
    editor.open("orthanc.jsonc")
    await editor.findings("orthanc.jsonc")
    items, _ = await editor.complete_at_bar(
        "orthanc.jsonc", editor.texts["orthanc.jsonc"].replace(f'"{secret}"]]', f'"{secret}|¦"]]')
    )
    assert "view" in items
    assert not [label for label in items if "Tr0ub" in label]
