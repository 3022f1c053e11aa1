"""Ask every command about every way to write a secret down: ``python -m tests.security.hunt [WAY]...``, some minutes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .everything import commands, linted, reports
from .planted import WAYS, plant
from .test_no_secret_is_printed import STRONG, leaks


def main(wanted: list[str]) -> int:
    """The number of ways that leak."""
    bad = 0
    for way in WAYS:
        if wanted and not any(word in way for word in wanted):
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            plant(way, STRONG, folder)
            outputs = [*reports(linted(folder)), *commands(folder)]
            found = leaks(iter(outputs), STRONG, folder)
        bad += bool(found)
        for line in found:
            print(f"{way}: {line[:400]}")
    print(f"{bad} of {len(WAYS)} ways leak")
    return bad


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
