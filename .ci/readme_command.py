"""Print a command of the README exactly as it stands there: ``readme_command.py sample|tests``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

COMMAND = re.compile(r"<!-- command: (?P<name>\w+) -->\s*```(?:sh|console)\n(?P<text>.*?)\n```", re.DOTALL)


def main() -> int:
    """Print it; exit status 1 if the README has no command of that name."""
    readme = Path(__file__).parent.parent / "README.md"
    for match in COMMAND.finditer(readme.read_text("utf-8")):
        if match["name"] == sys.argv[1]:
            print(match["text"])
            return 0
    print(f"the README has no command called {sys.argv[1]}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
