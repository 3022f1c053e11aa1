"""``policy-lint --fix``, ``--unsafe-fixes`` and ``--diff`` from end to end."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from policy import text
from policy.text import write as writing

ROLES = """\
{
  // who may do what
  "roles": {
    "doctor-role": {
      "authorized-labels": ["*"], "permissions": ["view", "download",], /* all of it */
    }
  },
  "available-labels": []
}
"""
MENDED = ROLES.replace('"authorized-labels"', '"authorized_labels"').replace('"download",]', '"download"]')
MENDED = MENDED.replace('"], /* all', '"] /* all').replace("available-labels", "available_labels")
OLD = ("--auth-service-version", "23.8.0", "--select", "permissions-trailing-comma,labels-key-spelling")
BOTH = (
    '{"Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies", "UncheckedLevels": []}}\n'
)


@pytest.fixture
def roles(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "permissions.json"
    path.write_text(ROLES)
    return path


@pytest.fixture
def both(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "orthanc.json"
    path.write_text(BOTH)
    return path


def commas(written: bytes) -> bytes:
    return written.replace(b'"download",]', b'"download"]').replace(b'"], /* all', b'"] /* all')


def test_safe_fixes_change_the_file_and_nothing_else(lint, roles):
    roles.chmod(0o640)
    result = lint(
        "--fix", "permissions.json", "--auth-service-version", "23.8.0", "--select", "permissions-trailing-comma"
    )
    assert 0 == result.exit_code
    assert commas(ROLES.encode()) == roles.read_bytes()
    assert 0o640 == stat.S_IMODE(roles.stat().st_mode)
    assert "Fixed 2 findings: permissions.json (2).\nNo finding remains.\n" == result.stderr


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_and_line_ends_stay(lint, roles, mark):
    given = mark + ROLES.replace("\n", "\r\n").encode()
    roles.write_bytes(given)
    lint("--fix", "permissions.json", "--select", "permissions-trailing-comma", "--auth-service-version", "23.8.0")
    assert commas(given) == roles.read_bytes()


def test_fixing_twice_changes_nothing(lint, roles):
    lint("--fix", "permissions.json")
    once = roles.read_bytes()
    before = roles.stat().st_mtime_ns, roles.stat().st_ino
    result = lint("--fix", "permissions.json")
    assert once == roles.read_bytes()
    assert before == (roles.stat().st_mtime_ns, roles.stat().st_ino)
    assert result.stderr.startswith("Nothing was fixed.")


def test_unsafe_fixes_are_made_when_asked_for_and_named(lint, both):
    kept = lint("--fix", "--select", "both-level-options", "orthanc.json")
    assert BOTH == both.read_text()
    assert 1 == kept.exit_code
    assert "1 of them can be fixed by --unsafe-fixes" in kept.stderr
    result = lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "orthanc.json")
    assert 0 == result.exit_code
    assert BOTH.replace(', "UncheckedLevels": []', "") == both.read_text()
    assert re.search(r"Look at these changes.*\n  orthanc\.json:1:\d+: .*\[both-level-options\]", result.stderr)


def test_unsafe_fixes_alone_is_a_mistake(lint, both):
    assert 2 == lint("--unsafe-fixes", "orthanc.json").exit_code


def test_diff_writes_nothing(lint, both):
    result = lint("--diff", "--unsafe-fixes", "--select", "both-level-options", "orthanc.json")
    assert 1 == result.exit_code
    assert BOTH == both.read_text()
    assert ["--- a/orthanc.json", "+++ b/orthanc.json", "@@ -1 +1 @@"] == result.stdout.splitlines()[:3]
    assert f"-{BOTH}" in result.stdout
    assert 0 == lint("--diff", "--exit-zero", "--unsafe-fixes", "orthanc.json").exit_code


def test_diff_without_changes_is_exit_code_0(lint, both):
    result = lint("--diff", "--select", "both-level-options", "orthanc.json")
    assert (0, "") == (result.exit_code, result.stdout)


@pytest.mark.parametrize(
    "written",
    [
        ROLES,
        ROLES.replace("\n", "\r\n"),
        ROLES.rstrip("\n"),
        ROLES.replace("  ", "\t"),
    ],
)
def test_diff_can_be_applied_by_git(lint, roles, written):
    options = ("permissions.json", "--auth-service-version", "23.8.0", "--select", "permissions-trailing-comma")
    roles.write_bytes(written.encode())
    patch = lint("--diff", *options).stdout_bytes
    assert patch
    subprocess.run(["git", "apply", "-"], input=patch, cwd=roles.parent, check=True, capture_output=True)
    by_git = roles.read_bytes()
    roles.write_bytes(written.encode())
    lint("--fix", *options)
    assert roles.read_bytes() == by_git
    assert commas(written.encode()) == by_git


def test_standard_input_goes_to_standard_output(lint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = lint("--fix", "-", *OLD[:2], "--select", "permissions-trailing-comma", input=ROLES)
    assert commas(ROLES.encode()) == result.stdout_bytes
    assert "Fixed 2 findings: <stdin> (2)." in result.stderr
    assert [] == list(tmp_path.iterdir())


def test_standard_input_without_a_fix_comes_out_as_it_is(lint, both):
    result = lint("--fix", "-", "--format", "json", "--select", "both-level-options", input=BOTH)
    assert BOTH == result.stdout
    assert '"rule": "both-level-options"' in result.stderr


COMPOSE = """\
services:
  orthanc:
    image: orthancteam/orthanc:25.9.0
    volumes:
      - ./orthanc.json:/etc/orthanc/orthanc.json
