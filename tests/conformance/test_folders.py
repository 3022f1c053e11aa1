"""Folders and files with variables as a real Orthanc 1.12.11 took them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy import text
from policy.configuration import core
from policy.configuration.image import FileInContainer
from policy.configuration.source import Kind, Source
from policy.knowledge.versions import Version
from policy.text import Span

RECORDED = json.loads((Path(__file__).parent / "recordings/folders.json").read_text())


def start(files: dict[str, str]) -> core.Start:
    given = []
    for name, content in files.items():
        source = Source(name, Kind.ORTHANC, text.parse(content.encode()))
        given.append(FileInContainer(f"/conf/{name}", source, source.place(Span(0, 0))))
    return core.start(given, "/conf", RECORDED["environment"], version=Version.parse(RECORDED["orthanc"]))


@pytest.mark.parametrize("row", RECORDED["folders"], ids=lambda row: row["case"])
def test_folder(row: dict[str, Any]) -> None:
    started = start(row["files"])
    assert row["starts"] == (not started.stops)
    name = started.configuration.get("Name")
    if row["starts"]:
        assert row["name"] == (name.value if name is not None else "")


@pytest.mark.parametrize("row", RECORDED["texts"], ids=lambda row: row["case"])
def test_variables_in_a_file(row: dict[str, Any]) -> None:
    started = start({"a.json": row["text"]})
    assert row["starts"] == (not started.stops)
    name = started.configuration.get("Name")
    assert row["name"] == (name.value if name is not None else "")


def test_a_conflict_names_both_files() -> None:
    started = start({"a.json": '{"Name": "A"}', "b.json": '{\n  "Name": "B"}'})
    [stop] = started.stops
    assert "native-two-files-same-section" == stop.rule
    assert "b.json:2:3" == str(stop.location)
    assert "a.json" in stop.reason


def test_an_unread_file_of_the_folder_is_named() -> None:
    started = start({"a.jsonc": '{"Name": "A"}'})
    assert ["a.jsonc"] == [ignored.source.path for ignored in started.ignored if ignored.source is not None]
