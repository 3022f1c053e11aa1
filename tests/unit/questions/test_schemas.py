"""The schemas: they are schemas, they are those of the tables, and they say yes and no where they should."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from policy import text
from policy.configuration.source import Kind, Source
from policy.errors import UnknownVersion
from policy.knowledge import plugin
from policy.knowledge.versions import Version
from policy.lint.settings import Settings, check_names
from policy.questions.schemas import NAMES, schema
from policy.questions.shape import misfits

TOP = Path(__file__).parents[3]


def source(written: str) -> Source:
    return Source("a.json", Kind.ORTHANC, text.parse(written))


def test_the_files_are_those_of_the_tables() -> None:
    spec = importlib.util.spec_from_file_location("build_schemas", TOP / ".ci" / "build_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    there = {file.name: file.read_text("utf-8") for file in (TOP / "schemas").iterdir()}
    assert there == module.texts()


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("version", [str(one) for one in plugin.versions() if one >= Version.parse("0.5.0")])
def test_the_built_in_rules_fit(version: str) -> None:
    rules = [[rule.method, rule.pattern, rule.permissions] for rule in plugin.release(version).default_rules]
    section = {"WebServiceRootUrl": "http://a:8000/", "CheckedLevel": "studies", "Permissions": rules}
    assert list(Draft202012Validator(schema("authorization", version)).iter_errors(section)) == []


@pytest.mark.parametrize(
    ("name", "version", "written", "line"),
    [
        ("authorization", None, '{\n "CheckedLevel": "exam"}', 2),
        ("authorization", None, '{\n "Endpoint": "x"}', 1),
        ("authorization", None, '{"Permissions": [\n ["get", "^/a$", "all | view"]]}', 2),
        ("authorization", None, '{"CheckedLevel": "study", "UncheckedLevels": []}', 1),
        ("authorization", "0.9.4", '{"ExtraPermissions": []}', 1),
        ("permissions", "24.5.1", '{"roles": {\n "a": {"permissions": ["view"], "authorized-labels": ["*"]}}}', 2),
        ("permissions", None, '{"roles": {"a": {"permissions": [\n"read"], "authorized-labels": []}}}', 2),
        ("permissions", None, '{"roles": {\n"a": ["view"]}}', 2),
        ("anonymous-profile", None, '{"permissions": [], "authorized-labels": [], "name": "a"}', 1),
    ],
)
def test_misfits_have_a_place(name: str, version: str | None, written: str, line: int) -> None:
    found = list(misfits(source(written), schema(name, version)))
    assert found
    assert found[0].location.start.line == line


@pytest.mark.parametrize("kind", ["permissions", "orthanc"])
def test_no_value_is_repeated(kind: str) -> None:
    written = '{"roles": {"a": {"permissions": ["s3cret-Value"]}}, "AuthenticationEnabled": "s3cret-Value"}'
    assert not any("s3cret" in misfit.message for misfit in misfits(source(written), schema(kind)))


def test_the_settings_are_those_of_the_linter() -> None:
    known = {name.replace("_", "-") for name in Settings.__match_args__} - {"root"}
    assert known == set(schema("policy-lint")["properties"])


@pytest.mark.parametrize(
    ("name", "version"), [("anonymous-profile", "25.7.0"), ("permissions", "23.1.0"), ("permissions", "1.2.3")]
)
def test_a_version_without_the_file_has_no_schema(name: str, version: str) -> None:
    with pytest.raises(UnknownVersion):
        schema(name, version)


def test_later_versions_know_more() -> None:
    assert "ExtraPermissions" not in schema("authorization", "0.9.4")["properties"]
    assert "ExtraPermissions" in schema("authorization", "0.10.0")["properties"]


def test_the_settings_shown_name_rules_that_there_are() -> None:
    written = schema("policy-lint")
    shown = [name for example in written["examples"] for name in example.get("ignore", ())]
    shown += [name for names in written["properties"]["ignore"]["examples"] for name in names]
    assert shown
    check_names(shown, option="ignore")