"""


def test_a_file_that_was_not_given_is_not_written(lint, both):
    (both.parent / "docker-compose.yml").write_text(COMPOSE)
    result = lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "docker-compose.yml")
    assert BOTH == both.read_text()
    assert "1 by a change of a file that was not given" in result.stderr
    assert "orthanc.json:1:" in result.stdout
    lint("--fix", "--unsafe-fixes", "--select", "both-level-options", ".")
    assert BOTH != both.read_text()


def test_a_link_stays_a_link(lint, both, tmp_path):
    both.rename(tmp_path / "real.json")
    both.symlink_to("real.json")
    lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "orthanc.json")
    assert both.is_symlink()
    assert "UncheckedLevels" not in (tmp_path / "real.json").read_text()


def test_a_change_of_somebody_else_is_not_lost(lint, both, monkeypatch):
    from policy.lint import fixing

    def late(path, data, **options):
        both.write_text(BOTH + "\n")
        return writing.write(path, data, **options)

    monkeypatch.setattr(fixing, "write", late)
    result = lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "orthanc.json")
    assert 2 == result.exit_code
    assert BOTH + "\n" == both.read_text()
    assert "changed in the meantime" in result.stderr
    assert "Nothing was written." in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written(lint, both):
    both.chmod(0o444)
    result = lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "orthanc.json")
    assert 2 == result.exit_code
    assert "not writable" in result.stderr


def test_json_in_a_compose_file(lint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    held = BOTH.replace(": {", ": {\n         ").strip()
    compose = (
        "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0 # pinned\n    environment:\n"
        f'      ORTHANC_JSON: |\n        {held}\n      VERBOSE_ENABLED: "true"\n'
    )
    Path("docker-compose.yml").write_text(compose)
    result = lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "docker-compose.yml")
    assert 0 == result.exit_code
    assert compose.replace(', "UncheckedLevels": []', "") == Path("docker-compose.yml").read_text()


def test_secrets_are_masked_in_the_diff(lint, both):
    both.write_text(BOTH.replace('"CheckedLevel"', '"WebServicePassword": "s3cr3t-of-ours", "CheckedLevel"'))
    result = lint("--diff", "--unsafe-fixes", "--select", "both-level-options", "orthanc.json")
    assert 1 == result.exit_code
    assert "s3cr3t" not in result.output


def test_lines_with_secrets_are_not_around_a_change(lint, both):
    lines = BOTH.replace(", ", ",\n").replace(
        '"CheckedLevel"', '"WebServicePassword": "s3cr3t-of-ours",\n"CheckedLevel"'
    )
    both.write_text(lines)
    patch = lint("--diff", "--unsafe-fixes", "--select", "both-level-options", "orthanc.json").stdout
    assert "Password" not in patch
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=both.parent, check=True, capture_output=True)
    assert "UncheckedLevels" not in both.read_text()


def test_machine_reports_stay_whole(lint, both):
    result = lint("--fix", "--unsafe-fixes", "--format", "json", "--persona", "auditor", "orthanc.json")
    data = json.loads(result.stdout)
    assert "both-level-options" not in {finding["rule"] for finding in data["findings"]}
    assert "Fixed" in result.stderr


def test_forum_case_from_fix_to_what_a_person_decides(lint, forum):
    result = lint("--fix", "--unsafe-fixes", ".")
    left = {
        line.split("[")[-1].rstrip("]")
        for line in result.stdout.splitlines()
        if re.search(r": (error|warning) \[", line)
    }
    again = lint("--diff", "--unsafe-fixes", ".")
    assert (0, "") == (again.exit_code, again.stdout)
    assert "both-level-options" not in left
    assert all(text.parse(Path(name).read_bytes()).root for name in ("orthanc.jsonc", "permissions.json"))
    assert re.search(r"\d+ findings remain and need a decision of yours\.", result.stderr)


def test_an_item_within_a_variable_is_not_taken_for_the_variable(lint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    compose = (
        "services:\n  orthanc:\n    image: osimis/orthanc:20.9.4\n    environment:\n"
        '      - |\n        AUTHZ_UNCHECKED_FOLDERS=\n        ["/plugins", "/app/"]\n'
        "      - AUTHZ_WEBSERVICE=http://auth:8000/\n"
    )
    Path("docker-compose.yml").write_text(compose)
    assert '"rule": "folder-as-prefix"' in lint("--format", "json", "--persona", "auditor", "docker-compose.yml").stdout
    lint("--fix", "--unsafe-fixes", "--persona", "auditor", "docker-compose.yml")
    written = Path("docker-compose.yml").read_text()
    assert "AUTHZ_UNCHECKED_FOLDERS=" in written
    assert '"/app/"]' in written


CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: orthanc # ours
data:
  orthanc.json: |
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies", // keep
        "UncheckedLevels": ["series"]
      }
    }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orthanc
spec:
  template:
    spec:
      containers:
        - name: orthanc
          image: orthancteam/orthanc:25.9.0
          volumeMounts:
            - name: configuration
              mountPath: /etc/orthanc/
      volumes:
        - name: configuration
          configMap:
            name: orthanc
"""


