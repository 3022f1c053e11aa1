"""``policy report`` and ``policy-lint --format html``: what is in the page, and what is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from policy.commands.main import lint, toolkit

SAMPLES = Path(__file__).parents[2] / "samples"
SECRET = "Zx81-correct-horse"


def page_of(*arguments: str, exit_code: int = 0) -> str:
    done = CliRunner().invoke(toolkit, ["report", *arguments])
    assert exit_code == done.exit_code, done.output
    return done.stdout


def tables_of(page: str) -> dict[str, Any]:
    return json.loads(page.partition('id="tables">')[2].partition("</script>")[0])


def configuration(folder: Path, **section: Any) -> str:
    whole = {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], "CheckedLevel": "studies", **section}
    (folder / "orthanc.json").write_text(json.dumps({"AuthenticationEnabled": False, "Authorization": whole}), "utf-8")
    return str(folder)


def test_both_programs_make_the_same_page() -> None:
    done = CliRunner().invoke(lint, ["--format", "html", "--exit-zero", str(SAMPLES / "clinic")])
    assert page_of(str(SAMPLES / "clinic")) == done.stdout


def test_the_same_bytes_whatever_the_order_of_sets() -> None:
    call = "from policy.commands.main import toolkit as main; main()"
    pages = {
        subprocess.run(
            [sys.executable, "-c", call, "report", str(SAMPLES / "clinic")],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(SAMPLES.parent)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert 1 == len(pages)


def test_what_cannot_be_told_is_said(tmp_path: Path) -> None:
    roles = page_of(str(SAMPLES / "clinic" / "permissions.json"))
    assert "the files describe no Orthanc server" in roles
    assert {} == tables_of(roles)
    refused = page_of(str(SAMPLES / "forum-thread"))
    assert "The server does not start with these files" in refused
    assert {} == tables_of(refused)
    both = configuration(tmp_path), str(SAMPLES / "clinic")
    assert "Choose one by its name" in page_of(*both)
    assert "policy" in tables_of(page_of(*both, "--server", "orthanc"))
    page_of(*both, "--server", "other", exit_code=2)


def test_a_secret_in_what_requests_are_compared_with_keeps_the_tables_out(tmp_path: Path) -> None:
    ways: tuple[dict[str, Any], ...] = (
        {"UncheckedFolders": [f"/{SECRET}/"]},
        {"Permissions": [["get", f"^/{SECRET}$", "view"]]},
    )
    for section in ways:
        page = page_of(configuration(tmp_path, WebServicePassword=SECRET, **section))
        assert SECRET not in page
        assert "holds a secret, so the tables are not in this page" in page
        assert "policy" not in tables_of(page)
    assert "policy" in tables_of(page_of(configuration(tmp_path, WebServicePassword=SECRET)))


def test_text_that_is_no_unicode(tmp_path: Path) -> None:
    broken = "\ud800"
    page = page_of(configuration(tmp_path, Permissions=[["get", "^/x$", broken]], TokenHttpHeaders=[broken]))
    assert broken not in page
    assert page.encode()
