"""``policy format`` from end to end."""

from __future__ import annotations

import stat

import pytest
from click.testing import CliRunner

from policy import text
from policy.text.formatting import format_document

UGLY = '{"Authorization":{\n "CheckedLevel":"studies", // ours\n"WebServiceRootUrl" : "http://auth:8000/"}}'
NEAT = """\
{
  "Authorization": {
    "CheckedLevel": "studies", // ours
    "WebServiceRootUrl": "http://auth:8000/"
  }
}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    from policy.commands.main import toolkit as program

    monkeypatch.chdir(tmp_path)
    (tmp_path / "orthanc.jsonc").write_text(UGLY)

    def call(*arguments: str, **options: object):
        result = CliRunner().invoke(program, ["format", *arguments], prog_name="policy", **options)
        assert result.exit_code in (0, 1, 2), result.output
        return result

    return call


def test_a_file_is_laid_out_once(run, tmp_path):
    path = tmp_path / "orthanc.jsonc"
    path.chmod(0o640)
    result = run("orthanc.jsonc")
    assert (0, "laid out anew: orthanc.jsonc\n") == (result.exit_code, result.stderr)
    assert NEAT == path.read_text()
    assert 0o640 == stat.S_IMODE(path.stat().st_mode)
    assert (0, "") == (lambda again: (again.exit_code, again.output))(run("orthanc.jsonc"))


def test_check_writes_nothing(run, tmp_path):
    result = run("--check", "orthanc.jsonc")
    assert (1, "would be laid out anew: orthanc.jsonc\n") == (result.exit_code, result.stderr)
    assert UGLY == (tmp_path / "orthanc.jsonc").read_text()
    (tmp_path / "orthanc.jsonc").write_text(NEAT)
    assert 0 == run("--check", "orthanc.jsonc").exit_code


def test_layout_can_be_chosen(run, tmp_path):
    run("--indent", "tab", "--line-ends", "crlf", "orthanc.jsonc")
    expected = NEAT.replace("    ", "\t\t").replace("  ", "\t").replace("\n", "\r\n")
    assert expected.encode() == (tmp_path / "orthanc.jsonc").read_bytes()
    assert 2 == run("--indent", "many", "orthanc.jsonc").exit_code


def test_standard_input_goes_to_standard_output(run):
    assert NEAT == run("-", input=UGLY).stdout
    assert 1 == run("--check", "-", input=UGLY).exit_code


def test_what_no_program_reads_is_refused_and_the_rest_is_done(run, tmp_path):
    (tmp_path / "broken.json").write_text('{\n  "Name": "A"\n  "Port": 1\n}\n')
    result = run("broken.json", "orthanc.jsonc")
    assert 2 == result.exit_code
    assert result.stderr.startswith("broken.json:")
    assert NEAT == (tmp_path / "orthanc.jsonc").read_text()


def test_yaml_is_refused_when_named_and_passed_over_in_folders(run, tmp_path):
    compose = "services:\n   orthanc:\n     image: orthancteam/orthanc:25.9.0\n"
    (tmp_path / "docker-compose.yml").write_text(compose)
    assert 2 == run("docker-compose.yml").exit_code
    assert 0 == run(".").exit_code
    assert compose == (tmp_path / "docker-compose.yml").read_text()
    assert NEAT == (tmp_path / "orthanc.jsonc").read_text()


def test_any_json_that_is_named(run, tmp_path):
    (tmp_path / "package.json").write_text('{"a":1}')
    assert 0 == run("package.json").exit_code
    assert '{"a": 1}\n' == (tmp_path / "package.json").read_text()


def test_an_absent_file_is_told(run):
    assert 2 == run("absent.json").exit_code


def test_the_forum_sample_reads_the_same(forum):
    for name in ("orthanc.jsonc", "permissions.json", "anonymous-profile.json"):
        document = text.parse((forum / name).read_bytes())
        again = text.parse(format_document(document))
        assert [c.text for c in document.comments] == [c.text for c in again.comments]
        assert document.root.python() == again.root.python()
