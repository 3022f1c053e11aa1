"""Wheel, source archive and list of parts: how they are made."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from release.running import Failed, environment, run

TOP = Path(__file__).resolve().parents[2]
EPOCH = "1700000000"
"""Seconds; the date of all files inside."""


@dataclass(frozen=True)
class Work:
    """The folder of a run, and what pytest is given."""

    folder: Path
    tests: tuple[str, ...]

    @property
    def dist(self) -> Path:
        """Where what is released lies."""
        return self.folder / "dist"

    @property
    def source(self) -> Path:
        """The committed files."""
        return self.folder / "source-dist"

    @property
    def wheel(self) -> Path:
        """The wheel."""
        return next(self.dist.glob("*.whl"))

    @property
    def archive(self) -> Path:
        """The source archive."""
        return next(self.dist.glob("*.tar.gz"))

    def tool(self, name: str) -> Path:
        """A program that builds or looks at what was built; all are installed when the first is asked for."""
        programs = self.folder / "tools" / "bin"
        if not (programs / "uv").exists():
            python = environment(self.folder / "tools", sys.executable)
            run(python, "-m", "pip", "install", "-q", "build", "uv", "cyclonedx-bom", "pip-audit")
        return programs / name

    def environment(self, name: str, *packages: str | Path) -> Path:
        """The Python of a new environment with the packages in it; uv makes it, in a fraction of pip's time."""
        folder = self.folder / f"venv-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        run(self.tool("uv"), "venv", "-q", "--python", sys.executable, folder)
        run(
            self.tool("uv"),
            "pip",
            "install",
            "-q",
            "--python",
            folder / "bin" / "python",
            *packages,
        )
        return folder / "bin" / "python"

    def installed(self, python: Path) -> dict[str, str]:
        """What is in an environment: names with versions."""
        told = run(self.tool("uv"), "pip", "list", "-q", "--python", python, "--format", "json")
        return {one["name"]: one["version"] for one in json.loads(told)}


def build(work: Work) -> str:
    """Two builds of the committed files, byte for byte the same; the wheel is made from the archive."""
    sums = []
    for name in ("dist", "again"):
        source, out = work.folder / f"source-{name}", work.folder / name
        for folder in (source, out):
            shutil.rmtree(folder, ignore_errors=True)
        source.mkdir()
        run("git", "archive", "-o", work.folder / "committed.tar", "HEAD", cwd=TOP)
        run("tar", "xf", work.folder / "committed.tar", "-C", source)
        run(work.tool("python"), "-m", "build", "--outdir", out, source, SOURCE_DATE_EPOCH=EPOCH)
        sums.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.iterdir())})
    if sums[0] != sums[1]:
        raise Failed(f"two builds differ: {sums}")
    return "; ".join(
        f"{name} {(work.dist / name).stat().st_size // 1024} kB, twice sha256 {digest[:12]}"
        for name, digest in sums[0].items()
    )


def parts(work: Work) -> str:
    """The list of parts (SBOM, CycloneDX) of what a plain installation brings."""
    python = work.environment("parts", work.wheel)
    out = work.dist / "policy-lint.cdx.json"
    run(
        work.tool("cyclonedx-py"), "environment", python, "--pyproject", TOP / "pyproject.toml",
        "--output-reproducible", "--validate", "--of", "JSON", "-o", out,
    )  # fmt: skip
    held = json.loads(out.read_text("utf-8"))
    return f"{held['bomFormat']} {held['specVersion']}, {len(held['components'])} parts"


def audit(work: Work) -> str:
    """Known holes in these parts, where an advisory service can be asked."""
    frozen = work.folder / "frozen.txt"
    there = work.installed(work.environment("audit", work.wheel))
    lines = [f"{name}=={version}" for name, version in there.items() if name != "policy-lint"]
    frozen.write_text("\n".join(lines) + "\n", "utf-8")
    for service in ("pypi", "osv"):
        try:
            told = run(
                work.tool("pip-audit"), "--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json",
                "-r", frozen, "-s", service, status=(0, 1),
            )  # fmt: skip
            held = json.loads(told)["dependencies"]
        except (Failed, ValueError):
            continue  # the service could not be asked: such an end looks like one with holes, but for its output
        if any("vulns" not in one for one in held):
            continue  # a mirror that does not pass advisories on skips packages, and would look like a clean bill
        holes = {one["name"]: [hole["id"] for hole in one["vulns"]] for one in held if one["vulns"]}
        if holes:
            raise Failed(f"{service}: {holes}")
        return f"{service} knows no hole in {len(held)} packages"
    return f"NOT DONE for {len(lines)} packages: no advisory service could be asked"
