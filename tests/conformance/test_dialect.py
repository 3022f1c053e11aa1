"""What the real readers did with a text: Orthanc, the image's script, the auth service."""

import json
from pathlib import Path

import pytest

from policy import text

RECORDINGS = Path(__file__).parent / "recordings" / "dialect"
ENCODINGS = {None: "utf-8", "UTF-16 little endian with byte order mark": "utf-16", "ISO-8859-1": "latin-1"}

# The core replaces ${...} before it reads: what comes in their place decides, not the text.
SUBSTITUTED = {"env-number", "env-json", "env-key"}


def rows(name):
    return json.loads((RECORDINGS / f"{name}.json").read_text())["rows"]


def data_of(row):
    return bytes.fromhex(row["hex"]) if "hex" in row else row["text"].encode(ENCODINGS[row.get("encoding")])


SERVER = [row for row in rows("server") if row["case"] not in SUBSTITUTED]


@pytest.mark.parametrize("row", SERVER, ids=[row["case"] for row in SERVER])
def test_the_core_starts_or_stops_as_recorded(row):
    document = text.parse(data_of(row))
    verdict = document.verdict("core", "1.12.11")
    assert verdict.accepted == row["starts"]
    assert bool(verdict.refusals) == (not row["starts"])
    if row["starts"] and row["name"] and not row["name"].startswith("!") and "${" not in row.get("text", "${"):
        assert document.value_for("core", "1.12.11").get("Name") == row["name"]


READERS = rows("readers")


@pytest.mark.parametrize("row", READERS, ids=[row["case"] for row in READERS])
def test_three_readers_as_measured(row):
    document = text.parse(data_of(row))
    assert document.accepted_by("image", "26.8.1") == (row["image_script"] == "accepted")
    assert document.accepted_by("auth-service", "26.4.1") == (row["auth_service_reader"] == "accepted")
    for version in ("1.9.4", "1.9.5", "1.9.6"):
        measured = row["core_reader"]
        expected = (measured if isinstance(measured, str) else measured[version]) == "accepted"
        refusals = document.verdict("jsoncpp", version).refusals
        # The library reads any root; Orthanc then wants an object.
        assert all(refusal.kind == "root-not-object" for refusal in refusals) == expected


@pytest.mark.parametrize("row", READERS, ids=[row["case"] for row in READERS])
def test_what_the_script_writes_reads_as_measured_by_the_core(row):
    document = text.parse(data_of(row))
    if not document.accepted_by("image", "26.8.1"):
        assert row["image_then_core"] == "rejected by the script"
        return
    value = document.value_for("image", "26.8.1")
    accepted = isinstance(value, dict) and text.parse(json.dumps(value)).accepted_by("jsoncpp", "1.9.5")
    assert accepted == (row["image_then_core"] == "accepted")


SERVICE = rows("auth-service")


@pytest.mark.parametrize("row", SERVICE, ids=[row["case"] for row in SERVICE])
def test_the_auth_service_stops_at_syntax_as_recorded(row):
    document = text.parse(data_of(row))
    for version in row["versions"]:
        assert document.accepted_by("auth-service", version) == (not row["syntax_error"])


def test_the_recordings_are_all_there():
    assert (len(SERVER), len(READERS), len(SERVICE)) == (91, 91, 147)
