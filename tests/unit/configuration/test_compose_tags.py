"""``!reset`` and ``!override``, and what Compose puts into the text of a config."""

from __future__ import annotations

import pytest

from policy import text
from policy.configuration.deployment import Deployment
from policy.lint.run import run
from policy.lint.settings import Settings
from policy.text import edits
from policy.text.document import Span
from policy.text.edits import Edit, EditRefused

from .conftest import Deploy

IMAGE = "orthancteam/orthanc:25.9.0"
BASE = f"""\
services:
  orthanc:
    image: {IMAGE}
    ports: ["8042:8042"]
    environment:
      ORTHANC__NAME: base
      ORTHANC__HTTP_PORT: "8043"
    volumes: ["./a.json:/etc/orthanc/a.json"]
"""


def later(lines: str) -> dict[str, str]:
    return {
        "compose.yml": BASE,
        "compose.override.yml": f"services:\n  orthanc:\n{lines}",
        "a.json": '{"DicomAet": "A"}',
    }


def value(made: Deployment, *path: str) -> object:
    setting = made.servers[0].configuration.get(*path)
    return setting.value if setting is not None else None


@pytest.mark.parametrize(
    ("lines", "ports"),
    [
        ('    ports: ["80:80"]\n', {"8042:8042", "80:80"}),
        ('    ports: !override ["80:80"]\n', {"80:80"}),
        ('    ports: !override\n      - "80:80"\n', {"80:80"}),
        ('    ports: !override &p\n      - "80:80"\n', {"80:80"}),
        ('    ports: !override # why\n      - "80:80"\n', {"80:80"}),
        ("    ports: !reset []\n", set()),
        ("    ports: !reset null\n", set()),
        ("    ports: !reset\n", set()),
        ('    ports: !reset ["80:80"]\n', set()),
        ('    ports:\n      - !reset "8042:8042"\n      - "80:80"\n', {"8042:8042", "80:80"}),
    ],
)
def test_a_list_that_a_later_file_takes_back(deploy: Deploy, lines: str, ports: set[str]) -> None:
    made = deploy(later(lines))
    assert ports == set(made.containers[0].ports)


def test_one_variable_is_reset(deploy: Deploy) -> None:
    made = deploy(later("    environment:\n      ORTHANC__NAME: !reset null\n"))
    assert (None, 8043) == (value(made, "Name"), value(made, "HttpPort"))


def test_all_variables_are_replaced(deploy: Deploy) -> None:
    made = deploy(later("    environment: !override\n      ORTHANC__NAME: later\n"))
    assert "later" == value(made, "Name")
    assert ["ORTHANC__NAME"] == list(made.containers[0].environment)
    name = made.servers[0].configuration.get("Name")
    assert name is not None
    assert "compose.override.yml:4:22" == str(name.origin.location)


def test_mounts_are_reset(deploy: Deploy) -> None:
    assert "A" == value(deploy(later("    restart: always\n")), "DicomAet")
    assert () == deploy(later("    volumes: !reset []\n")).containers[0].mounts


def test_a_service_is_reset(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": BASE + f"  other:\n    image: {IMAGE}\n",
            "compose.override.yml": "services:\n  orthanc: !reset null\n",
        }
    )
    assert ["other"] == [container.name for container in made.containers]


def test_a_service_that_extends_takes_back(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": BASE
            + "  other:\n    extends: orthanc\n    ports: !reset null\n    environment: !override {A: b}\n"
        }
    )
    [container] = [container for container in made.containers if container.name == "other"]
    assert ({}, ["A"], IMAGE) == (dict(container.ports), list(container.environment), container.image)


CONTENT = f"""\
services:
  orthanc:
    image: {IMAGE}
    configs: [{{source: one, target: /etc/orthanc/one.json}}]
configs:
  one:
    content: |
      {{
        "Name": "${{NAME}}",
        "DicomAet": "$AET and $$MORE",
        "HttpPort": ${{PORT:-8043}},
        "DicomPort": 4243
      }}
"""


def test_variables_in_the_text_of_a_config(deploy: Deploy) -> None:
    made = deploy({"compose.yml": CONTENT, ".env": "NAME=Hospital of the North\nAET=X\n"}, env={})
    # The image's script replaces $MORE once more, by nothing: no variable of the container has this name.
    assert ["Hospital of the North", "X and ", 8043, 4243] == [
        value(made, name) for name in ("Name", "DicomAet", "HttpPort", "DicomPort")
    ]
    places = {name: made.servers[0].configuration.get(name) for name in ("Name", "HttpPort", "DicomPort")}
    assert {"Name": "compose.yml:9:17", "HttpPort": "compose.yml:11:21", "DicomPort": "compose.yml:12:22"} == {
        name: str(setting.origin.location) for name, setting in places.items() if setting is not None
    }


def test_a_name_in_the_text_of_a_config_that_only_the_host_knows(deploy: Deploy) -> None:
    made = deploy({"compose.yml": CONTENT, ".env": "AET=X\n"})
    name = made.servers[0].configuration.get("Name")
    assert name is not None
    assert not name.known
    assert "${NAME}" == name.value
    assert ["NAME"] == [missing.name for missing in made.containers[0].unset]


def test_a_broken_expression_in_the_text_of_a_config(deploy: Deploy) -> None:
    made = deploy({"compose.yml": CONTENT.replace("${NAME}", "${NAME")}, env={})
    assert ["dollar-in-compose"] == [stop.rule for stop in made.servers[0].stops]


def test_a_dollar_elsewhere_in_the_file_does_not_matter_to_a_config(deploy: Deploy) -> None:
    text = CONTENT.replace("${NAME}", "plain").replace("$AET and $$MORE", "A").replace("${PORT:-8043}", "8043")
    made = deploy({"compose.yml": f"x-comment: a $$word\n{text}"})
    assert ["plain", 8043] == [value(made, name) for name in ("Name", "HttpPort")]


def test_no_fix_writes_the_values_of_variables_into_the_file(deploy: Deploy) -> None:
    written = CONTENT.replace('"DicomPort": 4243', '"DicomPort": 4243,')
    made = deploy({"compose.yml": written, ".env": "NAME=n\nAET=X\n"}, env={})
    [source] = [source for source in made.sources if source.variable == "config one"]
    assert isinstance(source.document, text.EmbeddedDocument)
    assert "${" not in source.document.inner.text
    changed = [
        where for finding in run(made, Settings()).findings if finding.fix for where, _ in finding.fix.operations
    ]
    assert source not in changed
    with pytest.raises(EditRefused):
        edits.outside(source.document, [Edit(Span(0, 1), "{")])
