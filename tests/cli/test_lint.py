"""``policy-lint FILE...`` from end to end."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from policy.commands import _options
from policy.configuration.source import Kind
from policy.lint.finding import Persona, Severity
from policy.report import FORMATS

ERROR = (
    '{"Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies", "UncheckedLevels": []}}\n'
)
RULE = "both-level-options"
GOOD = '{"roles": {"admin-role": {"permissions": ["all"], "authorized-labels": ["*"]}}, "available-labels": []}\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bad(here) -> str:
    (here / "orthanc.json").write_text(ERROR)
    return "orthanc.json"


def rules(result) -> set[str]:
    return {finding["rule"] for finding in json.loads(result.stdout)["findings"]}


def test_choices_are_those_of_the_library():
    assert tuple(Kind) == _options.KINDS
    assert tuple(Persona) == _options.PERSONAS
    assert tuple(str(one) for one in Severity) == _options.SEVERITIES


def test_findings_are_exit_code_1(lint, bad):
    result = lint(bad)
    assert 1 == result.exit_code
    assert re.search(rf"^orthanc\.json:1:\d+: error \[{RULE}\]$", result.stdout, re.MULTILINE)
    assert "" == result.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(lint, bad, form):
    result = lint("--format", form, bad)
    assert 1 == result.exit_code
    assert RULE in result.stdout
    assert "" == result.stderr


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--exit-zero",), 0),
        (("--fail-on", "error"), 1),
        (("--ignore", "all"), 0),
        (("--select", RULE), 1),
        (("--ignore", f"CFG,{RULE}"), 0),
        (("--select", "unused-ignore"), 0),
    ],
)
def test_exit_codes(lint, here, options, code):
    (here / "a.json").write_text(ERROR)
    select = () if "--select" in options else ("--select", RULE)
    assert code == lint("a.json", *select, *options).exit_code


def test_fail_on_is_apart_from_severity(lint, here):
    unused = f'{{"Name": "a", // policy-lint: ignore[{RULE}]\n"AuthenticationEnabled": true}}'
    (here / "orthanc.jsonc").write_text(unused)
    words = ("--select", f"unused-ignore,{RULE}", "orthanc.jsonc")
    codes = {level: lint("--fail-on", level, *words).exit_code for level in _options.SEVERITIES}
    assert {"info": 1, "warning": 1, "error": 0} == codes
    hidden = lint("--severity", "error", *words)
    assert (0, False) == (hidden.exit_code, "unused-ignore" in hidden.stdout)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no-such-file.json",), "no-such-file.json: there is no such file"),
        (("--select", "both-level-option", "a.json"), "--select: no rule, code or tag is called 'both-level-option'."),
        (("--client", "ohiff", "a.json"), "no client is called 'ohiff'. Did you mean ohif?"),
        (("--plugin-version", "new", "a.json"), "'new' is not a version"),
        (("--config", "absent.toml", "a.json"), "absent.toml: cannot be read"),
        (("--config", "x.toml", "--no-config", "a.json"), "exclude each other"),
        (("--as", "orthanc", "a.json"), "--as tells what standard input holds"),
        (("--output", "no/such/folder/report", "a.json"), "the file cannot be written"),
        (("--format", "festive", "a.json"), "'festive' is not one of"),
    ],
)
def test_unusable_input_is_exit_code_2(lint, here, words, told):
    (here / "a.json").write_text(GOOD)
    result = lint(*words)
    assert (2, "") == (result.exit_code, result.stdout)
    assert told in result.stderr.replace("\n", " ")


def test_a_file_that_is_nothing_of_ours(lint, here):
    (here / "a.json").write_text('{"name": "left-pad", "version": "1.0.0"}')
    result = lint("a.json")
    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("a.json:")
    assert "permissions.json" in result.stderr


def test_standard_input(lint, here):
    assert 1 == lint("-", input=ERROR).exit_code
    result = lint("--as", "permissions", "--format", "json", "-", input="{}")
    assert {"<stdin>"} >= {finding["file"] for finding in json.loads(result.stdout)["findings"]}


def test_the_newer_of_two_reports_replaces_the_other(lint, bad, here):
    report = here / "report.json"
    report.write_text("old")
    report.chmod(0o640)
    result = lint("--format", "json", "--output", "report.json", bad)
    assert (1, "") == (result.exit_code, result.stdout)
    assert RULE in {finding["rule"] for finding in json.loads(report.read_text("utf-8"))["findings"]}
    assert 0o640 == stat.S_IMODE(report.stat().st_mode)
    assert {"orthanc.json", "report.json"} == {file.name for file in here.iterdir()}


def test_a_link_stays_a_link(lint, bad, here):
    (here / "folder").mkdir()
    (here / "link").symlink_to("folder/report")
    lint("--output", "link", bad)
    assert (here / "link").is_symlink()
    assert RULE in (here / "folder" / "report").read_text("utf-8")


def test_a_report_in_a_file_is_not_coloured(lint, bad, here):
    lint("--output", "report", bad)
    assert "\x1b" not in (here / "report").read_text("utf-8")
    lint("--output", "report", "--color", bad)
    assert "\x1b[" in (here / "report").read_text("utf-8")


def test_settings_of_the_folder(lint, bad, here):
    (here / ".policy-lint.toml").write_text(f'ignore = ["{RULE}"]\n')
    assert RULE not in lint(bad).stdout
    assert RULE in lint("--no-config", bad).stdout
    (here / "other.toml").write_text('select = ["unused-ignore"]\n')
    assert set() == rules(lint("--config", "other.toml", "--format", "json", bad))
    (here / ".policy-lint.toml").write_text('ignore = ["no-such-rule"]\n')
    result = lint(bad)
    assert 2 == result.exit_code
    assert "no-such-rule" in result.stderr


def test_clients_are_known_by_their_short_names():
    from policy.commands._given import clients_named

    assert ("ohif", "dicomweb-client (python)") == clients_named(("OHIF", "dicomweb-client", "ohif"))
    assert all(name.startswith("orthanc-peer (") for name in clients_named(("orthanc-peer",)))


def test_quiet_and_statistics(lint, bad):
    quiet = lint("--quiet", bad).stdout
    assert quiet.startswith("orthanc.json:1:")
    assert " in 1 file." not in quiet
    assert f"    1  {RULE}\n" in lint("--statistics", bad).stdout


def test_versions_come_first_with_their_reason(lint, bad):
    first = lint("--plugin-version", "0.9.4", bad).stdout.splitlines()[0]
    assert "Authorization plugin 0.9.4 (" in first


def test_a_file_called_like_a_command(lint, here):
    (here / "explain").write_text(ERROR)
    result = lint("./explain")
    assert 1 == result.exit_code
    assert result.stdout.count("explain:1:")


def test_color(lint, bad, monkeypatch):
    assert "\x1b" not in lint(bad).stdout
    assert "\x1b[" in lint("--color", bad, color=True).stdout


def test_no_color_on_a_terminal(bad, monkeypatch):
    from policy.commands import _output

    monkeypatch.setattr(_output.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert _output.color_wanted(None) is True
    assert _output.color_wanted(None, to_file=True) is False
    monkeypatch.setenv("NO_COLOR", "1")
    assert _output.color_wanted(None) is False
    assert _output.color_wanted(True) is True
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert _output.color_wanted(None) is False


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
def test_links_and_colours_on_a_terminal(start, bad, here):
    import pty

    controller, terminal = pty.openpty()
    code = "import sys; from policy.commands.main import lint; lint(prog_name='policy-lint')"
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm", "COLUMNS": "200"}
    with subprocess.Popen([sys.executable, "-c", code, bad], stdout=terminal, env=environment) as process:
        os.close(terminal)
        told = b""
        while True:
            try:
                piece = os.read(controller, 65536)
            except OSError:
                break
            if not piece:
                break
            told += piece
    os.close(controller)
    assert 1 == process.returncode
    assert f"\x1b]8;;{(here / 'orthanc.json').as_uri()}\x1b\\".encode() in told


def test_a_terminal_that_lacks_characters(start, here):
    (here / "orthanc.json").write_text(ERROR.replace("auth:", "患者:"), "utf-8")
    done = start("policy-lint", "orthanc.json", folder=here, PYTHONIOENCODING="latin-1")
    assert (1, b"") == (done.returncode, done.stderr)
    assert b"\\u60a3\\u8005" in done.stdout
    done = start("policy-lint", "--format", "json", "orthanc.json", folder=here, PYTHONIOENCODING="latin-1")
    json.loads(done.stdout.decode("utf-8"))


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
UNDECODABLE = os.fsdecode(b"orthanc-\xff\x1b.json")


@LINUX
@pytest.mark.parametrize("form", FORMATS)
def test_undecodable_names(lint, here, form):
    (here / UNDECODABLE).write_text(ERROR)
    result = lint("--format", form, UNDECODABLE)
    assert (1, "") == (result.exit_code, result.stderr)
    assert b"\x1b" not in result.stdout_bytes
    result.stdout_bytes.decode("utf-8")


@LINUX
def test_undecodable_names_from_outside(start, here):
    (here / UNDECODABLE).write_text(ERROR)
    done = start("policy-lint", os.fsencode(UNDECODABLE), b"no-\xff\x1b.json", folder=here)
    assert (2, b"") == (done.returncode, done.stdout)
    assert "no-\ufffd␛.json: there is no such file" in done.stderr.decode()


def test_a_reader_that_stops(bad, here):
    (here / "many.json").write_text(ERROR)
    code = "import sys; from policy.commands.main import lint; lint(prog_name='policy-lint')"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    read, write = os.pipe()
    os.close(read)
    with subprocess.Popen(
        [sys.executable, "-c", code, bad], stdout=write, stderr=subprocess.PIPE, env=environment
    ) as done:
        os.close(write)
        _, told = done.communicate()
    assert (1, b"") == (done.returncode, told)


def test_nothing_on_standard_error_but_errors(start, forum):
    done = start("policy-lint", ".", folder=forum)
    assert (1, b"") == (done.returncode, done.stderr)


def test_the_same_twice(lint, forum):
    assert lint(".").stdout == lint(".").stdout


def test_the_order_is_by_file_and_place(lint, forum):
    findings = json.loads(lint("--format", "json", ".").stdout)["findings"]
    places = [(finding["file"], finding["line"], finding["column"]) for finding in findings]
    assert sorted(places) == places


def test_policy_lint_is_the_same(start, forum):
    one = start("policy", "lint", ".", folder=forum)
    other = start("policy-lint", ".", folder=forum)
    assert (one.returncode, one.stdout) == (other.returncode, other.stdout)
