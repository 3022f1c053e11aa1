"""What is shown for the thing at the cursor."""

from __future__ import annotations

import pytest

from .conftest import ROLES

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONFIGURATION = """{
  "AuthenticationEnabled": false,
  "Authorization": {
    "WebServiceRootUrl": "http://auth/",
    "CheckedLevel": "studies",
    "StandardConfigurations": ["ohif"],
    "Permissions": [
      ["get", "^/studies/([a-f0-9-]+)$", "all|view"],
      ["get", "^/studies/([a-f0-9]+)$", "all"],
      ["get", "^/dicom-web/studies/([.0-9]+)/series$", "view"],
      ["delete", "^/studies/(.*)$", "delete"]
    ]
  }
}
"""


@pytest.fixture
def files(editor):
    editor.write("orthanc.jsonc", CONFIGURATION)
    editor.write("permissions.json", ROLES)
    editor.write("anonymous-profile.json", '{"name": "A", "permissions": [], "authorized-labels": [], "validity": 60}')
    return editor


async def opened(editor, *names):
    for name in names:
        editor.open(name)
    for name in names:
        await editor.findings(name)
    return editor


async def test_a_rule_tells_who_passes_with_an_example(files):
    editor = await opened(files, "orthanc.jsonc")
    text = await editor.hover("orthanc.jsonc", '"^/studies/([a-f0-9-]+)$"', offset=4)
    assert "Asks for `all` or `view`." in text
    assert "- `admin`\n- `guest`, if" in text
    assert "has the label 'external'" in text
    assert "Example: `GET /studies/" in text


async def test_a_hidden_rule_names_what_hides_it_and_that_one_what_it_hides(files):
    editor = await opened(files, "orthanc.jsonc")
    text = await editor.hover("orthanc.jsonc", '"^/studies/([a-f0-9]+)$"', offset=4)
    assert f"**Never decides**: [line 8]({editor.uri('orthanc.jsonc')}#L8)" in text
    assert "Hides [line 9]" in await editor.hover("orthanc.jsonc", '"^/studies/([a-f0-9-]+)$"', offset=4)


async def test_a_rule_tells_its_transactions_of_dicomweb(files):
    editor = await opened(files, "orthanc.jsonc")
    assert "DICOMweb: QIDO-RS Study's series" in await editor.hover("orthanc.jsonc", "^/dicom-web", offset=3)


async def test_a_rule_that_nobody_passes(files):
    editor = await opened(files, "orthanc.jsonc")
    text = await editor.hover("orthanc.jsonc", "^/studies/(.*)", offset=3)
    assert "Nobody passes: no role has such a permission." in text


async def test_a_pattern_that_boost_refuses_is_told_while_it_is_typed(files):
    editor = await opened(files, "orthanc.jsonc")
    editor.type("orthanc.jsonc", CONFIGURATION.replace("^/studies/(.*)$", "^/studies/(.*$"))
    assert "The pattern is refused at character" in await editor.hover("orthanc.jsonc", "^/studies/(.*$", offset=3)


async def test_a_permission_tells_who_has_it_which_rules_ask_for_it_and_what_it_means(files):
    editor = await opened(files, "orthanc.jsonc")
    text = await editor.hover("orthanc.jsonc", '"all|view"', offset=6)
    assert "**Permission** `view`" in text
    assert "Search and read patients, studies, series, instances" in text
    assert "Held by `guest`." in text
    assert "2 rules ask for it: `GET ^/studies/([a-f0-9-]+)$` and `GET ^/dicom-web/studies/([.0-9]+)/series$`." in text


async def test_a_permission_that_nobody_has(files):
    editor = await opened(files, "orthanc.jsonc")
    assert "No role has it." in await editor.hover("orthanc.jsonc", '"delete"]', offset=3)


async def test_a_role_tells_permissions_labels_and_what_comes_of_them(files):
    editor = await opened(files, "permissions.json")
    text = await editor.hover("permissions.json", '"guest"', offset=3)
    assert "Permissions: `view`." in text
    assert "Labels: `external`; where a level is checked, it sees what has one of them." in text
    assert "Passes 2 of 4 rules" in text
    assert "\n\nCan" in text


async def test_a_label_tells_whom_it_opens_studies_to(files):
    editor = await opened(files, "permissions.json")
    text = await editor.hover("permissions.json", '"external"', offset=3)
    assert "Opens studies with this label to `guest`." in text


async def test_an_option_tells_what_it_does_since_when_and_its_default(files):
    editor = await opened(files, "orthanc.jsonc")
    text = await editor.hover("orthanc.jsonc", "CheckedLevel", offset=2)
    assert "The one level that is checked" in text
    assert "Since the plugin 0.4.0. Default: none." in text
    assert "`study`" in await editor.hover("orthanc.jsonc", '"studies"', offset=2)
    assert "`/ohif/`" in await editor.hover("orthanc.jsonc", '"ohif"', offset=2)
    assert "Authentication" in await editor.hover("orthanc.jsonc", "AuthenticationEnabled", offset=2)


async def test_keys_of_the_auth_service(files):
    editor = await opened(files, "permissions.json")
    assert "array" in await editor.hover("permissions.json", "authorized-labels", offset=2)


async def test_variables_of_a_compose_file_and_json_in_them(editor):
    editor.open(
        "docker-compose.yml",
        "services:\n  orthanc:\n    image: orthancteam/orthanc:26.8.1\n    environment:\n"
        '      OHIF_PLUGIN_ENABLED: "true"\n'
        "      ORTHANC_JSON: |\n        {\n"
        '          "Authorization": {"CheckedLevel": "studies",\n'
        '            "ExtraPermissions": [["get", "^/ward$", "view"]]}\n        }\n',
        "yaml",
    )
    await editor.findings("docker-compose.yml")
    assert "Loads the plugin" in await editor.hover("docker-compose.yml", "OHIF_PLUGIN", offset=3)
    assert "The one level that is checked" in await editor.hover("docker-compose.yml", "CheckedLevel", offset=3)
    assert "**Permission** `view`" in await editor.hover("docker-compose.yml", '"view"', offset=3)
    assert "**Rule** `GET ^/ward$`" in await editor.hover("docker-compose.yml", "^/ward", offset=3)


async def test_half_typed_text_still_has_hovers(files):
    editor = await opened(files, "orthanc.jsonc")
    editor.type("orthanc.jsonc", CONFIGURATION[: CONFIGURATION.index("    ]\n")].replace('"studies"', '"studies'))
    assert "The one level that is checked" in await editor.hover("orthanc.jsonc", "CheckedLevel", offset=2)
    assert "**Permission** `view`" in await editor.hover("orthanc.jsonc", '"all|view"', offset=6)
    assert "Asks for" in await editor.hover("orthanc.jsonc", '"^/studies/(.*)$"', offset=4)


async def test_nothing_is_shown_where_nothing_stands(files):
    editor = await opened(files, "orthanc.jsonc")
    assert "" == await editor.hover("orthanc.jsonc", "}\n}", offset=1)
    editor.open("notes.txt", "nothing of ours\n")
    assert "" == await editor.hover("notes.txt", "nothing")


async def test_names_of_files_make_no_marks_of_their_own(files):
    editor = await opened(files, "permissions.json")
    name = "[click](http://evil.example)`*x*"
    editor.type("permissions.json", ROLES.replace('"guest"', f'"{name}"'))
    await editor.findings("permissions.json")
    assert f"**Role** ``{name}``" in await editor.hover("permissions.json", name, offset=3)
