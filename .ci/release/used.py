"""What was built, installed and used: on each Python, with all extras, in a container's place, by the action."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

from release.built import TOP, Work
from release.places import Place, places
from release.running import Failed, run

_SAMPLES = TOP / "samples"
_ASKED = """
import json, os, sys
os.chdir(sys.argv[1])
import policy
decision = policy.load("clinic").decide("GET /modalities", "external-role")
print(json.dumps([sys.version.split()[0], policy.__version__, decision.effect, decision.reason]))
"""
_ANSWER = ["deny", "no-permission"]


def pythons(work: Work) -> str:
    """Wheel, then source archive, installed and used in a clean environment of each Python."""
    told = [
        f"NOT DONE: {place}" if isinstance(place, str) else _used(work, place)
        for place in places(work.folder / "roots")
    ]
    return "; ".join(told)


def _used(work: Work, place: Place) -> str:
    folder = place.folder(work.folder / f"python-{place.version}")
    shutil.rmtree(folder)
    shutil.copytree(_SAMPLES, folder)
    for file in (work.wheel, work.archive):
        shutil.copy(file, folder)
    environment = folder / "venv"
    run(*place.command(place.python, "-m", "venv", environment))
    install = (environment / "bin" / "python", "-m", "pip", "install", "-q", "--no-compile")
    run(*place.command(*install, folder / work.wheel.name))
    version = _working(place, environment)
    # What it needs is there already; the archive is built by this Python.
    run(*place.command(*install, "--no-deps", "--force-reinstall", folder / work.archive.name))
    _working(place, environment)
    return f"both work on {version}"


def _working(place: Place, environment: Path) -> str:
    """The version of the Python in which all of it works."""
    folder, programs = environment.parent, environment / "bin"
    version, ours, *answer = json.loads(run(*place.command(programs / "python", "-c", _ASKED, folder)))
    if not version.startswith(f"{place.version}.") or answer != _ANSWER:
        raise Failed(f"{version} answers {answer}")
    shown = run(*place.command(programs / "policy-lint", "--version"))
    if not re.fullmatch(rf"policy-lint {re.escape(ours)} \(tables of \d{{4}}-\d\d-\d\d\)\n", shown):
        raise Failed(f"--version says {shown}")
    run(*place.command(programs / "policy-lint", folder / "forum-thread"), status=1)
    run(*place.command(programs / "policy", "matrix", folder / "clinic"))
    if not (environment / "share" / "man" / "man1" / "policy-lint.1").exists():
        raise Failed("no manual page")
    return version


def extras(work: Work) -> str:
    """Every optional part from the wheel, and each used."""
    python = work.environment("extras", f"{work.wheel}[all]")
    run(work.tool("uv"), "pip", "check", "-q", "--python", python)
    run(python, "-c", "import duckdb, ibis, joserfc, lsprotocol, pygls, zstandard")
    log = _SAMPLES / "logs" / "nginx-access.log"
    run(python.parent / "policy", "replay", log, _SAMPLES / "clinic", status=(0, 1))
    run(python.parent / "policy", "lsp", "--help")
    return f"{len(work.installed(python))} packages fit together, replay and the language server start"


def container(work: Work) -> str:
    """The instruction RUN of the Containerfile with its folders moved, and its result used as nobody."""
    folder = work.folder / "container"
    shutil.rmtree(folder, ignore_errors=True)
    source, made = folder / "source", folder / "opt"
    source.mkdir(parents=True)
    lines = (work.source / "Containerfile").read_text("utf-8").splitlines()
    for line in lines:
        if line.startswith("COPY ") and not line.startswith("COPY --from"):
            for name in line.split()[1:-1]:
                here = work.source / name
                shutil.copytree(here, source / name) if here.is_dir() else shutil.copy(here, source)
    for line in lines:
        if line.startswith("RUN "):
            script = line.removeprefix("RUN ").replace("/opt/policy-lint", str(made))
            run("sh", "-c", script.replace("python ", f"{sys.executable} ", 1), cwd=source)
    shutil.copytree(_SAMPLES / "forum-thread", folder / "work")
    nobody = ["setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"] if os.geteuid() == 0 else []
    if nobody and not _open_to_all(folder):
        nobody = []
    run(*nobody, made / "bin" / "policy-lint", ".", status=1, cwd=folder / "work")
    size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file() and not file.is_symlink())
    return f"{size // 2**20} MB beside the base, run as {'nobody' if nobody else 'this user'}; no image was built"


def _open_to_all(folder: Path) -> bool:
    """Whether nobody in particular may enter, the Python that is linked to included."""
    ways = (folder, Path(sys.executable).resolve())
    return all(parent.stat().st_mode & 0o001 for way in ways for parent in way.parents)


def action(work: Work) -> str:
    """All steps of the GitHub action, as the runner gives them."""
    folder = work.folder / "action"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copytree(_SAMPLES / "forum-thread", folder / "deployment")
    (folder / "bin").mkdir()
    # Not a link: Python would not find its own files beside it.
    (folder / "bin" / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    (folder / "bin" / "python3").chmod(0o755)
    text = (work.source / "action.yml").read_text("utf-8")
    install, lint = re.findall(r"^      run: \|\n((?:        .*\n?)+)", text, re.MULTILINE)
    given = {
        "RUNNER_TEMP": str(folder), "GITHUB_ACTION_PATH": str(work.source), "PATHS": "deployment", "OPTIONS": "",
        "SARIF": "out.sarif", "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    run("bash", "-eo", "pipefail", "-c", install, cwd=folder, **given)
    told = run("bash", "-eo", "pipefail", "-c", lint, cwd=folder, status=1, **given)
    return f"{told.count('::error ')} errors annotated, {(folder / 'out.sarif').stat().st_size // 1024} kB of SARIF"
