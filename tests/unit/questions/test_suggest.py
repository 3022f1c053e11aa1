"""Suggestions: each does what was asked when its patch is made on disk, and changes nothing that it does not name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

import policy
from policy import text
from policy.commands.main import toolkit
from policy.configuration.loading import Given, load
from policy.engine import Effect
from policy.errors import UsageError
from policy.questions.diff import diff
from policy.questions.suggest import Suggester, Suggestion

SAMPLE = Path(__file__).parents[3] / "samples" / "forum-thread-tests"
STUDY = "b6589fc6-ab0dc82c-f12099d1-c2d40ab9-94e8410c"

OWN = """{
  "AuthenticationEnabled": false,
  "Authorization": {
    "WebServiceRootUrl": "http://service/", // where it is
    "CheckedLevel": "studies",
    "TokenHttpHeaders": ["token"],
    "UncheckedFolders": ["/app/", "/static/"],
    "Permissions": [
      ["get", "^/(studies|patients)/([a-f0-9-]+)(|/.*)$", "view"], // reading
      ["delete", "^/studies/([a-f0-9-]+)$", "delete"],
      ["get", "^/(modalities|peers)$", "send|view"]
    ]
  }
}
"""
ROLES = """{
  // who works here
  "roles": {
    "admin": {"permissions": ["view", "delete", "all"], "authorized-labels": ["*"]},
    "doctor": {"permissions": ["view", "send"], "authorized-labels": ["*"]},
    "external": {"permissions": ["view"], "authorized_labels": ["external"]} // from outside
  }
}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "orthanc.json").write_text(OWN, "utf-8")
    (folder / "permissions.json").write_text(ROLES, "utf-8")
    return folder


@pytest.fixture
def forum(tmp_path: Path) -> Path:
    folder = tmp_path / "forum"
    shutil.copytree(SAMPLE, folder)
    return folder


def suggester(folder: Path) -> Suggester:
    def reload(texts: Mapping[str, bytes]):
        return load([folder], given=Given(), env={}, texts=texts)

    return Suggester(reload)


def on_disk(folder: Path, suggestion: Suggestion, place: Path) -> policy.Policy:
    """The policy of a copy of the folder in which the change was made."""
    shutil.copytree(folder, place)
    for change in suggestion.files:
        file = place / Path(change.path).name
        assert change.before == file.read_bytes()
        file.write_bytes(change.after)
        old, new = (text.parse(data) for data in (change.before, change.after))
        assert [old.text[c.span.start : c.span.end] for c in old.comments] == [
            new.text[c.span.start : c.span.end] for c in new.comments
        ]
    return policy.load(place)


ASKED = [
    ("own", "grant", "DELETE /studies/0", "doctor"),
    ("own", "grant", "PUT /modalities/new", "external"),
    ("own", "grant", "PUT /modalities/new", "doctor"),
    ("own", "revoke", "GET /modalities", "external"),
    ("own", "revoke", "GET /modalities", "doctor"),
    ("own", "revoke", f"GET /studies/{STUDY}", "doctor"),
    ("own", "revoke", "GET /app/x", ""),
    ("forum", "grant", f"DELETE /studies/{STUDY}", "doctor-role"),
    ("forum", "revoke", "GET /statistics", "admin-role"),
]


@pytest.mark.parametrize(("name", "verb", "route", "who"), ASKED, ids=lambda value: str(value)[:30])
def test_a_suggestion_does_what_it_says_and_no_more(name, verb, route, who, request, tmp_path: Path) -> None:
    folder = request.getfixturevalue(name)
    asked = suggester(folder)
    roles = (who,) if who else ()
    found = (asked.grant if verb == "grant" else asked.revoke)(route, roles)
    assert found
    before = policy.load(folder)
    wanted = Effect.PERMIT if verb == "grant" else Effect.DENY
    assert before.decide(route, who or None).effect is not wanted
    for number, one in enumerate(found[:3]):
        after = on_disk(folder, one, tmp_path / f"changed-{number}")
        assert wanted is after.decide(route, who or None).effect
        compared = diff(before, after)
        assert compared.proved
        changed = {
            (sender.name, difference.method) for difference in compared.differences for sender in difference.senders
        }
        if one.alone:
            assert {(who or "anonymous", route.split()[0])} == changed
        else:
            named = {(sender.name, other.method) for other in one.others for sender in other.senders}
            assert named | {(who or "anonymous", route.split()[0])} == changed
    sizes = [sum(len(other.senders) * len(other.classes) for other in one.others) for one in found]
    assert sorted(sizes) == sizes


