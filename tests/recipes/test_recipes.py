"""The recipes for CI: the makers' schemas and zizmor pass them, and their script lines run in a real shell."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from tests.parts import needed, program

TOP = Path(__file__).parents[2]
ACTION, WORKFLOW, GITLAB = (
    TOP / "action.yml",
    TOP / "recipes" / "github-workflow.yml",
    TOP / "recipes" / "gitlab-ci.yml",
)
BAD, GOOD = TOP / "samples" / "forum-thread", TOP / "tests" / "properties" / "good"


def yaml(file: Path) -> Any:
    return YAML(typ="safe").load(file.read_text("utf-8"))


@pytest.mark.parametrize(
    ("file", "schema"), [(ACTION, "github-actions"), (WORKFLOW, "github-workflows"), (GITLAB, "gitlab-ci")]
)
def test_they_fit_the_schemas_of_their_makers(file: Path, schema: str):
    needed("check-jsonschema", there=util.find_spec("check_jsonschema") is not None)
    from check_jsonschema import main

    result = CliRunner().invoke(main, ["--builtin-schema", f"vendor.{schema}", str(file)])
    assert (0, "ok -- validation done\n") == (result.exit_code, result.output)


def test_zizmor_finds_nothing_in_action_and_workflow(tmp_path: Path):
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(WORKFLOW, workflows)
    shutil.copy(ACTION, tmp_path)
    command = [program("zizmor"), "--offline", "--persona", "auditor", "--format", "json", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (0, []) == (done.returncode, json.loads(done.stdout)), done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a bad deployment and a good one, and a folder of programs in which policy-lint is this one."""
    shutil.copytree(BAD, tmp_path / "bad")
    shutil.copytree(GOOD, tmp_path / "good")
    for place in ("temp/policy-lint/bin", ".policy-lint-venv/bin"):
        (tmp_path / place).mkdir(parents=True)
        linter = tmp_path / place / "policy-lint"
        code = "import sys; from policy.commands.main import lint; lint(prog_name='policy-lint')"
        linter.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{code}" "$@"\n')
        linter.chmod(0o755)
    return tmp_path


def shell(project: Path, script: str, **variables: str) -> tuple[int, str]:
    """Exit code and standard output of a script, run as a runner of CI runs one."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=project,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "" == done.stderr
    return done.returncode, done.stdout


def on_github(project: Path, **inputs: str) -> tuple[int, str]:
    """The last step of the action, with inputs put in as the runner does."""
    action = yaml(ACTION)
    step = action["runs"]["steps"][-1]
    given = {name: held["default"] for name, held in action["inputs"].items()} | {
        name.replace("_", "-"): text for name, text in inputs.items()
    }
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], text)
        for name, text in step["env"].items()
    }
    return shell(project, step["run"], RUNNER_TEMP=str(project / "temp"), **variables)


def test_the_action_annotates_and_writes_sarif(project: Path):
    code, told = on_github(project, paths="bad", sarif_file="out.sarif")
    assert 1 == code
    assert re.search(r"^::error file=bad/anonymous-profile\.json,line=5,", told, re.MULTILINE)
    sarif = json.loads((project / "out.sarif").read_text("utf-8"))
    assert "2.1.0" == sarif["version"]
    assert len(sarif["runs"][0]["results"]) == len(re.findall(r"^::(?:error|warning|notice) ", told, re.MULTILINE))


def test_the_action_passes_what_is_good(project: Path):
    assert 0 == on_github(project, paths="good")[0]
    assert {"good", "bad", "temp"} == {file.name for file in project.iterdir() if not file.name.startswith(".")}


def test_the_action_takes_options_and_several_paths(project: Path):
    code, told = on_github(project, paths="bad/permissions.json bad/orthanc.jsonc", options="--select CFG --exit-zero")
    assert 0 == code
    assert "anonymous-profile" not in told


@pytest.mark.parametrize("hostile", ["$(touch owned)", "`touch owned`", "; touch owned", '" ; touch owned #', "*"])
def test_an_input_of_the_action_is_never_run(project: Path, hostile: str):
    script = yaml(ACTION)["runs"]["steps"][-1]["run"]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=project,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "RUNNER_TEMP": str(project / "temp")}
        | {"PATHS": hostile, "OPTIONS": "", "SARIF": ""},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert 2 == done.returncode
    assert not (project / "owned").exists()


def on_gitlab(project: Path, **variables: str) -> tuple[int, str]:
    """The script lines of the job."""
    job = yaml(GITLAB)["policy-lint"]
    return shell(project, "\n".join(job["script"]), **(job["variables"] | variables))


def test_the_job_of_gitlab_reports_and_fails(project: Path):
    code, told = on_gitlab(project, POLICY_LINT_PATHS="bad")
    assert 1 == code
    assert "bad/anonymous-profile.json:5:9: error [anonymous-star]" in told
    [report] = yaml(GITLAB)["policy-lint"]["artifacts"]["reports"].values()
    found = json.loads((project / report).read_text("utf-8"))
    assert "anonymous-star" in {one["check_name"] for one in found}
    assert {"bad"} == {one["location"]["path"].partition("/")[0] for one in found}


def test_the_job_of_gitlab_passes_what_is_good(project: Path):
    assert 0 == on_gitlab(project, POLICY_LINT_PATHS="good")[0]


def test_the_job_of_gitlab_looks_into_nothing_of_its_own(project: Path):
    shutil.copytree(BAD, project / ".policy-lint-venv" / "lib" / "samples")
    shutil.rmtree(project / "bad")
    assert 0 == on_gitlab(project)[0]


def instructions() -> Iterator[tuple[str, str]]:
    """The Containerfile, as words and what follows them."""
    text = re.sub(r"^#.*\n", "", (TOP / "Containerfile").read_text("utf-8"), flags=re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


def test_the_container_is_small_and_nobody_in_particular():
    held = list(instructions())
    assert {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"} == {word for word, _ in held}
    bases = [rest.split()[0] for word, rest in held if word == "FROM"]
    assert [True, True] == [re.fullmatch(r"docker\.io/library/python:3\.\d+-slim", base) is not None for base in bases]
    last = held[max(number for number, (word, _) in enumerate(held) if word == "FROM") :]
    assert [["65532:65532"], [], ["policy-lint"]] == [
        [rest for word, rest in last if word == "USER"],
        [rest for word, rest in last if word == "RUN"],
        [json.loads(rest)[0] for word, rest in last if word == "ENTRYPOINT"],
    ]
    assert [] == [rest for word, rest in held if re.search(r"(?i)password|secret|token|api.?key", rest)]


def test_the_container_is_given_what_it_copies_and_no_more():
    copied = [
        name
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    ]
    assert [] == [name for name in copied if not (TOP / name).exists()]
    kept = {line[1:] for line in (TOP / ".containerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert kept == {name.removeprefix("./") for name in copied}
