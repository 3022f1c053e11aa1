"""``policy matrix``, ``who-can``, ``can``, ``diff`` and ``check`` as they are called."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policy.commands import _tables
from policy.commands.main import toolkit

Run = Callable[..., Result]


@pytest.fixture
def run(forum: Path) -> Run:
    """``policy`` in the folder of the forum case, with the one change that lets the server start."""
    file = forum / "orthanc.jsonc"
    file.write_text(re.sub(r'"UncheckedLevels": \[.*?\],', "", file.read_text("utf-8"), flags=re.DOTALL), "utf-8")

    def call(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(toolkit, list(arguments), prog_name="policy")
        assert code == result.exit_code, result.output
        return result

    return call


def changed(folder: Path, old: str, new: str) -> Path:
    """A copy of the folder in which the configuration says something else."""
    other = folder.parent / f"{folder.name}-other"
    other.mkdir()
    for file in folder.glob("*.*"):
        if file.is_file():
            shutil.copy(file, other)
    text = (other / "orthanc.jsonc").read_text("utf-8")
    assert old in text
    (other / "orthanc.jsonc").write_text(text.replace(old, new, 1), "utf-8")
    return other


def test_matrix(run: Run) -> None:
    lines = run("matrix", ".").stdout.splitlines()
    assert ["feature", "anonymous", "admin-role", "doctor-role", "upload", "external-role"] == lines[0].split()
    assert "orthanc-explorer-2" == lines[1]
    assert re.fullmatch(r"  delete +deny +permit +deny +deny +deny", next(line for line in lines if "delete" in line))


def test_matrix_formats_say_the_same(run: Run) -> None:
    text = run("matrix", ".", "--client", "ohif").stdout
    data = json.loads(run("matrix", ".", "--client", "ohif", "--format", "json").stdout)
    rows = list(csv.reader(io.StringIO(run("matrix", ".", "--client", "ohif", "--format", "csv").stdout)))
    markdown = run("matrix", ".", "--client", "ohif", "--format", "markdown").stdout
    marks = [[cell["mark"] for cell in row["cells"].values()] for row in data["rows"]]
    assert marks == [row[2:] for row in rows[1:]]
    assert marks == [line.strip("| ").split(" | ")[2:] for line in markdown.splitlines()[2:5]]
    assert marks == [re.split(r"  +", line.strip())[1:] for line in text.splitlines()[2:5]]


def test_matrix_by(run: Run) -> None:
    assert "admin-permissions" in run("matrix", ".", "--by", "permissions").stdout
    assert len(run("matrix", ".", "--by", "routes").stdout.splitlines()) > 300
    lines = run("matrix", ".", "--route", "DELETE /studies/x", "--combine", "upload+doctor-role").stdout.splitlines()
    assert ["DELETE /studies/x", *["deny"] * 6] == re.split(r"  +", lines[1])


def test_matrix_explains_a_cell(run: Run) -> None:
    assert (
        "external-role, orthanc-explorer-2: delete: deny"
        in run("matrix", ".", "--explain", "external-role", "delete").stdout
    )
    assert "no sender is called 'nobody'" in run("matrix", ".", "--explain", "nobody", "delete", code=2).stderr


def test_matrix_as_a_page(run: Run, forum: Path) -> None:
    file = forum / "permissions.json"
    hostile = '<script>alert(1)</script>"=cmd|x\\u202e'
    file.write_text(
        file.read_text("utf-8").replace('"upload":', f'"{hostile.replace(chr(34), chr(92) + chr(34))}":'), "utf-8"
    )
    run("matrix", ".", "--format", "html", "--output", "page.html")
    page = (forum / "page.html").read_text("utf-8")
    seen: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)
            assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    Parser().feed(page)
    assert {"script", "img", "link", "iframe"}.isdisjoint(seen)
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page


@pytest.mark.parametrize("evil", ["=1+1", "+x", "-x", "@x", "a|b", "`x`", "<b>", "\x1b[31m", "a\nb", "*x*", "[a](b)"])
def test_nothing_in_a_cell_acts(evil: str) -> None:
    table = _tables.Table("t", "corner", (evil,), (_tables.Row(evil, (evil,), evil, (evil,)),), (evil,))
    shown = list(csv.reader(io.StringIO(_tables.csv(table), newline="")))
    assert [3, 3] == [len(row) for row in shown]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in shown for cell in row)
    for text in (_tables.text(table), _tables.markdown(table), _tables.csv(table), _tables.html(table)):
        assert "\x1b" not in text
    assert 4 == _tables.markdown(table).split("\n\n")[0].splitlines()[2].replace("\\|", "").count("|")
    assert "<b>" not in _tables.html(table)


def test_who_can(run: Run) -> None:
    shown = run("who-can", "DELETE", "/studies/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715", ".").stdout
    assert "admin-role: permit (permission)" in shown
    assert "refused: anonymous, doctor-role, upload, external-role (no-permission)" in shown
    data = json.loads(run("who-can", "/system", ".", "--format", "json").stdout)
    assert {"permit"} == {one["effect"] for one in data["callers"]}


def test_who_can_where_no_roles_are_known(run: Run, forum: Path) -> None:
    shown = run("who-can", "POST", "/instances", str(forum / "orthanc.jsonc")).stdout
    assert "whoever has 'all' or 'upload'" in shown


def test_can(run: Run) -> None:
    shown = run("can", "external-role", ".").stdout
    assert "  labels: external" in shown
    assert "rule 2: GET /patients/" in shown  # the filter checks no patients
    assert (
        "no role is called 'external-rol'. Did you mean external-role" in run("can", "external-rol", ".", code=2).stderr
    )
    data = json.loads(run("can", "upload", ".", "--format", "json").stdout)
    assert {"upload"} == set(data["permissions"])


def test_diff(run: Run, forum: Path) -> None:
    other = changed(forum, '"all|upload"', '"all|upload|view"')
    shown = run("diff", "orthanc.jsonc", str(other / "orthanc.jsonc"), code=1).stdout
    assert "the new policy is more permissive: 1 difference (and no others: proved for" in shown
    shown = run("diff", str(other), ".", "--fail-on", "more-permissive").stdout
    assert "- POST /instances" in shown
    assert "doctor-role and external-role: permit -> deny (no-permission)" in shown
    assert "orthanc.jsonc:102:13" in shown
    run("diff", ".", str(other), "--fail-on", "more-permissive", code=1)
    data = json.loads(run("diff", ".", str(other), "--format", "json", code=1).stdout)
    assert ["more-permissive", True, "POST /instances"] == [
        data["relation"],
        data["proved"],
        data["differences"][0]["request"],
    ]
    assert 102 == data["differences"][0]["causes"][0]["old"]["line"]
    markdown = run("diff", ".", str(other), "--format", "markdown", code=1).stdout
    assert "| `+` | POST /instances | doctor-role and external-role |" in markdown


@pytest.mark.parametrize("by", ["roles", "permissions"])
def test_tests_from_differences_hold_for_the_new_policy_alone(by: str, run: Run, forum: Path) -> None:
    other = changed(forum, '"all|upload"', '"all|view"')
    run("diff", ".", str(other), "--by", by, "--write-tests", "new.test.json5", code=1)
    run("test", "new.test.json5", str(other))
    run("test", "new.test.json5", ".", code=1)


def test_diff_against_itself(run: Run) -> None:
    assert "equivalent: every request gets the same answer (proved:" in run("diff", ".", ".").stdout


def test_diff_of_versions(run: Run) -> None:
    shown = run("diff", "--plugin-version", "0.11.3..0.11.4", code=1).stdout
    assert "+ POST /dicom-web/servers/{server}/qido" in shown
    run("diff", ".", "--plugin-version", "0.10.1..0.10.2")
    assert "Without a deployment" in run("diff", "--image-tag", "25.8.0..25.9.0", code=2).stderr
    assert "is no range" in run("diff", "--plugin-version", "..0.11.4", code=2).stderr
    assert "Give two deployments" in run("diff", ".", code=2).stderr


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_diff_with_a_revision(run: Run, forum: Path) -> None:
    def git(*arguments: str) -> None:
        settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(["git", *settings, *arguments], cwd=forum, check=True, capture_output=True, env=environment)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    file = forum / "orthanc.jsonc"
    file.write_text(file.read_text("utf-8").replace('"all|upload"', '"all"', 1), "utf-8")
    shown = run("diff", "HEAD:", ".", code=1).stdout
    assert "old: HEAD:" in shown
    assert "- POST /instances" in shown
    assert "no such path" in run("diff", "HEAD:missing", ".", code=2).stderr
    run("check", "no-new-access", "HEAD:orthanc.jsonc", "orthanc.jsonc")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("not-granted", "anonymous", "DELETE", "*", "."), 0, "PASS not-granted anonymous DELETE * (proved for"),
        (("not-granted", "anonymous", "POST", "/instances", "."), 1, "FAIL not-granted anonymous POST /instances"),
        (("always-granted", "doctor-role", "GET", "/studies/{resource}", "."), 0, "PASS always-granted"),
        (("always-granted", "external-role", "GET", "/studies/{resource}", "."), 1, "only if the study has the label"),
        (("no-public-access", "."), 1, "rule 9: POST ^/instances$"),
        (("no-new-access", ".", "."), 0, "PASS no-new-access"),
    ],
)
def test_check(arguments: tuple[str, ...], code: int, words: str, run: Run) -> None:
    assert words in run("check", *arguments, code=code).stdout


def test_check_as_data(run: Run) -> None:
    data = json.loads(
        run("check", "not-granted", "anonymous", "POST", "/instances", ".", "--format", "json", code=1).stdout
    )
    assert ["fail", 9, "POST /instances"] == [
        data["verdict"], data["counterexamples"][0]["rule"]["index"], data["counterexamples"][0]["request"],
    ]  # fmt: skip


def test_the_matrix_is_drawn_without_a_template_engine_unless_it_is_a_page(start: Callable[..., object]) -> None:
    after = "assert 'jinja2' not in sys.modules and 'networkx' not in sys.modules"
    done = start("policy", "check", "--help", after=after)
    assert 0 == done.returncode  # type: ignore[attr-defined]
