"""Write schemas/*.schema.json from the tables; a test holds them equal."""

from __future__ import annotations

import json
from pathlib import Path

from policy.questions.schemas import NAMES, schema

FOLDER = Path(__file__).parent.parent / "schemas"


def texts() -> dict[str, str]:
    """The text of each file by its name."""
    return {f"{name}.schema.json": json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n" for name in NAMES}


if __name__ == "__main__":
    for file, text in texts().items():
        (FOLDER / file).write_text(text, "utf-8")