def test_the_best_one_stands_first(own: Path) -> None:
    first = suggester(own).grant("PUT /modalities/new", ("doctor",))[0]
    assert (True, True) == (first.alone, "send" in first.text)
    asked = suggester(own).grant("DELETE /studies/0", ("doctor",))
    assert {"permission", "rule"} == {"permission" if "the permission" in one.text else "rule" for one in asked}


def test_labels_are_given_in_the_spelling_of_the_file(own: Path, tmp_path: Path) -> None:
    route = f"GET /studies/{STUDY}"
    found = suggester(own).grant(route, ("external",), resource={"study": ["internal"]})
    after = on_disk(own, found[0], tmp_path / "changed")
    assert after.decide(route, "external", resource={"study": ["internal"]})
    assert b'"authorized_labels": ["external", ' in found[0].files[0].after


def test_nothing_is_suggested_for_what_is_so_already(own: Path) -> None:
    assert () == suggester(own).grant("GET /modalities", ("doctor",))
    assert () == suggester(own).revoke("POST /instances", ("doctor",))


def test_the_patient_level_is_closed(forum: Path, tmp_path: Path) -> None:
    asked = suggester(forum)
    found = asked.close("patient-level-bypass")
    assert found[0].alone
    assert "write out the built-in list" in found[0].text
    assert any("check patients too" in one.text and not one.alone for one in found)
    archive = f"GET /patients/{STUDY}/archive"
    assert asked.decide(archive, ("external-role",))
    for number, one in enumerate(found):
        after = on_disk(forum, one, tmp_path / f"changed-{number}")
        assert not after.decide(archive, "external-role")
        again = suggester(tmp_path / f"changed-{number}")
        with pytest.raises(UsageError, match="finds nothing"):
            again.close("patient-level-bypass")
    after = policy.load(tmp_path / "changed-0")
    assert after.decide(archive, "doctor-role")
    assert after.decide(archive, "admin-role")
    assert Effect.CONDITIONAL is after.decide(f"GET /studies/{STUDY}/archive", "external-role").effect


def test_the_command(own: Path) -> None:
    runner = CliRunner()
    route = ["grant", "doctor", "PUT", "/modalities/new", str(own)]
    told = runner.invoke(toolkit, ["suggest", *route])
    assert (0, True) == (told.exit_code, "Nothing else changes (proved)." in told.output)
    plain = json.loads(runner.invoke(toolkit, ["suggest", *route, "--format", "json"]).output)
    assert plain["suggestions"][0]["nothing_else"] is True
    assert 0 == runner.invoke(toolkit, ["suggest", *route, "--write"]).exit_code
    assert policy.load(own).decide("PUT /modalities/new", "doctor")
    assert 1 == runner.invoke(toolkit, ["suggest", *route]).exit_code  # nothing is left to do
    assert 2 == runner.invoke(toolkit, ["suggest", "grant", "nurse", "/x", str(own)]).exit_code
    refused = runner.invoke(toolkit, ["suggest", "grant", "doctor", "PATCH", "/x", str(own)])
    assert (1, "PATCH /x for doctor is now deny (method).") == (refused.exit_code, refused.stdout.splitlines()[0])
    assert 2 == runner.invoke(toolkit, ["suggest", "close", "no-such-rule", str(own)]).exit_code
