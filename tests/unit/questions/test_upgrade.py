"""Upgrades: what is merged, what the patch keeps, what it changes for whom; the case of the forum."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from policy import text
from policy.commands.main import toolkit
from policy.configuration.loading import Given, load
from policy.knowledge import plugin
from policy.lint.run import run
from policy.lint.settings import Settings
from policy.questions.merging import Row, merge
from policy.questions.relation import Relation
from policy.questions.upgrade import FileChange, Upgrade, upgrade

SAMPLE = Path(__file__).parents[3] / "samples" / "forum-thread"


def default(version: str) -> list[Row]:
    return [Row(one.method.lower(), one.pattern, one.permissions) for one in plugin.release(version).default_rules]


def of(folder: Path, version: str, *, old: str | None = None, **options: bool) -> Upgrade:
    before = load([folder], given=Given.of(plugin=old), env={})
    return upgrade(before, load([folder], given=Given.of(plugin=version), env={}), **options)


# -- merging --


@pytest.mark.parametrize("old", ["0.5.0", "0.7.0", "0.9.3", "0.10.1", "0.11.4"])
@pytest.mark.parametrize("new", ["0.9.4", "0.11.4"])
def test_an_unchanged_copy_becomes_the_new_list(old: str, new: str) -> None:
    merged = merge(default(old), default(old), default(new))
    assert ((), ()) == (merged.kept, merged.dropped)
    assert sorted(default(new)) == sorted(merged.rows)


def test_local_changes_stay_and_the_rest_follows() -> None:
    base = [Row("get", "^/a$", "x"), Row("get", "^/b$", "x"), Row("get", "^/c$", "x"), Row("put", "^/d$", "x")]
    newer = [
        Row("get", "^/a$", "x"),
        Row("get", "^/b$", "x|y"),
        Row("get", "^/new$", "x"),
        Row("put", "^/d$", "x"),
        Row("get", "^/given$", "z"),
    ]
    own = [
        Row("get", "^/n.*$", "mine"),
        Row("get", "^/a$", "mine"),
        Row("get", "^/b$", "x"),
        Row("get", "^/c$", "x"),
        Row("get", "^/given$", "z"),
        Row("get", "^/a$", "again"),
    ]
    merged = merge(own, base, newer)
    expected = [
        Row("get", "^/n.*$", "mine"),
        Row("get", "^/a$", "mine"),
        Row("get", "^/b$", "x|y"),
        Row("get", "^/new$", "x"),
        Row("get", "^/given$", "z"),
    ]
    assert expected == list(merged.rows)
    assert {("added", "^/n.*$"), ("changed", "^/a$"), ("removed", "^/d$")} == {
        (one.kind, one.row.pattern) for one in merged.kept
    }
    assert [("added", "^/given$"), ("added", "^/a$")] == [(one.kind, one.row.pattern) for one in merged.dropped]
    assert Row("put", "^/d$", "x") in merge(own, base, newer, restore_removed=True).rows


def test_a_new_rule_does_not_take_the_paths_of_a_local_one() -> None:
    base = [Row("get", "^/a$", "x"), Row("get", "^/b$", "x")]
    newer = [Row("get", "^/wide.*$", "x"), *base]
    own = [*base, Row("get", "^/wide/mine$", "admin")]
    assert [*own, newer[0]] == list(merge(own, base, newer).rows)


# -- files --

HEAD = """{
  // mine, above
  "AuthenticationEnabled": false,
  "Authorization": {
    "WebServiceRootUrl": "http://service/",
    "WebServicePassword": "top-secret",
    "Permissions": [
      // about what comes first
"""


@pytest.fixture
def folder(tmp_path: Path):
    def make(rows: list[Row], *, extra: str = "", comment: str = "/* why */ ") -> Path:
        lines = ",\n".join(f"      {comment}{json.dumps(list(row))} // {index}" for index, row in enumerate(rows))
        body = f'{HEAD}{_commas_first(lines)}\n    ]{extra},\n    "CheckedLevel": "studies"\n  }}\n}}\n'
        (tmp_path / "orthanc.json").write_text(body, "utf-8")
        roles = {"doctor": {"permissions": ["view"], "authorized-labels": ["*"]}}
        (tmp_path / "permissions.json").write_text(json.dumps({"roles": roles}), "utf-8")
        return tmp_path

    return make


def _commas_first(lines: str) -> str:
    """The comma before the comment, where people put it."""
    return "\n".join(
        line if not line.endswith(",") else line[:-1].replace(" //", ", //", 1) for line in lines.split("\n")
    )


def comments(data: bytes) -> list[str]:
    document = text.parse(data)
    return sorted(document.text[one.span.start : one.span.end].strip() for one in document.comments)


def lists(data: bytes) -> dict[str, object]:
    root = text.parse(data).root
    assert root is not None
    section = root.get("Authorization")
    assert section is not None
    return {name: section.get(name).python() for name in ("Permissions", "ExtraPermissions") if section.get(name)}


MINE = Row("post", "^/my-plugin/run$", "all|upload")


def test_a_mere_copy_is_removed_and_its_comments_stay(folder) -> None:
    found = of(folder(default("0.7.2")), "0.11.4", old="0.10.0")
    (change,) = found.files
    assert ("removed", "0.7.2", {}) == (found.how, str(found.base), lists(change.after))
    assert comments(change.before) == comments(change.after)
    assert text.parse(change.after).accepted_by("core", "1.12.11")


@pytest.mark.parametrize("extra", ["", ',\n    "ExtraPermissions": [["get", "^/other$", "all"]] // theirs'])
def test_additions_go_to_extra_permissions(folder, extra: str) -> None:
    found = of(folder([MINE, *default("0.9.1")], extra=extra), "0.11.4", old="0.10.0")
    (change,) = found.files
    rest = [["get", "^/other$", "all"]] if extra else []
    assert ("extra", {"ExtraPermissions": [list(MINE), *rest]}) == (found.how, lists(change.after))
    assert comments(change.before) == comments(change.after)


def test_an_older_plugin_gets_the_whole_list(folder) -> None:
    found = of(folder([MINE, *default("0.7.0")]), "0.9.4", old="0.9.0")
    (change,) = found.files
    rows = lists(change.after)["Permissions"]
    assert "list" == found.how
    assert sorted([MINE, *default("0.9.4")]) == sorted(Row(*row) for row in rows)
    assert comments(change.before) == comments(change.after)


def test_what_is_narrowed_stays_narrow(folder) -> None:
    rows = [row._replace(permissions="all") if row.pattern == "^/instances$" else row for row in default("0.9.1")]
    rows = [row for row in rows if row.pattern != "^/statistics$"]
    found = of(folder(rows), "0.11.4", old="0.10.0")
    assert "list" == found.how
    assert [("changed", "^/instances$"), ("removed", "^/statistics$")] == [
        (one.kind, one.row.pattern) for one in found.merge.kept
    ]
    after = {(row[0], row[1]): row[2] for row in lists(found.files[0].after)["Permissions"]}
    assert "all" == after["post", "^/instances$"]
    assert ("get", "^/statistics$") not in after
    assert {"more-permissive"} == {str(one.relation) for one in found.patched.differences}
    assert not any("/statistics" in one.request for one in found.patched.differences)


def test_a_list_of_ones_own_is_left_alone(folder) -> None:
    found = of(folder([Row("get", "^/.*$", "all"), MINE]), "0.11.4")
    assert ("not-a-copy", (), None) == (found.how, found.files, found.patched)


def test_a_list_inside_another_file_is_told_and_left(tmp_path: Path) -> None:
    section = {"WebServiceRootUrl": "http://a/", "CheckedLevel": "studies", "Permissions": default("0.7.2")}
    value = json.dumps({"Authorization": section}).replace("$", "$$")
    (tmp_path / "docker-compose.yml").write_text(
        "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0\n    environment:\n"
        f"      ORTHANC_JSON: |\n        {value}\n",
        "utf-8",
    )
    found = of(tmp_path, "0.11.4")
    assert ("removed", ()) == (found.how, found.files)
    assert any("is not written in a file of its own" in note for note in found.notes)
    assert found.patched is not None


def test_a_patch_shows_no_secret_and_can_be_applied(folder, tmp_path: Path) -> None:
    found = of(folder(default("0.7.2")), "0.11.4")
    patch = found.patch()
    assert "top-secret" not in patch
    assert "top-secret" in found.files[0].before.decode()
    shown = FileChange("x/orthanc.json", found.files[0].before, found.files[0].after).patch()
    assert "top-secret" in shown  # that is what the lines of secrets are known for
    place = tmp_path / "x"
    place.mkdir()
    (place / "orthanc.json").write_bytes(found.files[0].before)
    if shutil.which("patch") is not None:
        subprocess.run(["patch", "-p1", "-s"], input=shown.encode(), cwd=tmp_path, check=True)
        assert found.files[0].after == (place / "orthanc.json").read_bytes()


def test_what_a_version_changes_is_told(folder) -> None:
    found = of(folder([Row("get", "^/.*$", "all"), MINE]), "0.11.4", old="0.9.1")
    assert {"0.9.2", "0.11.4"} <= {str(one.version) for one in found.changes}
    assert "0.9.1" not in {str(one.version) for one in found.changes}
    # From 0.9.2 on this search passes the filter for everybody.
    assert "GET /dicom-web/studies" in {one.request for one in found.unchanged.differences}


# -- the case of the forum --


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forum") / "case"
    shutil.copytree(SAMPLE, folder)
    return folder


@pytest.mark.parametrize("options", [{"full_list": True}, {"restore_removed": True}], ids=str)
def test_the_forum_case_is_mended(options: dict[str, bool], forum: Path, tmp_path: Path) -> None:
    settings = Settings(clients=("ohif", "3d-slicer"))
    wanted = {"dicomweb-uncovered", "client-uncovered"}
    deployment = load([forum], given=Given(), env={})
    before = {finding.rule for finding in run(deployment, settings).findings}
    assert wanted <= before
    found = of(forum, "0.10.1", **options)
    assert ("0.5.0", 1) == (str(found.base), len(found.files))

    mended = tmp_path / "case"
    shutil.copytree(forum, mended)
    (mended / "orthanc.jsonc").write_bytes(found.files[0].after)
    after = {finding.rule for finding in run(load([mended], given=Given(), env={}), settings).findings}
    assert not wanted & after
    assert "old-permissions-copy" not in after

    old, new = (text.parse(data).root.python() for data in (found.files[0].before, found.files[0].after))
    old["Authorization"].pop("Permissions")
    new["Authorization"].pop("Permissions", None)
    assert old == new
    assert comments(found.files[0].before) == comments(found.files[0].after)


def test_the_forum_case_changes_by_built_in_rules_alone(forum: Path) -> None:
    found = of(forum, "0.10.1")
    assert found.patched is not None
    assert found.patched.proved
    built_in = {one.pattern for one in plugin.release("0.10.1").default_rules}
    causes = {cause for one in found.patched.differences for cause in one.causes}
    assert {"rule"} == {cause.kind for cause in causes}
    # What is taken away: the rule for a route that does not exist, and a search that the new list knows as one of a study.
    less = [one.request for one in found.patched.differences if one.relation is not Relation.MORE_PERMISSIVE]
    assert 2 == len(less)
    assert all("/stow" in request or request.startswith("GET /dicom-web/studies?") for request in less)
    assert "SINGLE_RESOURCE_PATTERNS" in built_in
    # Against the built-in list of that version nothing is left to change but what the list lacks on purpose.
    assert {"^/tools/lookup$", "^/tools/log-level$"} == {one.row.pattern for one in found.merge.kept}


def test_the_command_writes_and_then_has_nothing_to_do(forum: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    shutil.copytree(forum, case)
    runner = CliRunner()
    arguments = ["upgrade", str(case), "--to", "image=26.8.1", "--to", "auth-service=26.4.1"]
    shown = runner.invoke(toolkit, arguments)
    assert 0 == shown.exit_code, shown.output
    assert "+    image: orthancteam/orthanc:26.8.1" in shown.output
    assert "+    image: orthancteam/orthanc-auth-service:26.4.1" in shown.output
    assert SAMPLE.joinpath("orthanc.jsonc").read_bytes() == case.joinpath("orthanc.jsonc").read_bytes()
    written = runner.invoke(toolkit, [*arguments, "--write"])
    assert 0 == written.exit_code
    assert "wrote " in written.output
    assert "plugin 0.11.4" in runner.invoke(toolkit, ["effective", str(case)]).output
    again = json.loads(runner.invoke(toolkit, [*arguments, "--format", "json"]).output)
    assert ("", "equivalent") == (again["patch"], again["unchanged"]["relation"])


@pytest.mark.parametrize("target", ["plugin=9.9.9", "image=1.2.3", "colour=1.0.0", "nonsense"])
def test_unknown_targets_are_refused(target: str) -> None:
    assert 2 == CliRunner().invoke(toolkit, ["upgrade", str(SAMPLE), "--to", target]).exit_code
