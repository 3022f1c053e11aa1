"""Pythons to try: those of this machine, and one in a Debian of its own where this machine has none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Place:
    """A Python, and the root of the files that it sees."""

    version: str
    python: str
    root: Path | None = None

    def inside(self, path: Path) -> str:
        """A path as this Python sees it."""
        return str(path) if self.root is None else f"/{path.relative_to(self.root)}"

    def command(self, *words: str | Path) -> list[str]:
        """How to start a program there; paths are those of this machine."""
        seen = [self.inside(word) if isinstance(word, Path) else word for word in words]
        return seen if self.root is None else ["chroot", str(self.root), *seen]

    def folder(self, otherwise: Path) -> Path:
        """A folder to work in: ``otherwise``, or one below the root."""
        made = otherwise if self.root is None else self.root / "tmp" / "release" / otherwise.name
        made.mkdir(parents=True, exist_ok=True)
        return made


def places(roots: Path) -> Iterator[Place | str]:
    """For each version a place, or why there is none; Debian systems are made below ``roots``."""
    for version in VERSIONS:
        here = _here(version)
        yield Place(version, here) if here is not None else _debian(version, roots)


def _here(version: str) -> str | None:
    found = shutil.which(f"python{version}")
    candidates = [found] if found else []
    # What pyenv has, in the order of the versions.
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += [str(path) for path in sorted(home.glob(f"versions/{version}.*/bin/python"))]
    for candidate in candidates:
        told = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        if told.returncode == 0 and re.match(rf"Python {re.escape(version)}\.", told.stdout):
            return candidate
    return None


def _debian(version: str, roots: Path) -> Place | str:
    """Debian unstable with this Python; None of it touches the system around."""
    root = roots / f"debian-{version}"
    program = root / "usr" / "bin" / f"python{version}"
    if not program.exists():
        if shutil.which("debootstrap") is None or os.geteuid() != 0:
            return f"no Python {version} here, and no debootstrap to make one"
        mirror = _mirror()
        wanted = f"--include=python{version},python{version}-venv,ca-certificates"
        command = ["debootstrap", "--variant=minbase", wanted, "sid", str(root), *mirror]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode or not program.exists():
            shutil.rmtree(root, ignore_errors=True)
            return f"no Python {version} here, and Debian unstable has none for it"
    for file in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
        if Path("/", file).exists():
            shutil.copyfile(Path("/", file), root / file)
    return Place(version, f"/usr/bin/python{version}", root)


def _mirror() -> list[str]:
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    text = sources.read_text("utf-8") if sources.exists() else ""
    return re.findall(r"^URIs: *(\S+)", text, re.MULTILINE)[:1]
