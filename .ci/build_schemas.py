"""Write schemas/*.schema.json and their list from the tables; a test holds them equal."""

from __future__ import annotations

import json
from pathlib import Path

from policy.questions.schemas import NAMES, different, schema

FOLDER = Path(__file__).parent.parent / "schemas"
_HEAD = """# Schemas

Made by `python .ci/build_schemas.py`; a test compares them.
`policy schema NAME --version-of-reader VERSION` prints that of one version.
Versions of `authorization` and `orthanc` are those of the Authorization plugin, the others those of the auth service.
[How to tell your editor](../docs/schemas.md).

| file | versions |
| --- | --- |
"""


def texts() -> dict[str, str]:
    """The text of each file by its name: the newest versions, older ones where they differ, and the list."""
    made: dict[str, str] = {}
    rows = []
    for name in NAMES:
        *older, newest = list(different(name)) or [None]
        rows.append(
            f"| [{name}](NAME) | {f'{newest[0]} and later' if newest else 'all'} |".replace("NAME", _file(name))
        )
        made[_file(name)] = _written(schema(name))
        for first, last, held in reversed(older):
            file = _file(f"{name}-{last}")
            made[file] = _written(held)
            rows.append(f"| [{name}-{last}]({file}) | {first if first == last else f'{first} to {last}'} |")
    return made | {"README.md": _HEAD + "\n".join(rows) + "\n"}


def _file(name: str) -> str:
    return f"{name}.schema.json"


def _written(held: object) -> str:
    return json.dumps(held, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    written = texts()
    for file in FOLDER.iterdir():
        if file.name not in written:
            file.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, "utf-8")
