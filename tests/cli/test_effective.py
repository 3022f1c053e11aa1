"""``policy effective``: the merged configuration, origins told, secrets masked; and ``--as-of``."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from policy.commands.main import lint, toolkit

COMPOSE = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    volumes: ["./orthanc.jsonc:/etc/orthanc/orthanc.json"]
    environment:
      ORTHANC__NAME: "from the variable"
      ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: "s3cret-Value"
"""
CONFIGURATION = """\
{
  "Name": "from the file", // kept
  "AuthenticationEnabled": false,
  "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
}
"""


def deployment(tmp_path: Path) -> Path:
    (tmp_path / "docker-compose.yml").write_text(COMPOSE, "utf-8")
    (tmp_path / "orthanc.jsonc").write_text(CONFIGURATION, "utf-8")
    return tmp_path


def test_values_with_origins(tmp_path: Path) -> None:
    result = CliRunner().invoke(toolkit, ["effective", "--format", "json", str(deployment(tmp_path))])
    assert result.exit_code == 0, result.output
    (server,) = json.loads(result.output)["servers"]
    values = {".".join(row["path"]): row for row in server["values"]}
    assert values["Name"]["value"] == "from the variable"
    assert "docker-compose.yml:6:22 (variable ORTHANC__NAME)" in values["Name"]["origin"]
    assert values["Name"]["replaced"][0].endswith("orthanc.jsonc:2:11")
    assert values["RemoteAccessAllowed"]["origin"] == "image default"


def test_secrets_are_masked(tmp_path: Path) -> None:
    folder = deployment(tmp_path)
    for form in ("text", "json"):
        result = CliRunner().invoke(toolkit, ["effective", "--origin", "--format", form, str(folder)])
        assert "WebServicePassword" in result.output
        assert "s3cret-Value" not in result.output


def test_as_of_another_tag(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        toolkit, ["effective", "--as-of", "24.2.1", "--format", "json", str(deployment(tmp_path))]
    )
    (server,) = json.loads(result.output)["servers"]
    assert (server["image"], server["plugin"]) == ("24.2.1", "0.6.2")
    told = CliRunner().invoke(lint, ["--as-of", "24.2.1", "--exit-zero", str(tmp_path)])
    assert told.output.startswith("orthanc: Authorization plugin 0.6.2,")