def test_json_in_a_config_map(lint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("orthanc.yaml").write_text(CONFIG_MAP)
    lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "orthanc.yaml")
    expected = CONFIG_MAP.replace('"studies", // keep\n        "UncheckedLevels": ["series"]\n', '"studies" // keep\n')
    assert expected == Path("orthanc.yaml").read_text()


def test_json_in_a_scalar_that_cannot_hold_the_change(lint, tmp_path, monkeypatch):
    """One fix that cannot be made keeps no other from being made."""
    monkeypatch.chdir(tmp_path)
    service = (
        "  {name}:\n    image: orthancteam/orthanc:25.9.0\n    environment:\n      ORTHANC_JSON: {sign}\n"
        '        {{"Authorization": {{"WebServiceRootUrl": "http://auth:8000/",\n'
        '        "CheckedLevel": "studies", "UncheckedLevels": ["series"]}}}}\n'
    )
    folded, literal = service.format(name="a", sign=">"), service.format(name="b", sign="|")
    Path("docker-compose.yml").write_text(f"services:\n{folded}{literal}")
    result = lint("--fix", "--unsafe-fixes", "--select", "both-level-options", "docker-compose.yml")
    mended = literal.replace(', "UncheckedLevels": ["series"]', "")
    assert f"services:\n{folded}{mended}" == Path("docker-compose.yml").read_text()
    assert "1 finding remains: 1 cannot be fixed in the way in which the text is written." in result.stderr
