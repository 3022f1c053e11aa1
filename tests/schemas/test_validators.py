"""The schemas before check-jsonschema: they are schemas, good documents fit and bad ones do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy import text

from .documents import BAD, SCHEMAS, Bad, good, held, names


def test_they_are_schemas(check_jsonschema):
    assert (0, "ok -- validation done\n") == check_jsonschema("--check-metaschema", *sorted(SCHEMAS.glob("*.json")))


@pytest.mark.parametrize(("name", "written"), list(good()))
def test_good_ones_fit(check_jsonschema, tmp_path: Path, name: str, written: str):
    file = tmp_path / "a.json"
    file.write_text(json.dumps(text.parse(written).root.python()), "utf-8")
    assert (0, "ok -- validation done\n") == check_jsonschema("--schemafile", SCHEMAS / f"{name}.schema.json", file)


@pytest.mark.parametrize("name", ["permissions", "anonymous-profile", "policy-test"])
def test_a_file_may_name_its_schema(check_jsonschema, tmp_path: Path, name: str):
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"$schema": f"{name}.schema.json"} | held(name)["examples"][0]), "utf-8")
    assert (0, "ok -- validation done\n") == check_jsonschema("--schemafile", SCHEMAS / f"{name}.schema.json", file)


@pytest.mark.parametrize("bad", BAD)
def test_bad_ones_do_not(check_jsonschema, tmp_path: Path, bad: Bad):
    file = tmp_path / "a.json"
    file.write_text(bad.text, "utf-8")
    code, told = check_jsonschema("--schemafile", SCHEMAS / f"{bad.schema}.schema.json", file)
    assert (1, True) == (code, "Schema validation errors were encountered." in told), told


@pytest.mark.parametrize("name", names())
def test_examples_fit(check_jsonschema, tmp_path: Path, name: str):
    files = []
    for number, example in enumerate(held(name)["examples"]):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(example), "utf-8")
    assert files
    assert (0, "ok -- validation done\n") == check_jsonschema("--schemafile", SCHEMAS / f"{name}.schema.json", *files)


@pytest.mark.parametrize("name", names())
def test_everything_is_described(name: str):
    schema = held(name)
    assert [] == [path for path, one in _described(schema) if not one.get("description")]


def _described(schema: dict, path: str = "") -> list[tuple[str, dict]]:
    """The schema itself, its definitions and all properties, with where they stand."""
    found = [(path or "the file", schema)] if not path or path.startswith("$defs") else []
    pending = [(path, schema)]
    while pending:
        at, node = pending.pop()
        if isinstance(node, list):
            pending += [(f"{at}/{number}", one) for number, one in enumerate(node)]
        elif isinstance(node, dict):
            for group in ("properties", "$defs"):
                found += [(f"{at}/{group}/{key}", one) for key, one in node.get(group, {}).items()]
            pending += [(f"{at}/{key}", one) for key, one in node.items() if key not in ("examples", "default")]
    return found
