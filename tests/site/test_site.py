"""The documentation site builds without a warning: every link and anchor leads somewhere, nothing is fetched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from policy.lint.rule import registry

TOP = Path(__file__).parents[2]
CONFIGURATION = TOP / ".ci" / "site" / "mkdocs.yml"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="mkdocs-material is not installed")
    pytest.importorskip("mkdocstrings", reason="mkdocstrings is not installed")
    pytest.importorskip("mkdocs_click", reason="mkdocs-click is not installed")
    made = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", CONFIGURATION, "-d", made],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def test_every_rule_has_a_page_and_is_listed(site: Path) -> None:
    listed = set(re.findall(r'href="rules/([a-z0-9-]+)\.html"', (site / "rules.html").read_text("utf-8")))
    assert set(registry()) == listed
    assert set(registry()) == {page.stem for page in (site / "rules").glob("*.html")}


def test_every_command_and_public_name_is_in_the_reference(site: Path) -> None:
    import policy
    from policy.commands.main import toolkit

    commands = (site / "reference" / "commands.html").read_text("utf-8")
    assert [name for name in toolkit.list_commands(None) if f'id="policy-{name}"' not in commands] == []  # type: ignore[arg-type]
    library = (site / "reference" / "library.html").read_text("utf-8")
    told = set(re.findall(r'id="policy\.([A-Za-z_]+)"', library))
    assert set(policy.__all__) - told == {"__version__"}


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = re.compile(
        r'<(?:script|img|iframe)[^>]+src="(https?:)?//|<link[^>]+rel="(?:stylesheet|preload)"[^>]+href="(https?:)?//'
    )
    assert [page.name for page in site.rglob("*.html") if loaded.search(page.read_text("utf-8"))] == []


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (TOP / "README.md").read_text("utf-8"))
    assert links
    assert [link for link in links if not (TOP / link).exists()] == []


def test_every_page_is_reached_from_the_bar() -> None:
    bar = CONFIGURATION.read_text("utf-8")
    pages = [page.relative_to(TOP / "docs").as_posix() for page in (TOP / "docs").rglob("*.md")]
    assert [page for page in pages if page not in bar] == []
