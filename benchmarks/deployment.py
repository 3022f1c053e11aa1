"""CPU time and peak memory of policy-lint on one compose file with many Orthanc services.

    python benchmarks/deployment.py [--services 10 100 300] [--write FOLDER]

Each service has some 7 kB of YAML: 40 variables and a configuration with 20 rules of its own, in ``ORTHANC_JSON``.
In the rows "alike" all services have the same rules, as a template gives them; in "different" no two have.
``--write`` writes the largest of the files into a folder instead, to be looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

RULES = 20
VARIABLES = 40
RUN = "import sys; from policy.commands.main import lint; sys.exit(lint(prog_name='policy-lint'))"


def service(number: int, *, alike: bool) -> str:
    """The text of one service."""
    name = "plugin" if alike else f"plugin-{number}"
    rules = [
        [
            ("get", "post", "put", "delete")[index % 4],
            f"^/{name}-{index}/(reports|images)/([a-f0-9-]+)(/(preview|file|attachments/.*))?$",
            "all|view" if index % 4 == 0 else "all|edit|upload",
        ]
        for index in range(RULES)
    ]
    configuration = {
        "Name": f"Orthanc {number}",
        "AuthenticationEnabled": False,
        "Plugins": ["/usr/share/orthanc/plugins"],
        "Authorization": {
            "WebServiceRootUrl": "http://auth:8000/",
            "WebServicePassword": f"change-me-{number}",
            "CheckedLevel": "studies",
            "StandardConfigurations": ["orthanc-explorer-2", "stone-webviewer"],
            "TokenHttpHeaders": ["api-key"],
            "ExtraPermissions": rules,
        },
        "DicomModalities": {
            f"modality{index}": [f"AET{index}", f"10.0.{number % 250}.{index}", 104] for index in range(20)
        },
    }
    lines = [
        f"  orthanc-{number}:",
        "    image: orthancteam/orthanc:25.9.0",
        "    environment:",
        '      STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"',
        *(f'      ORTHANC__SECTION_{index}__VALUE: "value {index}"' for index in range(VARIABLES)),
        "      ORTHANC_JSON: |",
        *(f"        {line}" for line in json.dumps(configuration, indent=1).splitlines()),
    ]
    return "\n".join(lines) + "\n"


def compose(services: int, *, alike: bool) -> str:
    """A compose file with that many services."""
    return "services:\n" + "".join(service(number, alike=alike) for number in range(services))


def measured(text: str) -> tuple[float, float, int]:
    """CPU seconds, peak memory in MB, and findings of one run."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "docker-compose.yml").write_text(text, "utf-8")
        command = [sys.executable, "-c", RUN, "--no-config", "--format", "json", folder]
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, stdout=output)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            findings = len(json.loads(output.read())["findings"])
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, findings


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, nargs="+", default=[10, 100, 300])
    parser.add_argument("--write", type=Path)
    wanted = parser.parse_args()
    if wanted.write is not None:
        (wanted.write / "docker-compose.yml").write_text(compose(max(wanted.services), alike=False), "utf-8")
        return 0
    print(f"{'services':>8}  {'rules':<9}  {'MB of YAML':>10}  {'CPU s':>6}  {'MB of memory':>12}  {'findings':>8}")
    for count in wanted.services:
        for alike in (True, False):
            text = compose(count, alike=alike)
            seconds, memory, findings = measured(text)
            kind = "alike" if alike else "different"
            print(f"{count:>8}  {kind:<9}  {len(text) / 1e6:>10.2f}  {seconds:>6.2f}  {memory:>12.0f}  {findings:>8}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
