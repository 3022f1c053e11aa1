"""Every table loads by itself, has the size that its facts have, and says in each row where it comes from."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from policy import knowledge
from policy.knowledge import _files
from policy.knowledge.versions import Range, Version

# What the facts count. Tables whose number follows from a decision of ours are counted too, so that a change shows.
EXPECTED = {
    "plugin.releases": 36,
    "plugin.standard_configurations": 10,
    "plugin_options.options": 20,
    "plugin_options.keys_outside": 5,
    "plugin_options.enumerations": 4,
    "plugin_options.start_up": 6,
    "compose_keys.keys": 106,
    "misnomers.misnomers": 36,
    "sample_secrets.sample_secrets": 5,
    "plugin_changes.changes": 55,
    "plugin_changes.standing_facts": 3,
    "permissions.permissions": 16,
    "service.tags": 57,
    "service.pins": 4,
    "service.shipped_files": 5,
    "service.file_keys": 15,
    "service.spellings": 12,
    "service.environment": 35,
    "service.share_types": 9,
    "service.behaviours": 49,
    "images.orthanc_images": 135,
    "images.nginx_images": 54,
    "images.keycloak_images": 42,
    "images.ohif_images": 40,
    "images.repositories": 23,
    "images.discrepancies": 4,
    "environment.steps": 29,
    "environment.image_defaults": 5,
    "environment.default_changes": 4,
    "environment.plugin_switches": 33,
    "environment.aliases": 11,
    "environment.section_prefixes": 3,
    "environment.runtime_variables": 12,
    "environment.value_rules": 6,
    "environment.confidential": 23,
    "environment.options": 155,
    "environment.legacy_variables": 100,
    "routes.routes": 494,
    "routes.plugins": 16,
    "routes.handlers": 2,
    "routes.routing_facts": 9,
    "routes.sensitivities": 20,
    "dicomweb.transactions": 64,
    "dicomweb.edges": 9,
    "dicomweb.consequences": 5,
    "clients.features": 65,
    "clients.requests": 379,
    "nginx.locations": 17,
    "nginx.default_answers": 9,
    "nginx.flags": 11,
    "nginx.flag_defaults": 15,
    "nginx.headers": 11,
    "nginx.examples": 17,
    "nginx.algorithm": 6,
    "nginx.notes": 6,
    "references.references": 75,
}


def rows(name: str) -> tuple[Any, ...]:
    module, _, loader = name.partition(".")
    table: tuple[Any, ...] = getattr(import_module(f"policy.knowledge.{module}"), loader)()
    return table


def test_sizes() -> None:
    assert {table.name: table.rows for table in knowledge.tables()} == EXPECTED


def test_dates_are_dates() -> None:
    dates = [table.date for table in knowledge.tables()]
    assert [date for date in dates if not ("2023-01-01" < date < "2027" and len(date) == 10)] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_each_row_has_a_source_and_cannot_change(name: str) -> None:
    for row in rows(name):
        assert isinstance(row.source, str)
        assert row.source
        assert dataclasses.fields(row)
        assert not hasattr(row, "__dict__")
        with pytest.raises(dataclasses.FrozenInstanceError):
            row.source = ""


@pytest.mark.parametrize("name", EXPECTED)
def test_columns_have_their_types(name: str) -> None:
    for row in rows(name):
        for field in dataclasses.fields(row):
            value = getattr(row, field.name)
            expected = {"str": str, "int": int, "bool": bool, "Version": Version, "Range": Range}.get(str(field.type))
            assert expected is None or type(value) is expected, (name, field.name, value)
            if str(field.type).startswith("tuple["):
                assert type(value) is tuple, (name, field.name, value)


@pytest.mark.parametrize("name", EXPECTED)
def test_no_row_twice(name: str) -> None:
    texts = [repr(row) for row in rows(name)]
    assert len(set(texts)) == len(texts)


def test_every_data_file_belongs_to_a_table() -> None:
    knowledge.tables()
    from policy.knowledge import labels

    labels.label_rule()
    folder = Path(_files.__file__).parent / "data"
    assert sorted(path.stem for path in folder.iterdir()) == list(_files.loaded())


def test_no_source_is_left_over() -> None:
    for path in (Path(_files.__file__).parent / "data").iterdir():
        content = json.loads(path.read_text("utf-8"))
        if path.stem == "plugin":
            continue  # its rows keep the source in another column
        used = {
            row[-1] for table in content.values() if isinstance(table, list) for row in table if isinstance(row, list)
        }
        assert used == set(range(len(content["sources"]))), path.stem


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("import policy.knowledge", []),
        ("from policy.knowledge import plugin, images, routes, clients, service, nginx, references", []),
        ("from policy.knowledge import plugin; plugin.release('0.11.4')", ["plugin"]),
        ("from policy.knowledge import plugin_options; plugin_options.access_level('study')", ["plugin-options"]),
        ("from policy.knowledge import service; service.tag('26.4.1')", ["service"]),
        (
            "from policy.knowledge import images; images.resolve('orthancteam/orthanc:25.9.0')",
            ["images", "images-other"],
        ),
        ("from policy.knowledge import routes; routes.find('GET', '/system')", ["routes"]),
    ],
)
def test_a_table_loads_alone(code: str, files: list[str]) -> None:
    heavy = "{'pydantic', 'json5', 'networkx', 'jsonschema', 'lark', 'ruamel'}"
    script = f"{code}\nimport sys\nfrom policy.knowledge._files import loaded\nprint(*loaded(), *({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == files
