"""Time and memory of policy-lint on single files that are large, deep, broken or strangely encoded.

    python benchmarks/large.py [CASE...]

Each row is one run of the whole program on one file: seconds of the processor, peak memory, exit code, and the findings
or what is said against the file.  Exit code 2 is an error of the input, with its place.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIMIT = 120
"""Seconds after which a run is ended."""
OWN = f"""\
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({LIMIT}, {LIMIT}))
from policy.commands.main import lint
sys.exit(lint(prog_name="policy-lint"))
"""


def orthanc(**options: object) -> str:
    """An orthanc.json with these options of the plugin, one value a line."""
    return json.dumps({"Authorization": {"WebServiceRootUrl": "http://auth:8000/", **options}}, indent=1)


def open_text(text: str) -> str:
    """An orthanc.json whose section of the plugin holds ``text``."""
    return '{"Authorization":{' + text + "}}"


def servers(count: int) -> str:
    """A valid configuration with a long list of DICOM nodes."""
    nodes = {f"node{n}": {"AET": f"AET{n}", "Host": f"10.0.0.{n % 250}", "Port": 104} for n in range(count)}
    options = {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    return json.dumps({"DicomModalities": nodes, "Authorization": options}, indent=2)


def roles(count: int, permissions: str = "permissions", labels: str = "authorized_labels") -> str:
    """A permissions.json with many roles."""
    row = {permissions: ["view", "download"], labels: ["*"]}
    return json.dumps({"roles": {f"role-{n}": row for n in range(count)}, "available-labels": []}, indent=2)


def encoded(name: str) -> bytes:
    """A small configuration in another encoding."""
    return orthanc(Name="@").replace("@", "\u00e9").encode(name)


CASES: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "valid orthanc.json, 1 MB": ("orthanc.json", lambda: servers(8_500)),
    "valid permissions.json, 1 MB": ("permissions.json", lambda: roles(6_000)),
    "1,000 different rules": (
        "orthanc.json", lambda: orthanc(Permissions=[["get", f"^/x{n}/[a-f0-9-]+$", "view"] for n in range(1_000)])
    ),
    "13,000 misspelt options": ("orthanc.json", lambda: orthanc(**{f"Permisions{n}": 1 for n in range(13_000)})),
    "12,000 misspelt role keys": ("permissions.json", lambda: roles(7_500, "permisions", "authorised_labels")),
    "60,000 doubled commas": ("orthanc.json", lambda: open_text(",\n".join(f'"K{n}": 1,' for n in range(60_000)))),
    "60,000 missing commas": ("orthanc.json", lambda: open_text("\n".join(f'"K{n}": 1' for n in range(60_000)))),
    "33,000 passwords": ("orthanc.json", lambda: json.dumps(
        {"RegisteredUsers": {f"user{n}": f"password{n}" for n in range(33_000)}, "Authorization": {}}, indent=1
    )),
    "1 MB of {]": ("orthanc.json", lambda: '{"Authorization":' + "{]" * 500_000),
    "1 MB of colons": ("orthanc.json", lambda: open_text(":" * 1_000_000)),
    "1 MB of numbers": ("orthanc.json", lambda: open_text('"x":[' + ",".join("1" * 500_000) + "]")),
    "depth 100,000": ("orthanc.json", lambda: open_text('"x":' + "[" * 100_000 + "]" * 100_000)),
    "100,000 rules": ("orthanc.json", lambda: orthanc(Permissions=[["get", f"^/x{n}$", "v"] for n in range(100_000)])),
    "20,000 rules, equal": ("orthanc.json", lambda: orthanc(Permissions=[["get", "^/x$", "view"]] * 20_000)),
    "a pattern of 9 MB": ("orthanc.json", lambda: orthanc(Permissions=[["get", "^/" + "a" * 9_000_000, "view"]])),
    "a file of 50 MB": ("orthanc.json", lambda: orthanc().ljust(50_000_000)),
    "1 MB of NUL": ("orthanc.json", lambda: b"\0" * 1_000_000),
    "NUL inside": ("orthanc.json", lambda: orthanc(Name="a\0b").replace("\\u0000", "\0")),
    "one service, 1 MB of YAML": ("compose.yml", lambda: (
        "services:\n  orthanc:\n    image: orthancteam/orthanc:25.9.0\n    environment:\n"
        + "".join(f'      VERBOSE_{n}: "1"\n' for n in range(45_000))
    )),
    **{
        name: ("orthanc.json", partial(encoded, name))
        for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "latin-1", "cp1252", "euc_jis_2004")
    },
}  # fmt: skip
"""Name of the case, of its file, and what the file holds."""


def measure(file: Path, environment: dict[str, str]) -> tuple[float, float, int | str, str]:
    """Seconds of CPU, peak memory in MB, exit code, and what came out in short."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        command = [sys.executable, "-c", OWN, "--no-config", "--format", "concise", str(file)]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        said = errors.read(400).decode(errors="replace").splitlines()
        found = sum(1 for _ in out)
    code: int | str = process.returncode if process.returncode >= 0 else "ended"
    told = said[0].replace(f"{file}", file.name) if said and code == 2 else f"{found} lines"
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code, told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time and memory of policy-lint on large files.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="beginnings of names (default: all)")
    parser.add_argument("--write", nargs=2, metavar=("CASE", "FILE"), help="only write the file of a case")
    asked = parser.parse_args()
    if asked.write:
        name, file = asked.write
        content = CASES[name][1]()
        Path(file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return
    wanted: list[str] = asked.cases
    print(f"{'case':<32} {'size':>9} {'CPU':>8} {'memory':>8} {'exit':>5}  what comes out")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number, (name, (file, _)) in enumerate(CASES.items()):
            if wanted and not any(name.startswith(one) for one in wanted):
                continue
            path = Path(folder, str(number), file)
            path.parent.mkdir()
            # By another process: the system counts the memory of this one as that of those that it starts.
            subprocess.run([sys.executable, __file__, "--write", name, str(path)], check=True)
            seconds, memory, code, told = measure(path, environment)
            print(
                f"{name:<32} {path.stat().st_size / 1e6:>6.2f} MB {seconds:>6.2f} s {memory:>5.0f} MB {code:>5}  {told[:90]}"
            )


if __name__ == "__main__":
    main()
